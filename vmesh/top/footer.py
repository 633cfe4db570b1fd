"""The last row: a question, a message, the filter that is being typed, or the keys."""

from __future__ import annotations

from vmesh.drawing.cells import Row, clean, fitted
from vmesh.top.picture import Scene, items
from vmesh.top.state import DETAILS, HELP

KEYS = (
    ("q", "quit"), ("?", "help"), ("/", "filter"), ("<>", "sort"), ("Enter", "details"), ("p", "pause"), ("r", "resume"),
    ("c", "checkpoint"), ("d", "drain"), ("space", "freeze"), ("PRCD", "all"),
)  # fmt: skip
BACK = (("Esc", "back"), ("up down", "other worker"), *KEYS[5:9])


def footer(scene: Scene, columns: int) -> Row:
    """Exactly one row."""
    state = scene.state
    if state.asking is not None:
        question = state.asking.question(len(scene.known))
        return fitted([("ask", f" {clean(question)} y/n "), ("", " ")], columns)
    if state.typing:
        return fitted([("bold", f"/{clean(state.filter)}"), ("selected", " "), ("dim", "  Enter keeps, Esc clears")], columns)
    if state.message:
        return fitted([("bad" if state.failed else "good", clean(state.message))], columns)
    if state.page == HELP:
        return fitted([("bold", "Esc"), ("dim", " back")], columns)
    parts: list[Row] = [[("bold", key), ("dim", f" {word}")] for key, word in (BACK if state.page == DETAILS else KEYS)]
    if state.filter and state.page != DETAILS:
        parts.insert(0, [("warn", f"filter {clean(state.filter)}"), ("dim", ", Esc ends it")])
    return fitted(items(parts, columns, gap="  "), columns)
