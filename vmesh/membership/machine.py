"""The state machine: events in, outputs out. What it does is told by the other files of this package; here is the order."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from vmesh import messages, settings
from vmesh.membership import detection, joining, links, namesake, probing, rumours, shuffling, stabilising, views
from vmesh.membership.meeting import meet
from vmesh.membership.state import State
from vmesh.messages import LEFT, Member, Message, Rumour
from vmesh.outputs import LinkDown, Output

HANDLERS: dict[type[Message], Callable[[State, Member, Any], None]] = {
    messages.Join: joining.join,
    messages.Welcome: joining.welcome,
    messages.ForwardJoin: joining.forward_join,
    messages.Link: links.link,
    messages.LinkReply: links.link_reply,
    messages.Unlink: links.unlink,
    messages.Shuffle: shuffling.shuffle,
    messages.ShuffleReply: shuffling.shuffle_reply,
    messages.Ping: detection.ping,
    messages.Ack: detection.ack,
    messages.IndirectPing: probing.indirect_ping,
    messages.IndirectAck: detection.indirect_ack,
    messages.Rumour: rumours.rumour,
    messages.Notify: stabilising.notify,
    messages.Predecessor: stabilising.predecessor,
}

TURNS: tuple[tuple[str, Callable[[State], None]], ...] = (
    ("ping", detection.turn),
    ("shuffle", shuffling.turn),
    ("ring", stabilising.turn),
    ("seek", links.round_of_seeking),
    ("join", joining.attempt),
    ("reach", joining.reach_out),
    ("refresh", links.refresh),
)


class Membership:
    """Who else is in the mesh, as one worker sees it.

    Args:
        me: this worker; its incarnation grows when it has to object to something.
        settings: intervals and sizes.
        random: the source of all choices; the same source and events give the same outputs.

    `now` is in seconds of any clock. An event later than it should be is taken for a pause of this process, and nobody is blamed.
    """

    __slots__ = ("_state",)

    def __init__(self, me: Member, settings: settings.Membership, random: Random) -> None:
        self._state = State(me, settings, random)

    # --- events ---

    def join(self, seeds: Sequence[str], now: float) -> list[Output]:
        """Looks for the mesh at these addresses, again and again as long as there is no neighbour; our own is not asked."""
        state = self._begin(now)
        state.seeds = tuple(dict.fromkeys(seeds))
        state.others = tuple(seed for seed in state.seeds if seed != state.me.address)
        joining.attempt(state)
        state.wake(state.timers.join)
        return state.out

    def receive(self, sender: Member, message: Message, now: float) -> list[Output]:
        """A message of the mesh, with numbers 1 to 15; others are ignored."""
        state = self._begin(now)
        handler = HANDLERS.get(type(message))
        if handler is None or state.over:
            return state.out
        if sender.name == state.me.name:
            namesake.receive(state, sender, message)
        elif meet(state, sender, message):
            handler(state, sender, message)
        return state.out

    def advance(self, now: float) -> list[Output]:
        """Does what is due."""
        state = self._begin(now)
        if now >= state.due and not state.over:
            timers = state.timers
            for name, turn in TURNS:
                if getattr(timers, name) <= now:
                    turn(state)
            if state.probes or state.relays or state.active:
                detection.expire(state)
            if state.pending:
                links.expire(state)
            namesake.expire(state)
            state.due = state.earliest()
        return state.out

    def leave(self, now: float) -> list[Output]:
        """Says goodbye. Nothing is said or heard afterwards. A worker whose name was taken only lets its neighbours go."""
        state = self._begin(now)
        farewell: Message = messages.Unlink() if state.name_taken else Rumour(state.me, LEFT, links.NEWS_HOPS)
        told = [*state.neighbours(), *state.ring.after[:1], *state.ring.before[:1]]
        for address in dict.fromkeys(member.address for member in told):
            state.send(address, farewell)
        state.out += [LinkDown(member, "unlinked") for member in state.neighbours()]
        state.active.clear()
        state.over = True
        return state.out

    def expel(self, name: str, now: float) -> list[Output]:
        """Its key was revoked: it is dropped, and neither it nor what others say of it brings it back."""
        state = self._begin(now)
        known = [one for one in (*views.known(state), *state.ring.after, *state.ring.before) if one.name == name]
        state.expelled[name] = known[0].nonce if known else -1
        if name in state.active:
            links.down(state, name, "expelled")
        views.forget(state, name)
        state.graves.pop(name, None)
        links.seek(state)
        return state.out

    def configure(self, settings: settings.Membership) -> None:
        """Other intervals and sizes from now on: whatever happens again and again does so within one of the new intervals."""
        state, timers = self._state, self._state.timers
        state.settings = settings
        timers.ping = min(timers.ping, state.now + settings.ping_interval)
        timers.ring = min(timers.ring, state.now + settings.ping_interval)
        timers.seek = min(timers.seek, state.now + settings.ping_interval)  # the sizes may be others
        timers.shuffle = min(timers.shuffle, state.now + settings.shuffle_interval)
        state.wake(timers.earliest())

    def next_timer(self) -> float:
        """When `advance` is due, at the latest."""
        return self._state.due

    def _begin(self, now: float) -> State:
        """A new event. One that comes much later than the next timer was due tells of a pause of our own."""
        state = self._state
        state.out = []
        state.now = now
        if state.born is None:
            state.begin(now)
        elif now - state.due > state.settings.ping_timeout:
            state.pause(now - state.due)
            state.due = now
        return state

    # --- what is known ---

    @property
    def me(self) -> Member:
        """This worker in its newest incarnation."""
        return self._state.me

    @property
    def active(self) -> tuple[Member, ...]:
        """The neighbours."""
        return tuple(self._state.neighbours())

    @property
    def passive(self) -> tuple[Member, ...]:
        """Others kept in mind."""
        return tuple(self._state.passive.values())

    @property
    def successor(self) -> Member | None:
        """Who comes after us on the ring of names."""
        after = self._state.ring.after
        return after[0] if after else None

    @property
    def suspects(self) -> tuple[Member, ...]:
        """Neighbours that do not answer, and still have time to object."""
        return tuple(one.member for one in self._state.active.values() if one.suspected_until != float("inf"))
