"""Asking whether somebody is there, and answering: pings, and pings for others. What silence means is told in detection.py."""

from vmesh.membership.state import Probe, Relay, State
from vmesh.messages import Ack, IndirectAck, IndirectPing, Member, Ping

RELAYS = 64  # pings for others under way at a time; more are not begun


def probe(state: State, member: Member) -> None:
    """Pings a member, unless that is under way."""
    if any(one.member.name == member.name for one in state.probes.values()):
        return
    deadline = state.now + state.settings.ping_timeout
    sequence = state.number()
    state.probes[sequence] = Probe(member, deadline)
    state.wake(deadline)
    state.send(member.address, Ping(sequence, -1))


def probe_again(state: State, sequence: int, one: Probe) -> None:
    """A neighbour is asked through others, if there are any, and directly once more; the first answer counts."""
    one.again = True
    one.deadline = state.now + 2 * state.settings.ping_timeout
    name = one.member.name
    if name in state.active:
        for member in state.drawn(state.neighbours(name) or list(state.passive.values()), state.settings.indirect_pings):
            state.send(member.address, IndirectPing(sequence, one.member))
    state.send(one.member.address, Ping(sequence, -1))


def indirect_ping(state: State, sender: Member, message: IndirectPing) -> None:
    """Somebody gets no answer from that member."""
    target = message.target
    if target.name == state.me.name:
        state.send(sender.address, Ack(message.sequence))
    elif len(state.relays) < RELAYS:
        deadline = state.now + 2 * state.settings.ping_timeout
        sequence = state.number()
        state.relays[sequence] = Relay(sender.address, message.sequence, target, deadline)
        state.wake(deadline)
        state.send(target.address, Ping(sequence, -1))


def relayed(state: State, sender: Member, message: Ack) -> None:
    """The member that somebody else asked for has answered us."""
    relay = state.relays.get(message.sequence)
    if relay is not None and relay.member.name == sender.name:
        del state.relays[message.sequence]
        state.send(relay.origin, IndirectAck(relay.sequence, sender))
