"""How the ring finds its order: stabilise and notify of Chord (Stoica 2001), and names near the asker as in T-Man (Jelasity 2009).

Every turn the successor is told "I believe that I stand right before you". It answers with who it believes to stand there, and with
the names nearest to the asker that it knows. That sorts a ring of any size in a few dozen turns; then the turns become rare.
"""

from heapq import nsmallest

from vmesh.membership import probing, ring, views
from vmesh.membership.state import State
from vmesh.messages import Member, Notify, Predecessor

NEAR = 4  # names after the asker that an answer brings
SETTLED = 4  # turns without a change after which they become rare
SILENT = 2  # turns after which a predecessor that says nothing is asked whether it is there


def turn(state: State) -> None:
    """Notifies the successor; whoever did not answer the last time is probed."""
    circle, limits = state.ring, state.settings
    silent = [one for one in circle.after[:1] if one.name == circle.asked]
    circle.silent += 1
    if circle.silent >= SILENT:
        silent += circle.before[:1]
    for one in silent:
        probing.probe(state, one)
    circle.settled = 0 if silent else circle.settled + 1
    circle.asked = circle.after[0].name if circle.after else ""
    if circle.after:
        state.send(circle.after[0].address, Notify())
    interval = limits.ping_interval if circle.settled < SETTLED else max(limits.shuffle_interval, limits.ping_interval)
    state.timers.ring = state.now + interval * (0.9 + 0.2 * state.random.random())


def notify(state: State, sender: Member, _: Notify) -> None:
    """Somebody believes to stand right before us."""
    views.learn(state, sender, evict=False)
    ring.consider(state, sender)
    before = state.ring.before
    if before and before[0].name == sender.name:
        state.ring.silent = 0
    nearest = before[0] if before else sender
    state.send(sender.address, Predecessor(nearest, tuple(_near(state, sender, nearest))))


def _near(state: State, asker: Member, told: Member) -> list[Member]:
    candidates = {one.name: one for one in (*views.known(state), *state.ring.after, *state.ring.before)}
    candidates.pop(asker.name, None)
    candidates.pop(told.name, None)
    name = asker.name
    return nsmallest(NEAR, candidates.values(), key=lambda one: (one.name < name, one.name))


def predecessor(state: State, sender: Member, message: Predecessor) -> None:
    """The successor's answer."""
    if sender.name == state.ring.asked:
        state.ring.asked = ""
    for member in (message.member, *message.nearby):
        views.learn(state, member, evict=False)
