"""Failures of neighbours, found as in SWIM (Das 2002): ping, pings through others, suspicion with time to object, death.

Others are told of a suspicion and look for themselves; they never act on hearsay alone. Any sign of life from the member itself
ends a suspicion. Members that are no neighbours are merely forgotten when they do not answer.
"""

from vmesh.membership import links, probing, views
from vmesh.membership.state import NEVER, Neighbour, State
from vmesh.messages import DEAD, SUSPECT, Ack, IndirectAck, Member, Ping, Rumour, Unlink

DETOURS = 3  # probes in a row answered only through others, after which a link is of no use


def turn(state: State) -> None:
    """The timer: the next neighbour is pinged, and every suspect is told once more."""
    state.timers.ping = state.now + state.settings.ping_interval * (0.95 + 0.1 * state.random.random())
    for neighbour in state.active.values():
        if neighbour.suspected_until != NEVER:
            state.send(neighbour.member.address, Ping(state.number(), neighbour.member.incarnation))
            probing.probe(state, neighbour.member)  # in the end through others again: other ones than before
    while state.active:
        if not state.rota:
            state.rota = list(state.active)
            state.random.shuffle(state.rota)
        chosen = state.active.get(state.rota.pop())
        if chosen is not None:
            if chosen.suspected_until == NEVER:
                probing.probe(state, chosen.member)
            return


def ping(state: State, sender: Member, message: Ping) -> None:
    """Answers. Whoever takes us for a neighbour wrongly is told so; whoever was asked for a link and pings has accepted."""
    if message.suspected >= state.me.incarnation:
        state.rise(message.suspected)
    state.send(sender.address, Ack(message.sequence))
    if sender.name not in state.active:
        if sender.name in state.pending and len(state.active) < state.settings.active_size:
            links.up(state, sender)
        else:
            state.send(sender.address, Unlink())


def ack(state: State, sender: Member, message: Ack) -> None:
    """The answer to a probe of ours or of somebody else."""
    one = state.probes.get(message.sequence)
    if one is None:
        probing.relayed(state, sender, message)
    elif one.member.name == sender.name:
        del state.probes[message.sequence]
        if sender.name in state.active:
            state.active[sender.name].detours = 0


def indirect_ack(state: State, _: Member, message: IndirectAck) -> None:
    """The answer came through somebody else: it lives, but the way there may be broken."""
    one = state.probes.get(message.sequence)
    if one is None or not one.again or one.member.name != message.target.name:
        return
    del state.probes[message.sequence]
    neighbour = state.active.get(one.member.name)
    if neighbour is not None:
        neighbour.suspected_until = NEVER
        neighbour.detours += 1
        if neighbour.detours >= DETOURS:
            state.refused.add(one.member.name)
            links.let_go(state, one.member.name)
            links.seek(state)


def expire(state: State) -> None:
    """Probes without an answer, relays nobody waits for any more, suspects that did not object."""
    now = state.now
    for sequence, one in [(number, one) for number, one in state.probes.items() if one.deadline <= now]:
        if not one.again:
            probing.probe_again(state, sequence, one)
            continue
        del state.probes[sequence]
        if one.member.name in state.active:
            suspect(state, state.active[one.member.name])
        else:
            _give_up(state, one.member)
    for number in [number for number, relay in state.relays.items() if relay.deadline <= now]:
        del state.relays[number]
    for neighbour in [one for one in state.active.values() if one.suspected_until <= now]:
        declare_dead(state, neighbour)


def _give_up(state: State, member: Member) -> None:
    """A later incarnation that was heard of meanwhile gets its own chance."""
    known = state.passive.get(member.name)
    if known is None or known.incarnation <= member.incarnation:
        views.bury(state, member)


def suspect(state: State, neighbour: Neighbour) -> None:
    """It did not answer, neither us nor others. It and the neighbours hear of it."""
    if neighbour.suspected_until == NEVER:
        neighbour.suspected_until = state.now + state.settings.suspicion_time
        rumour = Rumour(neighbour.member, SUSPECT, 0)
        for one in state.active.values():
            state.send(one.member.address, rumour)


def declare_dead(state: State, neighbour: Neighbour) -> None:
    """It had time to object."""
    lose(state, neighbour.member, "dead")
    rumour = Rumour(neighbour.member, DEAD, links.NEWS_HOPS)
    for member in state.neighbours():
        state.send(member.address, rumour)


def lose(state: State, member: Member, reason: str) -> None:
    """A neighbour is gone for good: others are sought."""
    links.down(state, member.name, reason)
    views.bury(state, member, left=reason == "left")
    links.seek(state)
