"""How the ring finds its order: stabilise and notify of Chord (Stoica 2001), and names near the asker as in T-Man (Jelasity 2009).

Every turn the successor is told "I believe that I stand right before you". It answers with who it believes to stand there, and with
the names nearest to the asker that it knows. News is told to the successor as well, and whoever lost its place before us hears who
took it: so two rings that meet close like a zip, from all places where they touch. When the order stays, turns become rare.
"""

from heapq import nsmallest

from vmesh.membership import probing, ring, views
from vmesh.membership.state import State
from vmesh.messages import Member, Notify, Predecessor

NEAR = 4  # names after the asker that an answer brings
SETTLED = 4  # turns without a change after which they become rare
SILENT = 3  # turns after which a predecessor that says nothing is asked whether it is there


def turn(state: State) -> None:
    """Notifies the successor; whoever did not answer the last time is probed."""
    circle, limits = state.ring, state.settings
    circle.turned = state.now
    circle.settled += 1
    for one in circle.after[:1]:
        if one.name == circle.asked:
            circle.settled = 0
            probing.probe(state, one)
    circle.silent += 1
    if circle.silent >= SILENT and circle.before:
        circle.silent = 0
        probing.probe(state, circle.before[0])
    circle.asked = circle.after[0].name if circle.after else ""
    if circle.after:
        state.send(circle.after[0].address, Notify())
        if circle.settled == 1:  # what is new to us may be new to it
            _tell(state, circle.after[0])
    interval = limits.ping_interval if circle.settled < SETTLED else max(limits.shuffle_interval, limits.ping_interval)
    state.timers.ring = state.now + interval * (0.9 + 0.2 * state.random.random())


def notify(state: State, sender: Member, _: Notify) -> None:
    """Somebody believes to stand right before us."""
    circle = state.ring
    former = circle.before[0] if circle.before else sender
    views.learn(state, sender, evict=False)
    ring.consider(state, sender)
    if circle.before[0].name == sender.name:
        circle.silent = 0
        if former.name != sender.name:
            state.send(former.address, Predecessor(sender))
    _tell(state, sender)


def _tell(state: State, other: Member) -> None:
    candidates = {one.name: one for one in (*views.known(state), *state.ring.after, *state.ring.before)}
    candidates.pop(other.name, None)
    name = other.name
    near = nsmallest(NEAR, candidates.values(), key=lambda one: (one.name < name, one.name))
    before = state.ring.before[0] if state.ring.before else other
    state.send(other.address, Predecessor(before, tuple(near)))


def predecessor(state: State, sender: Member, message: Predecessor) -> None:
    """The successor's answer, or news from somebody else who stands near."""
    if sender.name == state.ring.asked:
        state.ring.asked = ""
    for member in (message.member, *message.nearby):
        views.learn(state, member, evict=False)
