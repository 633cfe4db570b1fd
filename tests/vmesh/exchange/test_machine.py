"""Whatever happens in whatever order: nothing grows without bound, nobody waits for ever, and what is handed over is whole."""

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.vmesh.exchange.world import COLUMNS, LIMIT, World, id_of, member, organism, record_of
from vmesh.exchange.waiting import IDS_MOST
from vmesh.messages import Credit, CreditRequest, Emigrants, Supply, Want
from vmesh.settings import SELECTIONS, TOPOLOGIES
from vmesh.settings import Exchange as Settings

NUMBERS = st.one_of(st.integers(0, 10), st.integers(0, 2**64 - 1))
RECORDS = st.one_of(
    st.binary(max_size=40),
    st.lists(st.integers(1, 50), max_size=4, unique=True).map(lambda values: record_of(*map(organism, values))),
    st.integers(1, 2**64 - 1).map(lambda callee: record_of(organism(1, callee))),
)
IDS = st.lists(st.integers(0, 2**64 - 1), max_size=5).map(tuple)
MESSAGES = st.one_of(
    st.builds(Emigrants, NUMBERS, st.sampled_from([COLUMNS, 0]), RECORDS),
    st.builds(Credit, NUMBERS),
    st.builds(CreditRequest, NUMBERS),
    st.builds(Want, IDS),
    st.builds(Supply, IDS, RECORDS),
)


class Anything(RuleBasedStateMachine):
    """Three workers, one hostile peer, and a network without manners."""

    @initialize(
        seed=st.integers(0, 1000),
        loss=st.sampled_from([0.0, 0.3, 0.9]),
        topology=st.sampled_from(TOPOLOGIES),
        selection=st.sampled_from(SELECTIONS),
        references=st.sampled_from(["travel", "ask"]),
    )
    def begin(self, seed, loss, **policies):
        self.policies = policies
        self.world = World("abc", seed=seed, loss=loss, copies=0.2, delay=0.5, patience=0.5, window=2, waiting=3,
                           edges="a>b b>a b>c c>b", **policies)
        self.value = 1000.0
        self.lives = 1

    def a_worker(self, place):
        names = sorted(self.world.workers)
        return self.world.workers[names[place % len(names)]]

    @rule(place=st.integers(0, 2), calls=st.booleans())
    def improve(self, place, calls):
        population = self.a_worker(place).population
        self.value *= 0.9
        leaf = population.add(organism(self.value + 5000), alive=False)
        population.add(organism(self.value, leaf) if calls else organism(self.value))

    @rule(place=st.integers(0, 2), slow=st.booleans())
    def slow_down(self, place, slow):
        self.a_worker(place).slow = slow

    @rule(place=st.integers(0, 2), peer=st.integers(0, 5), message=MESSAGES)
    def attack(self, place, peer, message):
        worker = self.a_worker(place)
        self.world.post(worker, worker.exchange.receive(member(f"x/{peer}"), message, self.world.now))

    @rule(place=st.integers(0, 2))
    def restart(self, place):
        name = self.a_worker(place).me.name
        self.world.kill(name[0])
        self.lives += 1
        self.world.start(name, self.lives)
        self.world.connect()

    @rule(window=st.integers(1, 3), emigrants=st.integers(1, 30))
    def configure(self, window, emigrants):
        changed = Settings(window=window, emigrants=emigrants, edges="a>b b>a b>c c>b", **self.policies)
        for worker in self.world.workers.values():
            worker.exchange.configure(changed)

    @rule(seconds=st.sampled_from([0.1, 0.5, 3.0, 3600.0]))
    def time_passes(self, seconds):
        self.world.step(seconds)

    @invariant()
    def nothing_grows(self):
        for worker in self.world.workers.values() if hasattr(self, "world") else ():
            status = worker.exchange.status()
            assert len(worker.population.inbox) <= worker.population.most
            assert status["waiting"] <= 64 and status["links"] <= 20 + self.lives
            assert 0 <= status["credits_used"] <= 3 * status["links"]
            assert all(link.incoming.held <= 3 for link in worker.exchange._links)
            assert worker.exchange._immigration.waiting.size <= 4 * LIMIT

    @invariant()
    def what_is_handed_over_can_be_read_and_misses_nothing(self):
        for worker in self.world.workers.values() if hasattr(self, "world") else ():
            assert all(worker.population.missing(record) == [] for _, record in worker.population.inbox)

    @invariant()
    def messages_are_bounded(self):
        if hasattr(self, "world"):
            assert all(len(m.record) <= LIMIT for m in self.world.messages(Emigrants) + self.world.messages(Supply))
            assert all(0 < len(m.ids) <= IDS_MOST for m in self.world.messages(Want))
            self.world.sent.clear()

    def teardown(self):
        """Once the network behaves and nobody is slow, the best known to the mesh reaches everyone."""
        if not hasattr(self, "world"):
            return
        self.world.lose(0.0)
        for worker in self.world.workers.values():
            worker.slow = False
        self.world.run(1)
        best = self.a_worker(0).population.add(organism(0.001))
        assert best == id_of(organism(0.001))
        self.world.run(25)
        assert {worker.population.best for worker in self.world.workers.values()} == {0.001}
        assert all(worker.exchange.status()["credits_used"] == 0 for worker in self.world.workers.values())


TestAnything = pytest.mark.filterwarnings("ignore")(Anything.TestCase)
TestAnything.settings = hypothesis_settings(max_examples=25, stateful_step_count=25)
