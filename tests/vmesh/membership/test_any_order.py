"""Chosen losses, orders, partitions, deaths: whatever happens, bounds hold, and when it is over the mesh is whole.

Hypothesis drives the simulated mesh; it shrinks what it finds to the shortest story.
"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.vmesh.membership.machines import machine, member, sent
from vmesh import messages
from vmesh.messages import RUMOURS
from vmesh.outputs import LinkDown, LinkUp, NameTaken
from vmesh.settings import Membership as Settings
from vmesh.simulation import Simulation

SMALL = Settings(active_size=3, passive_size=6, shuffle_size=4, shuffle_interval=2.0)
SEEDS = ["10.0.0.0:7100", "10.0.0.1:7100"]


class AnyOrder(RuleBasedStateMachine):
    """Two seeds that stay, and up to ten others."""

    def __init__(self):
        super().__init__()
        self.mesh = Simulation(seed=1, membership=SMALL)
        self.lives = {}
        for i in range(2):
            self.mesh.add(f"seed/{i}", SEEDS)

    @precondition(lambda self: len(self.mesh.workers) < 12)
    @rule(seeds=st.sampled_from([SEEDS, SEEDS[:1], SEEDS[1:]]))
    def add(self, seeds):
        self.mesh.add(f"w/{len(self.mesh.workers)}", seeds)

    @rule(rounds=st.floats(0.1, 12))
    def time_passes(self, rounds):
        self.mesh.rounds(rounds)

    @rule(index=st.integers(2, 11))
    def kill(self, index):
        if index < len(self.mesh.workers):
            self.mesh.kill([index])

    @rule(index=st.integers(2, 11))
    def go_on(self, index):
        """One that was stopped, perhaps for long, and taken for dead."""
        if index < len(self.mesh.workers) and not self.mesh.workers[index].left:
            self.mesh.wake(index)

    @rule(index=st.integers(2, 11))
    def leave(self, index):
        if index < len(self.mesh.workers) and self.mesh.workers[index].alive:
            self.mesh.leave(index)

    @rule(loss=st.sampled_from([0.0, 0.1, 0.5]))
    def lose(self, loss):
        self.mesh.loss = loss

    @rule(cut=st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30))
    def cut_ways(self, cut):
        self.mesh.passes = lambda origin, to: (origin, to) not in cut

    @rule(modulus=st.integers(1, 3))
    def part(self, modulus):
        self.mesh.passes = lambda origin, to: origin % modulus == to % modulus

    @invariant()
    def bounds_hold(self):
        for worker in self.mesh.workers:
            one = worker.machine
            assert len(one.active) <= 3 and len(one.active) + len(one.passive) <= 9
            names = [other.name for other in (*one.active, *one.passive)]
            assert len(set(names)) == len(names) and one.me.name not in names
            assert not any(isinstance(event, NameTaken) for event in worker.events)

    @invariant()
    def links_are_told(self):
        for worker in self.mesh.workers:
            told = set()
            for event in worker.events:
                (told.add if isinstance(event, LinkUp) else told.remove)(event.member.name)
            assert told == {one.name for one in worker.machine.active}

    def teardown(self):
        """Whatever it was, when the way is free again the mesh is whole."""
        self.mesh.loss, self.mesh.passes = 0.0, None
        end = self.mesh.now + 150
        while self.mesh.now < end and (self.mesh.largest_part() < 1.0 or self.mesh.ring_errors()):
            self.mesh.rounds(10)
        assert self.mesh.largest_part() == 1.0
        assert self.mesh.ring_errors() == 0


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))

members = st.builds(
    member,
    st.sampled_from(["a", "b", "c", "d", "me", "x/0"]),
    incarnation=st.integers(0, 3) | st.integers(0, 2**64 - 1),
    nonce=st.integers(0, 3) | st.integers(0, 2**64 - 1),
    address=st.sampled_from(["a.test:1", "b.test:1", "me.test:1", "nowhere:1"]),
)
lists = st.lists(members, max_size=12).map(tuple)
numbers = st.integers(0, 20) | st.integers(0, 2**64 - 1)
anything = st.one_of(
    st.builds(messages.Join),
    st.builds(messages.Welcome, lists),
    st.builds(messages.ForwardJoin, members, st.integers(0, 255)),
    st.builds(messages.Link, st.booleans()),
    st.builds(messages.LinkReply, st.booleans()),
    st.builds(messages.Unlink),
    st.builds(messages.Shuffle, lists),
    st.builds(messages.ShuffleReply, lists),
    st.builds(messages.Ping, numbers, st.integers(-1, 2**64 - 1)),
    st.builds(messages.Ack, numbers, numbers),
    st.builds(messages.IndirectPing, numbers, members),
    st.builds(messages.IndirectAck, numbers, members),
    st.builds(messages.Rumour, members, st.sampled_from(RUMOURS) | st.integers(0, 255), st.integers(0, 255)),
    st.builds(messages.Notify),
    st.builds(messages.Predecessor, members, lists),
)
events = st.lists(st.tuples(members, anything, st.floats(0, 5) | st.floats(0, 1e6)), max_size=60)


@given(events)
@settings(max_examples=300, deadline=None)
def test_any_messages_from_anybody_in_any_order(story):
    """A hostile insider: nothing raises, nothing grows without bound, one message never brings a flood."""
    one = machine(settings=SMALL, seeds=["a.test:1"])
    now, told = 0.0, set()
    for sender, message, step in story:
        now += step
        for outputs in (one.receive(sender, message, now), one.advance(now)):
            assert len(sent(outputs)) <= 40
            for event in outputs:
                if isinstance(event, LinkUp):
                    told.add(event.member.name)
                elif isinstance(event, LinkDown):
                    told.remove(event.member.name)
        assert told == {other.name for other in one.active}
        assert len(one.active) <= 3 and len(one.active) + len(one.passive) <= 9
        assert one.me.name not in {other.name for other in (*one.active, *one.passive)}
        assert one.me.incarnation <= 2**63
