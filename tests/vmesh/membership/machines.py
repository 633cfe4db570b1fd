"""Machines for these tests, and a hand that carries their messages one by one."""

from random import Random

from vmesh.membership import Membership
from vmesh.messages import Member
from vmesh.outputs import Send
from vmesh.settings import Membership as Settings


def member(name, *, incarnation=1, nonce=None, address=None):
    """A member whose address follows from its name."""
    nonce = hash_of(name) if nonce is None else nonce
    return Member(name, address or f"{name}.test:1", incarnation, nonce, "")


def hash_of(name):
    return int.from_bytes(name.encode(), "big") % 2**61


def machine(name="me", *, seeds=(), now=0.0, seed=1, settings=None, **more):
    """A machine that has joined at `now`; what it sent then is dropped."""
    one = Membership(member(name, **more), settings or Settings(), Random(seed))
    one.join(list(seeds), now)
    return one


def with_neighbours(*names, now=0.0, settings=None, seed=1):
    """A machine whose neighbours are these."""
    from vmesh.messages import Link

    one = machine(now=now, settings=settings, seed=seed)
    for name in names:
        one.receive(member(name), Link(True), now)
    assert {other.name for other in one.active} == set(names)
    return one


def sent(outputs, kind=None):
    """(address, message) of what was sent, of one kind or all."""
    return [(o.address, o.message) for o in outputs if isinstance(o, Send) and (kind is None or isinstance(o.message, kind))]


def others(outputs, kind):
    """Outputs of a kind that are no messages."""
    return [output for output in outputs if isinstance(output, kind)]


def run_until(one, end, answer=None):
    """Lets time pass up to `end`, timer by timer; `answer(address, message)`: pairs (sender, message) that come back at once."""
    outputs = []
    while one.next_timer() <= end:
        now = one.next_timer()
        fresh = one.advance(now)
        while fresh:
            outputs += fresh
            replies = [reply for address, message in sent(fresh) for reply in (answer(address, message) if answer else ())]
            fresh = [output for sender, message in replies for output in one.receive(sender, message, now)]
    return outputs


class Hand:
    """Carries messages between machines in the order in which they were sent; time stands still."""

    def __init__(self, *machines):
        self.machines = {one.me.address: one for one in machines}
        self.carried = []

    def carry(self, origin, outputs, now=0.0, most=10_000):
        """Delivers these and all that follows from them."""
        waiting = [(origin, address, message) for address, message in sent(outputs)]
        while waiting:
            origin, address, message = waiting.pop(0)
            self.carried.append((origin.me.name, message))
            assert len(self.carried) < most, "they never stop talking"
            if address in self.machines:
                target = self.machines[address]
                waiting += [(target, to, more) for to, more in sent(target.receive(origin.me, message, now))]
