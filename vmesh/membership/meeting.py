"""Every message is a sign of life: what its sender's name, incarnation and nonce tell before the message itself is looked at."""

from vmesh.membership import links, ring, views
from vmesh.membership.state import LARGEST, NEVER, State
from vmesh.messages import ALIVE, DEAD, Member, Message, Rumour


def meet(state: State, sender: Member, message: Message) -> bool:
    """Brings what is known of the sender up to date. False: its message is not for us to act on."""
    name = sender.name
    if sender.incarnation >= LARGEST or (state.expelled and not _tolerated(state, sender)):
        return False
    neighbour = state.active.get(name)
    if neighbour is not None:
        if neighbour.member.nonce != sender.nonce:
            return _another_process(state, neighbour.member, sender)
        neighbour.suspected_until = NEVER
        if neighbour.member.incarnation < sender.incarnation:
            views.renew_neighbour(state, sender)
        return True
    if name in state.graves:
        return _from_the_grave(state, sender, message)
    known = state.passive.get(name)
    if known is not None and known.nonce != sender.nonce:
        return _another_process(state, known, sender)
    if known is not None and known.incarnation < sender.incarnation:
        state.passive[name] = sender
        ring.consider(state, sender)
    return True


def _tolerated(state: State, sender: Member) -> bool:
    """The process that was expelled stays out; another one of its name has a key of its own, or would not be heard."""
    nonce = state.expelled.get(sender.name)
    if nonce is not None and nonce not in (-1, sender.nonce):
        del state.expelled[sender.name]
        nonce = None
    return nonce is None


def _another_process(state: State, known: Member, sender: Member) -> bool:
    """Two lives with one name. Both hear of each other and settle it (namesake.py); here the later one counts."""
    later = sender.incarnation > known.incarnation
    if not later or sender.address != known.address:
        state.send(sender.address, Rumour(known, ALIVE, 0))
    if later:
        if sender.name in state.active:
            links.down(state, sender.name, "dead")
        views.forget(state, sender.name)
        views.learn(state, sender, evict=True)
    return later


def _from_the_grave(state: State, sender: Member, message: Message) -> bool:
    """In the same incarnation it is told, and can come back in a later one; then it is offered a link at once.

    After a partition that is how the two sides grow together again; one such link at a time, so that the views stay mixed. That
    it took us for dead as well is heard nevertheless, or neither could ever object.
    """
    grave = state.graves[sender.name]
    if sender.incarnation <= grave.member.incarnation:
        if isinstance(message, Rumour) and message.member.name == state.me.name:
            return True
        state.send(sender.address, Rumour(grave.member, DEAD, 0))
        return False
    views.learn(state, sender, evict=True)
    if not grave.left and state.now - state.mended >= state.settings.ping_interval:
        state.mended = state.now
        links.ask(state, sender, urgent=True)
    return True
