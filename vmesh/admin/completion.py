"""How a line that is being typed can go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from vmesh.admin.arguments import Argument
from vmesh.admin.commands import COMMANDS, Command
from vmesh.admin.manuals import OWN


def completions(before: str, workers: Mapping[str, str]) -> tuple[list[str], int]:
    """How the last word of a line may go on, and how many characters of it stand there already."""
    words = before.split(" ")
    last, done = words[-1], [word for word in words[:-1] if word]
    if done and done[0] == "all":
        done = done[1:] or ["all"]
    return [word for word in _candidates(done, last, workers) if word.startswith(last)], len(last)


def _candidates(done: list[str], last: str, workers: Mapping[str, str]) -> Iterator[str]:
    if not done:
        yield from [*COMMANDS, *OWN]
    elif done == ["all"]:
        yield from COMMANDS
    elif done[0] == "help":
        yield from [*COMMANDS, *OWN] if len(done) == 1 else ()
    elif done[0] == "use":
        yield from workers if len(done) == 1 else ()
    elif done[0] in COMMANDS:
        yield from _argument_candidates(COMMANDS[done[0]], done[1:], last, workers)


def _argument_candidates(command: Command, done: list[str], last: str, workers: Mapping[str, str]) -> Iterator[str]:
    options = {f"--{argument.name}": argument for argument in command.ARGUMENTS if argument.option}
    if done and done[-1] in options:
        yield from _values(options[done[-1]], last, workers)
        return
    positional = [argument for argument in command.ARGUMENTS if not argument.option]
    for argument in positional if len(done) < 1 or any(argument.many for argument in positional) else ():
        yield from _values(argument, last, workers)
    for option, argument in options.items():
        if argument.kind.gather:  # NAME=VALUE needs no --set
            yield from _values(argument, last, workers)
        yield option
    yield from ("--json", "--all")


def _values(argument: Argument, last: str, workers: Mapping[str, str]) -> Iterator[str]:
    yield from argument.kind.choices
    if argument.kind.workers:
        yield from workers
    if argument.kind.file:
        folder, _, start = last.rpartition("/")
        try:
            for path in sorted(Path(folder or ("/" if last.startswith("/") else ".")).iterdir()):
                if path.name.startswith(start):
                    yield f"{folder + '/' if '/' in last else ''}{path.name}{'/' if path.is_dir() else ''}"
        except OSError:
            return
