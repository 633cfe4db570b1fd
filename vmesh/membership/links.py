"""The active view: links are asked for, accepted, refused and given up; HyParView (Leitao 2007).

Below `wanted` links they are sought eagerly, several at a time; between that and active_size now and then, so that the last free
places of a large mesh, which hardly find each other, cost next to nothing. Now and then the oldest link is exchanged for a new one.
"""

from vmesh.membership import probing, views
from vmesh.membership.state import NEVER, Neighbour, State
from vmesh.messages import ALIVE, Link, LinkReply, Member, Rumour, Unlink
from vmesh.outputs import LinkDown, LinkUp

FOOTHOLD = 2  # links that are asked for so that they cannot be refused
NEWS_HOPS = 3  # of the news of a member, which ends where it is known already or where there is no room for it


def wanted(state: State) -> int:
    """The number of links below which more are sought eagerly."""
    size = state.settings.active_size
    return size - size // 4 if size >= 4 else size


def seek(state: State) -> None:
    """Asks members of the passive view for links, unless enough were asked already or everyone refused since the last round."""
    missing = state.settings.active_size - len(state.active) - len(state.pending)
    eager = len(state.active) < wanted(state)
    if missing <= 0 or (not eager and len(state.refused) > 1) or len(state.refused) > 4 * state.settings.active_size:
        return
    free = [one for name, one in state.passive.items() if name not in state.pending and name not in state.refused]
    urgent = 0 if state.pending else FOOTHOLD - len(state.active)
    for i, member in enumerate(state.drawn(free, missing if eager else 1)):
        ask(state, member, urgent=i < urgent)


def ask(state: State, member: Member, urgent: bool) -> None:
    """Offers a link."""
    if member.name not in state.active and member.name not in state.pending:
        state.pending[member.name] = state.now + 2 * state.settings.ping_timeout
        state.wake(state.now + 2 * state.settings.ping_timeout)
        state.send(member.address, Link(urgent))


def round_of_seeking(state: State) -> None:
    """The timer: whoever refused may be asked again. A view that was made smaller gives up what is too much."""
    while len(state.active) > state.settings.active_size:
        let_go(state, state.random.choice(list(state.active)))
    state.refused.clear()
    seek(state)
    limits = state.settings
    eager = len(state.active) < wanted(state)
    state.timers.seek = state.now + (limits.ping_interval if eager else max(limits.shuffle_interval, limits.ping_interval))
    if len(state.active) >= limits.active_size:
        state.timers.seek = NEVER


def refresh(state: State) -> None:
    """The timer: a full view is mixed a little. An answer that finds it full makes the oldest link leave."""
    limits = state.settings
    state.timers.refresh = state.now + 12 * limits.shuffle_interval * (0.5 + state.random.random())
    if len(state.active) >= limits.active_size and state.passive:
        (member,) = state.random.sample(list(state.passive.values()), 1)
        ask(state, member, urgent=True)


def link(state: State, sender: Member, message: Link) -> None:
    """Somebody offers a link. It is accepted if there is room, if we asked for it too, or if it is urgent."""
    full = len(state.active) >= state.settings.active_size
    if sender.name in state.active:
        state.send(sender.address, LinkReply(True))
    elif not full or message.urgent or sender.name in state.pending:
        if full:
            let_go(state, state.random.choice(list(state.active)))
        state.send(sender.address, LinkReply(True))
        up(state, sender)
    else:
        views.learn(state, sender, evict=False)
        state.send(sender.address, LinkReply(False))


def link_reply(state: State, sender: Member, message: LinkReply) -> None:
    """The answer. One that comes late counts as long as there is room."""
    asked = state.pending.pop(sender.name, None) is not None
    if sender.name in state.active:
        if not message.accepted:
            down(state, sender.name, "unlinked")
    elif not message.accepted:
        state.refused.add(sender.name)
        seek(state)
    elif len(state.active) < state.settings.active_size:
        up(state, sender)
    elif asked:
        let_go(state, min(state.active, key=lambda name: state.active[name].since))
        up(state, sender)
    else:
        state.send(sender.address, Unlink())


def unlink(state: State, sender: Member, _: Unlink) -> None:
    """A neighbour needs its place for somebody else."""
    if sender.name in state.active:
        down(state, sender.name, "unlinked")
        views.learn(state, sender, evict=True)
        state.refused.add(sender.name)
        seek(state)


def up(state: State, member: Member) -> None:
    """A new neighbour. If it is new to us and the mesh is small, the neighbours hear of it."""
    state.pending.pop(member.name, None)
    news = views.learn(state, member, evict=False)
    state.passive.pop(member.name, None)
    state.active[member.name] = Neighbour(member, state.now)
    views.trim(state)
    state.out.append(LinkUp(member))
    state.timers.join = NEVER
    if news:
        for one in state.neighbours(member.name):
            state.send(one.address, Rumour(member, ALIVE, NEWS_HOPS))


def let_go(state: State, name: str) -> None:
    """Gives a living neighbour up: it stays in mind."""
    member = state.active[name].member
    state.send(member.address, Unlink())
    down(state, name, "unlinked")
    views.learn(state, member, evict=True)


def down(state: State, name: str, reason: str) -> None:
    """A neighbour less; others are sought at once or soon."""
    neighbour = state.active.pop(name)
    state.out.append(LinkDown(neighbour.member, reason))
    state.timers.seek = min(state.timers.seek, state.now + state.settings.ping_interval)
    state.wake(state.timers.seek)
    if not state.active:
        state.timers.join = min(state.timers.join, state.now + state.settings.join_interval)
        state.wake(state.timers.join)


def expire(state: State) -> None:
    """Whoever was asked and does not answer is probed, and others are asked."""
    late = [name for name, deadline in state.pending.items() if deadline <= state.now]
    for name in late:
        del state.pending[name]
        state.refused.add(name)
        if name in state.passive:
            probing.probe(state, state.passive[name])
    if late:
        seek(state)
