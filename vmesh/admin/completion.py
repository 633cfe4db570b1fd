"""How a line that is being typed can go on, and what each way means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from vgp.errors import InputError
from vmesh.admin.arguments import Argument
from vmesh.admin.commands import COMMANDS, Command
from vmesh.admin.live_settings import LIVE, NAMES, full_name, words_of
from vmesh.admin.manuals import OWN, PICTURES, WATCHED, summary
from vmesh.admin.printing import text

ASKS_ALL, AS_JSON = "ask every worker of the mesh", "one line of JSON for each worker"


class Candidate(NamedTuple):
    """A word, and what it means in a few more."""

    word: str
    meaning: str = ""


def completions(
    before: str, workers: Mapping[str, str], settings: Mapping[str, Any] | None = None
) -> tuple[list[Candidate], int]:
    """How the last word of a line may go on, and how many characters of it stand there already.

    Args:
        before: the line up to the cursor.
        workers: admin addresses by name.
        settings: what the worker asked has now, by full name, as far as that is known.
    """
    words = before.split(" ")
    last, done = words[-1], [word for word in words[:-1] if word]
    while done and done[0] in ("all", "watch") and len(done) > 1:
        done = done[2:] if done[0] == "watch" and done[1][:1].isdigit() else done[1:]
        if not done:
            return [one for one in _commands(COMMANDS, *PICTURES) if one.word.startswith(last)], len(last)
    return [one for one in _candidates(done, last, workers, settings or {}) if one.word.startswith(last)], len(last)


def _commands(*names: Any) -> Iterator[Candidate]:
    for name in [*names[0], *names[1:]]:
        yield Candidate(name, summary(name))


def _candidates(done: list[str], last: str, workers: Mapping[str, str], settings: Mapping[str, Any]) -> Iterator[Candidate]:
    if not done:
        yield from _commands(COMMANDS, *OWN)
    elif done == ["all"]:
        yield from _commands(COMMANDS, "population")
    elif done == ["watch"]:
        yield from _commands(WATCHED, *PICTURES)
    elif done[0] == "help":
        yield from _commands(COMMANDS, *OWN) if len(done) == 1 else ()
    elif done[0] == "use":
        yield from (Candidate(*pair) for pair in workers.items()) if len(done) == 1 else ()
    elif done[0] == "chart":
        yield from (Candidate(*pair) for pair in CHARTS.items()) if len(done) == 1 else ()
    elif done[0] in COMMANDS:
        yield from _argument_candidates(COMMANDS[done[0]], done[1:], last, workers, settings)


def _argument_candidates(
    command: Command, done: list[str], last: str, workers: Mapping[str, str], settings: Mapping[str, Any]
) -> Iterator[Candidate]:
    options = {f"--{argument.name}": argument for argument in command.ARGUMENTS if argument.option}
    if done and done[-1] in options:
        yield from _values(options[done[-1]], last, workers, settings)
        return
    positional = [argument for argument in command.ARGUMENTS if not argument.option]
    for argument in positional if len(done) < 1 or any(argument.many for argument in positional) else ():
        yield from _values(argument, last, workers, settings)
    for option, argument in options.items():
        if argument.kind.gather:  # NAME=VALUE needs no --set
            yield from _values(argument, last, workers, settings)
        yield Candidate(option, argument.doc)
    yield Candidate("--json", AS_JSON)
    yield Candidate("--all", ASKS_ALL)


def _values(argument: Argument, last: str, workers: Mapping[str, str], settings: Mapping[str, Any]) -> Iterator[Candidate]:
    if argument.kind.gather and "=" in last:
        yield from _settings_values(last, settings)
        return
    for choice in argument.kind.choices:
        yield Candidate(choice, _setting_meaning(choice.rstrip("="), settings))
    if argument.kind.workers:
        yield from (Candidate(*pair) for pair in workers.items())
    if argument.kind.file:
        folder, _, start = last.rpartition("/")
        try:
            for path in sorted(Path(folder or ("/" if last.startswith("/") else ".")).iterdir()):
                if path.name.startswith(start):
                    yield Candidate(f"{folder + '/' if '/' in last else ''}{path.name}{'/' if path.is_dir() else ''}")
        except OSError:
            return


def _settings_values(last: str, settings: Mapping[str, Any]) -> Iterator[Candidate]:
    """After NAME=: the words that it takes, or else the value that it has."""
    written = last.partition("=")[0]
    try:
        name = full_name(written)
    except InputError:
        return
    knob = NAMES[name]
    now = text(settings[name]) if settings.get(name) not in (None, "") else ""
    words = words_of(name)
    if isinstance(settings.get(name), bool):
        now = str(settings[name]).lower()
    for word in words:
        yield Candidate(f"{written}={word}", "now" if word == now else "")
    default = text(knob.default) if not words and isinstance(knob.default, (int, float)) else ""
    if now and not words and " " not in now:
        yield Candidate(f"{written}={now}", f"now{_unit(name)}; {knob.metadata['doc']}")
    if default and default != now:
        yield Candidate(f"{written}={default}", f"default{_unit(name)}; {knob.metadata['doc']}")


def _setting_meaning(name: str, settings: Mapping[str, Any]) -> str:
    """What a setting is for, and what it is now. Other choices explain themselves."""
    if name not in NAMES:
        return ""
    now = f"{text(settings[name])}{_unit(name)}: " if name in settings else ""
    fixed = "" if name in LIVE else " (fixed at the start)"
    return f"{now}{NAMES[name].metadata['doc']}{fixed}"


def _unit(name: str) -> str:
    unit = NAMES[name].metadata["unit"]
    return f" {unit}" if unit else ""


CHARTS = {
    "loss": "the best loss since the worker began, logarithmic",
    "pace": "evaluations per second",
    "living": "organisms alive",
}
