"""What a node's network thread does beside handing messages on."""

from collections import deque
from types import SimpleNamespace

from vgp.parameters import Parameters
from vmesh.codec import encode
from vmesh.messages import Join, Member, Unlink
from vmesh.node import FAILED, Node
from vmesh.settings import Settings
from vmesh.transport import Received


def test_a_suspect_gets_one_new_connection_for_each_suspicion():
    """The old one may wait as long as the network was silent before it tries again; closing it twice would only lose messages."""
    forgotten = []
    node = SimpleNamespace(
        membership=SimpleNamespace(suspects=()), transport=SimpleNamespace(forget=forgotten.append), suspected=set()
    )
    silent = SimpleNamespace(address="10.0.0.2:7100")
    for suspects in ((), (silent,), (silent,), (), (silent,)):
        node.membership.suspects = suspects
        Node.renew_ways(node)
    assert forgotten == [silent.address] * 2


class Parts:
    """A node over parts that do nothing, and say what they were asked for."""

    def __init__(self):
        self.asked = []
        self.received = []
        self.island = SimpleNamespace(parameters=Parameters())
        self.evolution = SimpleNamespace(
            population=(), reports=deque(), failure=None, island=self.island, start=lambda: None, notify=lambda: None
        )
        self.membership = self.part("membership", active=(), suspects=(), me=ME, join=lambda seeds, now: ())
        self.exchange = self.part("exchange", emigrate_now=lambda names, now, peers: ())
        self.keeping = self.part("keeping", begin=lambda *_: None)
        self.moving = self.part("moving", when_moved=lambda tell: None)
        self.transport = SimpleNamespace(receive=self.receive, close=lambda: None)
        sockets = SimpleNamespace(wait=lambda timeout: None, wake=lambda: None)
        self.node = Node(
            Settings(), sockets, self.transport, self.membership, self.exchange, self.evolution, self.keeping, self.moving
        )
        server = SimpleNamespace(serve=lambda now: False, next_timer=lambda: 0.0)
        self.node.attend(server, SimpleNamespace(close=lambda: None), None)

    def part(self, name, **answers):
        def note(what, value=()):
            return lambda *_: (self.asked.append((name, what)), value)[1]

        silent = {what: note(what) for what in ("advance", "leave", "forget", "conclude", "receive")}
        return SimpleNamespace(**{**silent, "next_timer": lambda: 0.0, **answers})

    def receive(self):
        if not self.received:
            return None
        return Received(self.received.pop(0), "")


ME = Member("here/0", "127.0.0.1:7100", 1, 1, "127.0.0.1:7101")


def test_a_message_that_leads_to_an_error_is_counted_and_the_next_one_is_heard(caplog):
    parts = Parts()

    def receive(sender, message, now):
        if isinstance(message, Unlink):
            raise ZeroDivisionError
        parts.asked.append(message)
        return ()

    parts.membership.receive = receive
    parts.node.clock = lambda: 0.0  # writing a log takes its time, and hearing has a limit
    parts.received = [encode(ME, Unlink()), encode(ME, Unlink()), b"\xc1", encode(ME, Join())]
    parts.node.hear()
    assert parts.asked == [Join()]
    assert parts.node.refused["unforeseen"] == 2
    assert sum("led to an error" in record.message for record in caplog.records) == 1


def test_large_messages_leave_timers_and_administrators_their_turn():
    parts = Parts()
    parts.node.clock = iter(range(1000)).__next__  # each look at the clock a second later
    parts.received = [encode(ME, Join())] * 10
    parts.node.hear()
    assert 0 < len(parts.received) < 10


def test_an_unforeseen_error_does_not_cost_what_evolution_has_found():
    """Neither one in the network loop nor one more while the mesh is told; the launcher starts the worker again."""
    parts = Parts()

    def fail(*_):
        raise ZeroDivisionError

    parts.membership.advance = parts.exchange.emigrate_now = fail
    assert parts.node.run((), lambda: None) == FAILED
    assert ("keeping", "conclude") in parts.asked


def test_another_loss_makes_another_organism_the_best():
    parts = Parts()
    parts.node.settle()
    parts.node.settle()
    assert ("exchange", "forget") not in parts.asked
    parts.island.parameters = parts.island.parameters.replace(loss="absolute")
    parts.node.settle()
    parts.node.settle()
    assert parts.asked.count(("exchange", "forget")) == 1
