"""What the page may do to a mesh, and what became of it, in words for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vgp.errors import InputError
from vgp.suggestions import did_you_mean
from vmesh.admin.arguments import checked
from vmesh.admin.commands import COMMANDS
from vmesh.admin.live_settings import LIVE, NAMES, flat, read_change, words_of
from vmesh.admin.protocol import plain
from vmesh.values import to_text
from vmesh.watch.feed import Done, Feed

PAST_TENSE = {
    "pause": "paused",
    "resume": "resumed",
    "checkpoint": "wrote a checkpoint",
    "parameters": "changed",
    "inject": "took in",
    "drain": "drained",
}
MOST_FORMULAS = 100
Plain = dict[str, Any]


def act(feed: Feed, request: Any) -> Plain:
    """Does what a browser asks for; {"done": [...], "summary": "..."}. Raises InputError for what is wrong, AdminError."""
    command, workers, arguments = _understood(request)
    done = feed.do(command, arguments, workers)
    return {"done": [plain(one) for one in done], "summary": summary(command, done)}


def _understood(request: Any) -> tuple[str, Sequence[str] | None, Mapping[str, Any]]:
    if not isinstance(request, dict):
        raise InputError("a request is a JSON object")
    command, workers, arguments = request.get("command"), request.get("workers"), request.get("arguments") or {}
    if not isinstance(command, str) or command not in PAST_TENSE:
        raise InputError(f"the page cannot {str(command)[:80]!r}; {did_you_mean(str(command)[:80], PAST_TENSE)}")
    if workers is not None and not (isinstance(workers, list) and workers and all(isinstance(name, str) for name in workers)):
        raise InputError("workers is a list of names, or null for all")
    if not isinstance(arguments, dict):
        raise InputError("arguments is an object")
    sent = _sent(command, arguments)
    checked(COMMANDS[command].ARGUMENTS, sent)
    return command, workers, sent


def _sent(command: str, arguments: Mapping[str, Any]) -> Plain:
    """Arguments as workers take them: values are typed on the page as on the command line."""
    if command == "parameters":
        changes = arguments.get("set")
        if not isinstance(changes, dict) or not changes:
            raise InputError("say which parameter is to have which value")
        return {"set": dict(read_change(f"{name}={value}") for name, value in changes.items())}
    if command == "inject":
        formulas = arguments.get("formulas")
        texts = [one.strip() for one in formulas if isinstance(one, str)] if isinstance(formulas, list) else []
        if not any(texts) or len(texts) > MOST_FORMULAS:
            raise InputError(f"write a formula, such as 2 * mass / radius ^ 2; at most {MOST_FORMULAS} at a time")
        return {"formulas": [one for one in texts if one]}
    return {}


def summary(command: str, done: Sequence[Done]) -> str:
    """One line: who did, who did not and why."""
    good, bad = [one for one in done if one.ok], [one for one in done if not one.ok]
    parts = []
    if good:
        parts.append(f"{_whom(good)} {PAST_TENSE[command]}{_what(command, good)}")
    if bad:
        errors = Counter(one.error for one in bad)
        reason, number = errors.most_common(1)[0]
        more = f" (and {len(errors) - 1} other reasons)" if len(errors) > 1 else ""
        parts.append(f"{_whom(bad)} did not: {reason}{more}" if number else "")
    return "; ".join(parts) or "there is no worker to ask"


def _whom(done: Sequence[Done]) -> str:
    return done[0].worker if len(done) == 1 else f"{len(done)} workers"


def _what(command: str, done: Sequence[Done]) -> str:
    if command == "inject":
        reports = [one.result for one in done if isinstance(one.result, Mapping)]
        taken = sum(_count(report, "accepted") for report in reports)
        held = sum(_count(report, "duplicate") for report in reports)
        refused = Counter[str]()
        for report in reports:
            refused.update(report.get("rejected") or {})
        known = f", {held} held already" if held else ""
        return f" {taken} formulas{known}{''.join(f', {number} refused: {why}' for why, number in refused.items())}"
    if command == "parameters":
        return ": " + ", ".join(f"{name} is now {to_text(value)}" for name, value in values_of(done[0].result).items())
    return ""


def values_of(answer: Any) -> Plain:
    """Settings by "section.name" of what a worker answers, whatever that is."""
    sections = answer if isinstance(answer, Mapping) else {}
    return flat({section: values for section, values in sections.items() if isinstance(values, Mapping)})


def _count(report: Mapping[str, Any], name: str) -> int:
    value = report.get(name)
    return value if isinstance(value, int) else 0


def settings(feed: Feed) -> Plain:
    """Every setting with its meaning, and the value where all workers have the same. Raises InputError, AdminError."""
    answers = [values_of(one.result) for one in feed.do("parameters", {}, None) if one.ok]
    rows = []
    for name, knob in NAMES.items():
        values = {to_text(answer[name]) for answer in answers if name in answer}
        rows.append(
            {
                "name": name,
                "section": name.partition(".")[0],
                "value": values.pop() if len(values) == 1 else None,
                "unit": knob.metadata["unit"],
                "meaning": knob.metadata["doc"],
                "live": name in LIVE,
                "choices": list(words_of(name)) or None,
            }
        )
    return {"settings": rows}
