"""What a key does: the state after it, and what is to be done in the mesh, if the user has said yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from vmesh.top.columns import FALLING, ORDERS
from vmesh.top.state import DETAILS, HELP, TABLE, Request, State, told

#: By key: a small letter is for the selected worker, a capital for all.
COMMANDS = {"p": "pause", "r": "resume", "c": "checkpoint", "d": "drain"}
MOST_FILTER = 64


def press(state: State, key: str, names: Sequence[str], rows: int) -> tuple[State, Request | None]:
    """`names` are the workers shown, in their order; `rows` of them are in sight. A key is a character, or a word like "up"."""
    if key == "c-c":
        return replace(state, ended=True), None
    if state.asking is not None:
        return _answer(state, state.asking, key)
    if state.typing:
        return _type(state, key), None
    return _choose(told(state, ""), key, names, rows), None


def _choose(state: State, key: str, names: Sequence[str], rows: int) -> State:
    if key in MOVES:
        return _move(state, key, names, rows)
    if key in COMMANDS:
        return _ask(state, COMMANDS[key], names)
    if len(key) == 1 and key.lower() in COMMANDS:
        return replace(state, asking=Request(COMMANDS[key.lower()], None))
    return ACTIONS[key](state) if key in ACTIONS else state


def _answer(state: State, request: Request, key: str) -> tuple[State, Request | None]:
    if key in ("y", "Y"):
        return told(replace(state, asking=None), f"{request.command}: under way"), request
    if key in ("n", "N", "escape", "q"):
        return told(replace(state, asking=None), f"{request.command}: not done"), None
    return state, None  # a slip of the finger is neither


def _type(state: State, key: str) -> State:
    if key == "enter":
        return replace(state, typing=False)
    if key == "escape":
        return replace(state, typing=False, filter="")
    if key == "backspace":
        return replace(state, filter=state.filter[:-1], typing=bool(state.filter))
    if key == "c-u":
        return replace(state, filter="")
    if len(key) == 1 and key.isprintable():
        return replace(state, filter=(state.filter + key)[:MOST_FILTER])
    return state


def _ask(state: State, command: str, names: Sequence[str]) -> State:
    if not state.selected or (state.page == TABLE and state.selected not in names):
        return told(state, f"{command}: there is no worker selected", failed=True)
    return replace(state, asking=Request(command, state.selected))


MOVES: dict[str, Callable[[int, int, int], int]] = {
    "up": lambda place, rows, last: place - 1,
    "down": lambda place, rows, last: place + 1,
    "k": lambda place, rows, last: place - 1,
    "j": lambda place, rows, last: place + 1,
    "pageup": lambda place, rows, last: place - rows,
    "pagedown": lambda place, rows, last: place + rows,
    "home": lambda place, rows, last: 0,
    "end": lambda place, rows, last: last,
    "g": lambda place, rows, last: 0,
    "G": lambda place, rows, last: last,
}


def _move(state: State, key: str, names: Sequence[str], rows: int) -> State:
    """In the details of a worker, too: the next one's are shown."""
    if not names or state.page == HELP:
        return state
    place = min(max(MOVES[key](state.place, max(rows, 1), len(names) - 1), 0), len(names) - 1)
    return replace(state, place=place, selected=names[place])


def ordered_by(state: State, name: str) -> State:
    """By this column; once more: the other way round."""
    return replace(state, order=name, falling=not state.falling if name == state.order else FALLING[name])


def _next_order(state: State, step: int) -> State:
    name = ORDERS[(ORDERS.index(state.order) + step) % len(ORDERS)]
    return replace(state, order=name, falling=FALLING[name])


def _back(state: State) -> State:
    """Out of a page; from the table, out of the filter."""
    return replace(state, page=TABLE) if state.page != TABLE else replace(state, filter="")


def _quit(state: State) -> State:
    return replace(state, ended=True) if state.page == TABLE else _back(state)


def _turn(page: str) -> Callable[[State], State]:
    return lambda state: replace(state, page=TABLE if state.page == page else page)


ACTIONS: dict[str, Callable[[State], State]] = {
    "q": _quit,
    "f10": lambda state: replace(state, ended=True),
    "escape": _back,
    "backspace": _back,
    "enter": _turn(DETAILS),
    "?": _turn(HELP),
    "h": _turn(HELP),
    "f1": _turn(HELP),
    "/": lambda state: replace(state, typing=True, page=TABLE),
    " ": lambda state: replace(state, frozen=not state.frozen),
    "s": lambda state: _next_order(state, 1),
    ">": lambda state: _next_order(state, 1),
    "right": lambda state: _next_order(state, 1),
    "<": lambda state: _next_order(state, -1),
    "left": lambda state: _next_order(state, -1),
    "i": lambda state: replace(state, falling=not state.falling),
}
