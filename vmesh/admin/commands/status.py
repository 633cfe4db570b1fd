"""Shows how a worker does: its pace, its best loss, its neighbours, memory, checkpoint and data.

The formula is the one of the front that buys most accuracy for its size; `best` shows the most accurate one. With several workers,
one line each.
"""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, Table, clock, count, pairs, r2, size, text

SUMMARY = "How a worker does."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES = SLOW = False

HEADINGS = (
    *("worker", "state", "up", "tick", "evaluations", "per s", "living", "peers", "memory", "saved"),
    *("best loss", "R2", "recommended"),
)
WORDS = frozenset({"worker", "state", "recommended"})


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.status()


def printout(answers: Answers) -> list[Part]:
    if len(answers) == 1:
        return [pairs(_details(*next(iter(answers.items()))))]
    return [Table(HEADINGS, [_row(name, status) for name, status in answers.items()], WORDS)]


def _row(name: str, status: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        *(name, _state(status), clock(status.get("uptime")), text(status.get("tick")), count(status.get("evaluations"))),
        *(count(status.get("evaluations_per_second")), count(status.get("living")), text(status.get("active"))),
        *(size(status.get("memory_bytes")), clock((status.get("checkpoint") or {}).get("age"))),
        *(text(status.get("best_loss")), r2(status.get("best_r2")), text(status.get("best_formula"))),
    )


def _state(status: Mapping[str, Any]) -> str:
    return "draining" if status.get("draining") else "paused" if status.get("paused") else "running"


def _details(name: str, status: Mapping[str, Any]) -> list[tuple[str, str]]:
    checkpoint, data = status.get("checkpoint") or {}, status.get("data") or {}
    exchange = status.get("exchange") or {}
    return [
        ("worker", f"{name}  incarnation {text(status.get('incarnation'))}, version {text(status.get('version'))}"),
        ("addresses", f"mesh {text(status.get('address'))}, admin {text(status.get('admin'))}"),
        ("state", f"{_state(status)}, up {clock(status.get('uptime'))}, log level {text(status.get('log_level'))}"),
        ("evolution", f"tick {text(status.get('tick'))}, {count(status.get('evaluations'))} evaluations"
                      f" ({count(status.get('evaluations_per_second'))}/s), {count(status.get('living'))} living"),
        ("best", f"loss {text(status.get('best_loss'))}, R2 {r2(status.get('best_r2'))}"),
        ("recommended", text(status.get("best_formula"))),
        ("peers", f"neighbours: {text(status.get('active'))}, more known: {text(status.get('passive'))}"),
        ("exchange", ", ".join(f"{_flat(value)} {key}" for key, value in exchange.items()) or text(None)),
        ("memory", size(status.get("memory_bytes"))),
        ("checkpoint", _checkpoint(checkpoint)),
        ("data", f"{text(data.get('url'))}, version {text(data.get('version'))}: {text(data.get('rows'))} rows,"
                 f" columns {_flat(data.get('columns'))}"),
    ]


def _checkpoint(checkpoint: Mapping[str, Any]) -> str:
    if checkpoint.get("error"):
        return f"FAILED: {checkpoint['error']}"
    if not checkpoint.get("path") or checkpoint.get("age") is None:
        return "none in this life yet"
    return f"{checkpoint['path']}, {clock(checkpoint['age'])} ago"


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return " + ".join(f"{count(part)} {key}" for key, part in value.items()) or "0"
    return ", ".join(map(text, value)) if isinstance(value, list) else count(value)
