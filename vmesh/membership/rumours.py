"""What is said about members. Only what was news here is passed on, so a rumour ends by itself, soonest in a large mesh.

Hearsay about a neighbour makes us look for ourselves; hearsay about oneself is refuted by a later incarnation.
"""

from vmesh.membership import detection, links, namesake, probing, views
from vmesh.membership.state import HEARSAY, NEVER, State
from vmesh.messages import ALIVE, DEAD, LEFT, RUMOURS, SUSPECT, Join, Member, Rumour


def rumour(state: State, sender: Member, message: Rumour) -> None:
    """Somebody says something about somebody."""
    member = message.member
    if message.state not in RUMOURS or member.incarnation >= HEARSAY:
        return
    if member.name == state.me.name:
        _about_us(state, sender, message)
    elif member.name in state.active:
        _about_a_neighbour(state, sender, message)
    elif message.state == ALIVE:
        if views.learn(state, member, evict=False):
            _pass_on(state, sender, message)
    elif message.state in (DEAD, LEFT):
        _about_the_gone(state, sender, message)


def _about_us(state: State, sender: Member, message: Rumour) -> None:
    member = message.member
    if member.nonce != state.me.nonce and message.state in (ALIVE, SUSPECT):
        namesake.heard(state, member)
    elif message.state != ALIVE and member.incarnation >= state.me.incarnation:
        state.rise(member.incarnation)
        refutation = Rumour(state.me, ALIVE, 1 if message.state == SUSPECT else links.NEWS_HOPS)
        for one in (sender, *state.neighbours(sender.name)):
            state.send(one.address, refutation)
        if not state.active:  # the attempt to join was refused because of a former life
            state.send(sender.address, Join())


def _about_a_neighbour(state: State, sender: Member, message: Rumour) -> None:
    member = message.member
    neighbour = state.active[member.name]
    if message.state == ALIVE:
        if views.renew_neighbour(state, member):
            neighbour.suspected_until = NEVER  # it objected; what we ask ourselves will show whether its link is of use
            _pass_on(state, sender, message)
    elif member.incarnation < neighbour.member.incarnation:
        return
    elif message.state == LEFT and sender.name == member.name:
        detection.lose(state, neighbour.member, "left")
        _pass_on(state, sender, message)
    elif sender.name != member.name:
        probing.probe(state, neighbour.member)


def _about_the_gone(state: State, sender: Member, message: Rumour) -> None:
    member = message.member
    lives = (state.passive.get(member.name), *state.ring.after, *state.ring.before)
    known = [one for one in lives if one is not None and one.name == member.name]
    if any(member.incarnation >= one.incarnation for one in known):
        views.bury(state, member, left=message.state == LEFT)
        _pass_on(state, sender, message)


def _pass_on(state: State, sender: Member, message: Rumour) -> None:
    hops = min(message.hops, links.NEWS_HOPS) - 1
    if hops >= 0:
        further = Rumour(message.member, message.state, hops)
        for member in state.neighbours(sender.name, message.member.name):
            state.send(member.address, further)
