"""The two views and the graves: who is taken into mind, who leaves it, and what hearsay may change.

The views together hold at most active_size + passive_size members, so a mesh of up to that size is known completely.
"""

from itertools import islice

from vmesh.membership import namesake, ring
from vmesh.membership.state import LARGEST, Grave, State
from vmesh.messages import Member

GRAVES = 64  # remembered; the oldest is forgotten first


def learn(state: State, member: Member, evict: bool) -> bool:
    """Hearsay about a member. True: it was news, and there was room. `evict` makes room at the cost of a random other one."""
    name = member.name
    if name in state.active:
        renew_neighbour(state, member)
        return False
    known = state.passive.get(name)
    if known is not None:
        if member.incarnation > known.incarnation and believable(state, member):
            state.passive[name] = member
            ring.consider(state, member)
        return False
    return believable(state, member) and _take_in(state, member, evict)


def _take_in(state: State, member: Member, evict: bool) -> bool:
    state.graves.pop(member.name, None)
    ring.consider(state, member)
    limits = state.settings
    room = len(state.passive) + len(state.active) < limits.active_size + limits.passive_size
    if room or evict:
        state.passive[member.name] = member
        trim(state)
    return room


def trim(state: State) -> None:
    """Keeps the bound: random members leave the passive view, the newest stays."""
    passive, limits = state.passive, state.settings
    while len(passive) + len(state.active) > limits.active_size + limits.passive_size and len(passive) > 1:
        del passive[next(islice(passive, int(state.random.random() * (len(passive) - 1)), None))]


def believable(state: State, member: Member) -> bool:
    """Not oneself, not expelled, not buried, not talked up."""
    name = member.name
    if name == state.me.name:
        namesake.heard(state, member)
        return False
    grave = state.graves.get(name)
    if grave is not None and member.incarnation <= grave.member.incarnation:
        return False
    return name not in state.expelled and member.incarnation < LARGEST


def renew_neighbour(state: State, member: Member) -> bool:
    """True: a later incarnation of the same process; of another process with a neighbour's name only that one itself can tell."""
    neighbour = state.active[member.name]
    known = neighbour.member
    if known.nonce == member.nonce and known.incarnation < member.incarnation < LARGEST:
        neighbour.member = member
        ring.consider(state, member)
        return True
    return False


def forget(state: State, name: str) -> Member | None:
    """Out of the passive view, the ring and what was asked of it."""
    state.pending.pop(name, None)
    member = state.passive.pop(name, None)
    if ring.remove(state, name):
        for one in known(state):
            ring.consider(state, one)
    return member


def bury(state: State, member: Member, left: bool = False) -> None:
    """Out of mind until it comes back in a later incarnation. Neighbours are let go before (see links)."""
    forget(state, member.name)
    state.graves.pop(member.name, None)
    state.graves[member.name] = Grave(member, left)
    if len(state.graves) > GRAVES:
        del state.graves[next(iter(state.graves))]


def known(state: State) -> list[Member]:
    """Everyone in mind."""
    return [*state.neighbours(), *state.passive.values()]
