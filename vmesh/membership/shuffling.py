"""Partial views stay fresh and random: every member exchanges a part of its view with the one it has not heard from for longest.

Cyclon (Voulgaris 2005): whoever does not answer is probed and then forgotten. About a half of what is sent are neighbours, who were
heard a moment ago, so that news of the dead dies out.
"""

from vmesh.membership import probing, views
from vmesh.membership.state import State
from vmesh.messages import Member, Shuffle, ShuffleReply


def turn(state: State) -> None:
    """The timer: asks the next one."""
    limits = state.settings
    state.timers.shuffle = state.now + limits.shuffle_interval * (0.9 + 0.2 * state.random.random())
    if state.shuffled is not None:
        probing.probe(state, state.shuffled)
    target = _target(state)
    state.shuffled = target
    if target is not None:
        state.send(target.address, Shuffle(_part(state, target.name)))


def _target(state: State) -> Member | None:
    if state.passive:
        name = next(iter(state.passive))
        member = state.passive[name] = state.passive.pop(name)  # to the end
        return member
    neighbours = state.neighbours()
    return state.random.choice(neighbours) if neighbours else None


def _part(state: State, recipient: str) -> tuple[Member, ...]:
    size = state.settings.shuffle_size
    neighbours = state.drawn(state.neighbours(recipient), size // 2)
    others = state.drawn([one for one in state.passive.values() if one.name != recipient], size - len(neighbours))
    return (*neighbours, *others)


def shuffle(state: State, sender: Member, message: Shuffle) -> None:
    """Somebody's part for a part of ours."""
    state.send(sender.address, ShuffleReply(_part(state, sender.name)))
    _take_in(state, (*message.members, sender))


def shuffle_reply(state: State, sender: Member, message: ShuffleReply) -> None:
    """The part that was asked for; what nobody asked for is not taken in."""
    if state.shuffled is not None and state.shuffled.name == sender.name:
        state.shuffled = None
        _take_in(state, message.members)


def _take_in(state: State, members: tuple[Member, ...]) -> None:
    """As long as there is news and room for it, the next turn comes soon: a small mesh knows itself quickly."""
    news = False
    for member in members:
        news |= views.learn(state, member, evict=True)
    if news:
        state.timers.shuffle = min(
            state.timers.shuffle, state.now + state.settings.ping_interval * (0.1 + 0.2 * state.random.random())
        )
        state.wake(state.timers.shuffle)
