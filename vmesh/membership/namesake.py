"""Two processes with one name: who was there first stays.

Whoever hears of another process with its own name asks it whether it is alive, under a random number. Only the answer to that
counts, never what others say. It brings the age of the rival; the younger one has to go. A rival that does not answer was a former
life, whose incarnation is then exceeded.
"""

from vmesh.membership.state import LARGEST, Challenge, State
from vmesh.messages import ALIVE, Ack, Member, Message, Ping, Rumour
from vmesh.outputs import NameTaken

TRIES = 3
REMEMBERED = 16  # rivals that did not answer
SAME_AGE = 2000  # ms: within that the smaller nonce counts as the older, so that both sides judge alike


def heard(state: State, rival: Member) -> None:
    """Somebody speaks of, or as, a process with our name."""
    if rival.nonce == state.me.nonce:
        if rival.incarnation > state.me.incarnation:  # nobody else may raise it; exceeding it keeps us audible
            state.rise(rival.incarnation)
    elif rival.address == state.me.address or rival.nonce in state.unanswered:
        _exceed(state, rival)  # a former life: this address is ours now
    elif state.challenge is None and rival.incarnation < LARGEST:
        state.challenge = Challenge(rival, state.random.getrandbits(62) | 1 << 62, 0.0, 0)
        _ask(state, state.challenge)


def _ask(state: State, challenge: Challenge) -> None:
    challenge.tries += 1
    challenge.deadline = state.now + state.settings.ping_timeout
    state.wake(challenge.deadline)
    state.send(challenge.rival.address, Ping(challenge.sequence, -1))


def receive(state: State, sender: Member, message: Message) -> None:
    """Any message whose sender has our name."""
    if sender.nonce == state.me.nonce:
        return
    if isinstance(message, Ping):
        state.send(sender.address, Ack(message.sequence, _age(state)))
    challenge = state.challenge
    if isinstance(message, Ack) and challenge is not None and message.sequence == challenge.sequence:
        state.challenge = None
        _judge(state, sender, message.age)
    else:
        state.unanswered.pop(sender.nonce, None)
        heard(state, sender)


def _age(state: State) -> int:
    return max(0, int(1000 * (state.now - (state.born or 0.0))))


def _judge(state: State, rival: Member, age: int) -> None:
    mine = _age(state)
    if age > mine + SAME_AGE or (age > mine - SAME_AGE and rival.nonce < state.me.nonce):
        state.out.append(NameTaken(rival))
        state.name_taken = True
    else:
        _exceed(state, rival)


def _exceed(state: State, rival: Member) -> None:
    if rival.incarnation >= state.me.incarnation:
        state.rise(rival.incarnation)
        for member in state.neighbours():
            state.send(member.address, Rumour(state.me, ALIVE, 0))


def expire(state: State) -> None:
    """Asks again, or takes the rival for gone."""
    challenge = state.challenge
    if challenge is None or challenge.deadline > state.now:
        return
    if challenge.tries < TRIES:
        _ask(state, challenge)
        return
    state.challenge = None
    state.unanswered[challenge.rival.nonce] = None
    if len(state.unanswered) > REMEMBERED:
        del state.unanswered[next(iter(state.unanswered))]
    _exceed(state, challenge.rival)
