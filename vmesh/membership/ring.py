"""The order of the ring: the nearest known names before and after one's own. How they are found is told in stabilising.py.

Several names are kept on each side, so that the ring closes again when half of its members vanish at once.
"""

from collections.abc import Callable

from vmesh.membership.state import State
from vmesh.messages import Member

KEPT = 4  # names on each side
PAUSE = 0.1  # ping intervals between two turns, at least


def consider(state: State, member: Member) -> None:
    """Takes a member in if it stands near enough, in its newest incarnation."""
    me, name, ring = state.me.name, member.name, state.ring
    after, before = ring.after, ring.before
    # most are too far on both sides; this is asked for every member of every shuffle
    near = len(after) < KEPT or not between(me, after[-1].name, name)
    if near and _insert(after, member, lambda one, other: between(me, one, other)):
        changed(state)
    if len(before) < KEPT or not between(name, before[-1].name, me):
        _insert(before, member, lambda one, other: between(other, one, me))


def remove(state: State, name: str) -> bool:
    """It is no longer there. True: it stood in the ring."""
    ring = state.ring
    if not any(one.name == name for one in (*ring.after, *ring.before)):
        return False
    ring.after = [one for one in ring.after if one.name != name]
    ring.before = [one for one in ring.before if one.name != name]
    changed(state)
    return True


def changed(state: State) -> None:
    """The order is looked after at once, unless that was done a moment ago, and then often until it stays."""
    state.ring.settled = 0
    state.timers.ring = min(state.timers.ring, max(state.now, state.ring.turned + PAUSE * state.settings.ping_interval))
    state.wake(state.timers.ring)


def between(low: str, name: str, high: str) -> bool:
    """On the way up from low to high, where the ring may close in between."""
    return low < name < high if low < high else name > low or name < high


def _insert(names: list[Member], member: Member, nearer: Callable[[str, str], bool]) -> bool:
    """True: a new name is among them."""
    for i, one in enumerate(names):
        if one.name == member.name:
            names[i] = max(one, member, key=lambda life: life.incarnation)
            return False
        if nearer(member.name, one.name):
            names.insert(i, member)
            del names[KEPT:]
            return True
    if len(names) < KEPT:
        names.append(member)
        return True
    return False
