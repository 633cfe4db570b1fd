"""The page that explains the keys and what is shown."""

from __future__ import annotations

from vmesh.drawing.cells import Row, block, left
from vmesh.top.picture import Scene, rule

KEYS = (
    ("up down j k", "select a worker"),
    ("PgUp PgDn Home End", "scroll"),
    ("s  <  >  left right", "sort by another column"),
    ("i", "the other way round"),
    ("/", "filter: words in names and states; Enter keeps, Esc clears"),
    ("Enter", "the selected worker's details"),
    ("p  r  c  d", "pause, resume, checkpoint, drain the selected worker"),
    ("P  R  C  D", "the same for all workers; each asks first"),
    ("space", "freeze what is shown, and go on"),
    ("? h F1", "this page"),
    ("q F10 Ctrl-C", "quit; the mesh goes on"),
)
WORDS = (
    ("front", "the best formula of each size in the whole mesh; the marked one is recommended"),
    ("evals/s, pace", "organisms evaluated in a second, now and over the last seconds"),
    ("best loss", "the least error that a worker has found"),
    ("deaths", "starved: out of energy; eaten: taken by that kind of predator for want of room"),
    ("memory", "worker and sandbox together, and their limit"),
    ("cpu", "cores that worker and sandbox keep busy"),
    ("saved", "time since the last checkpoint; FAILED: see the worker's details"),
    ("sent, accept", "organisms that went to neighbours, and that joined from them"),
)


def manual(scene: Scene, columns: int, height: int) -> list[Row]:
    """Keys first, then words."""
    rows: list[Row] = [rule("keys", columns)]
    rows += [[("bold", left(keys, 21)), ("", meaning)] for keys, meaning in KEYS]
    rows += [rule("what is shown", columns)]
    rows += [[("bold", left(word, 21)), ("", meaning)] for word, meaning in WORDS]
    return block(rows, columns, height)
