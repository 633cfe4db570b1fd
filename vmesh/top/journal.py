"""The last lines of the workers' logs."""

from __future__ import annotations

import time

from vmesh.drawing.cells import Row, block, clean, left
from vmesh.top.picture import Scene, rule
from vmesh.watch.view import Said

LEVEL_STYLES = {"WARNING": "warn", "ERROR": "bad", "CRITICAL": "bad", "DEBUG": "dim"}
NAME = 16


def journal(scene: Scene, columns: int, height: int) -> list[Row]:
    """The newest at the bottom; of the selected worker alone where its details are shown."""
    rows = [rule("log", columns), *lines(scene, None, height - 1)]
    return block(rows, columns, height)


def lines(scene: Scene, worker: str | None, most: int) -> list[Row]:
    """The last ones of a worker, or of all."""
    said = [line for line in scene.trends.lines if worker is None or line.worker == worker]
    return [_row(line, worker is None) for line in said[-most:]] if most > 0 else []


def _row(line: Said, name: bool) -> Row:
    style = LEVEL_STYLES.get(line.level.upper(), "")
    who: Row = [("", left(clean(line.worker), NAME) + " ")] if name else []
    return [("dim", moment(line.time) + " "), *who, (style, f"{left(clean(line.level), 7)} {clean(line.text)}")]


def moment(when: float) -> str:
    """The hour of a time in seconds since 1970, whatever a worker may have written."""
    try:
        return time.strftime("%H:%M:%S", time.localtime(when))
    except (OverflowError, ValueError, OSError):
        return "--:--:--"
