"""Into the mesh: through several seeds, so that none holds a part of the mesh alone; and together again after a partition."""

from collections.abc import Sequence

from vmesh.membership import links, views
from vmesh.membership.state import NEVER, State
from vmesh.messages import ForwardJoin, Join, Member, Welcome

SEEDS = 4  # asked at a time
WALKS = 3  # of the news of one newcomer, from each seed
WELCOME = 64  # members in an answer, at most


def attempt(state: State) -> None:
    """The timer while there is no neighbour: asks seeds, and one of those thought dead."""
    state.timers.join = NEVER if state.active else state.now + state.settings.join_interval
    if not state.active:
        graves = [grave.member.address for grave in state.graves.values() if not grave.left]
        for address in [*_drawn(state, state.others, SEEDS), *_drawn(state, graves, 1)]:
            state.send(address, Join())


def _drawn(state: State, addresses: Sequence[str], most: int) -> list[str]:
    return list(addresses) if len(addresses) <= most else state.random.sample(addresses, most)


def reach_out(state: State) -> None:
    """The timer in the mesh: a seed or a member that vanished may be there again. One question, whatever the size of the mesh.

    Seeds look for each other for ever, others only while they know fewer than they could: so the seeds' load stays bounded.
    """
    state.timers.reach = state.now + 10 * state.settings.ping_interval * (0.75 + 0.5 * state.random.random())
    limits = state.settings
    addresses = [grave.member.address for grave in state.graves.values() if not grave.left]
    small = len(state.active) + len(state.passive) < limits.active_size + limits.passive_size
    if small or state.me.address in state.seeds:
        present = {member.address for member in views.known(state)}
        absent = [seed for seed in state.others if seed not in present]
        addresses = absent if absent and (not addresses or state.random.random() < 0.5) else addresses
    if addresses:
        state.send(state.random.choice(addresses), Join())


def join(state: State, sender: Member, _: Join) -> None:
    """A newcomer, or somebody from the other side of a partition: it gets members to begin with, and the news of it walks off."""
    members = [one for one in views.known(state) if one.name != sender.name]
    views.learn(state, sender, evict=True)
    state.send(sender.address, Welcome(tuple(state.drawn(members, WELCOME))))
    for member in state.drawn(state.neighbours(sender.name), WALKS):
        state.send(member.address, ForwardJoin(sender, state.settings.walk_length))


def welcome(state: State, sender: Member, message: Welcome) -> None:
    """A seed's answer. If those in it are all strangers, this was another mesh until now: a link joins the two."""
    strangers = sender.name not in state.active and not any(
        one.name == state.me.name or one.name in state.active or one.name in state.passive for one in message.members
    )
    for member in message.members:
        views.learn(state, member, evict=True)
    views.learn(state, sender, evict=True)
    if strangers and state.active:
        links.ask(state, sender, urgent=True)
    links.seek(state)


def forward_join(state: State, sender: Member, message: ForwardJoin) -> None:
    """News of a newcomer: it walks on, or ends here with a link."""
    newcomer, hops = message.newcomer, min(message.hops, state.settings.walk_length)
    further = state.neighbours(sender.name, newcomer.name)
    ends = hops <= 0 or not further
    views.learn(state, newcomer, evict=ends)
    if not ends:
        state.send(state.random.choice(further).address, ForwardJoin(newcomer, hops - 1))
    elif newcomer.name in state.passive and len(state.active) < state.settings.active_size:
        links.ask(state, newcomer, urgent=False)
