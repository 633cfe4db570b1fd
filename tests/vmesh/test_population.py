"""The population behind exchange: real islands, a bounded inbox, and losses that only the receiver's own sandbox gives."""

from collections import deque
from random import Random

import numpy as np
import pytest

from tests.island.tables import CALLING as FEW
from tests.island.tables import SMALL, started, table
from tests.vmesh.exchange.world import Known, member
from vgp import genome
from vgp.errors import RecordError
from vgp.island import Island
from vmesh.exchange import Exchange
from vmesh.messages import Supply
from vmesh.population import IslandPopulation, columns_of
from vmesh.settings import Exchange as Settings

CALLING = FEW.replace(population_size=300, library_size=4000)  # room for more than one organism of each size


class Pair:
    """Two real islands that exchange over a network without faults."""

    def __init__(self, islands, **settings):
        self.members = [member("a/0"), member("b/0")]
        self.populations = [IslandPopulation(island) for island in islands]
        self.exchanges = [
            Exchange(me.name, Settings(**settings), population, Random(7))
            for me, population in zip(self.members, self.populations, strict=True)
        ]
        self.messages = []
        self.reports = []
        for i in (0, 1):
            self.exchanges[i].link_up(self.members[1 - i], 0.0)

    def step(self, now):
        under_way = deque()
        for i in (0, 1):
            peers = Known(active=(self.members[1 - i],))
            under_way += [(1 - i, out.message) for out in self.exchanges[i].advance(now, peers)]
        while under_way:
            to, message = under_way.popleft()
            self.messages.append(message)
            outputs = self.exchanges[to].receive(self.members[1 - to], message, now) + self.take_in(to, now)
            under_way += [(1 - to, out.message) for out in outputs]

    def take_in(self, to, now):
        outputs = []
        while (taken := self.populations[to].take()) is not None:
            delivery, record = taken
            report = self.populations[to].island.import_(record)
            self.reports.append(report)
            outputs += self.exchanges[to].taken_in(delivery, report, now)
        return outputs


@pytest.fixture
def islands():
    started_ones = [started(CALLING, ticks=15, seed=seed) for seed in (1, 2)]
    yield started_ones
    for island in started_ones:
        assert island.check() is None
        island.close()


@pytest.mark.parametrize("selection", ["best", "random", "diverse"])
@pytest.mark.parametrize("references", ["travel", "ask"])
def test_two_islands_share_their_best_and_evaluate_it_themselves(islands, selection, references):
    pair = Pair(islands, selection=selection, references=references)
    best = min(float(island.champions()["loss"][-1]) for island in islands)
    for i in range(40):
        pair.step(i * 0.1)
    assert [float(island.champions()["loss"][-1]) for island in islands] == [best, best]
    assert not sum(report.rejected.get("missing_reference", 0) for report in pair.reports)
    assert sum(exchange.counters.accepted for exchange in pair.exchanges) > 0
    if references == "travel":
        assert not [message for message in pair.messages if isinstance(message, Supply)]


def test_a_row_more_and_the_same_formula_has_another_loss_here():
    with started(ticks=5, dataset=table(seed=5)) as home, Island(table(seed=6), SMALL, sandbox="off") as abroad:
        abroad.import_(home.export("front"))
        here = {int(o["id"]): float(o["loss"]) for o in abroad.living()}
        there = {int(o["id"]): float(o["loss"]) for o in home.living()}
        assert here and all(here[id] != there[id] for id in here)


def test_the_inbox_is_bounded_in_number_and_bytes(islands):
    inbox = IslandPopulation(islands[0], most=3, most_bytes=100)
    assert [inbox.deliver(i, b"x" * 30) for i in range(5)] == [True, True, True, False, False]
    assert inbox.take() == (0, b"x" * 30) and len(inbox) == 2
    assert not inbox.deliver(9, b"x" * 41) and inbox.deliver(9, b"x" * 40)
    assert [inbox.take()[0] for _ in range(3)] == [1, 2, 9] and inbox.take() is None
    assert inbox.deliver(1, b"x" * 1000), "one that is larger than all must not wait for ever"
    assert not inbox.deliver(2, b"x")


def test_columns_are_names_and_target():
    hashes = {columns_of(table(names=names)) for names in (("a", "b", "c"), ("a", "b", "d"), ("b", "a", "c"), ("a", "bc", "d"))}
    assert len(hashes) == 4 and columns_of(table(seed=1)) == columns_of(table(seed=2)) < 2**64


def test_another_island_takes_the_place(islands):
    population = IslandPopulation(islands[0])
    population.deliver(1, b"record")
    population.use(islands[1])
    assert set(population.champions()["id"].tolist()) == set(islands[1].champions()["id"].tolist())
    assert population.take() == (1, b"record")


def test_samples_exports_and_what_is_missing(islands):
    population = IslandPopulation(islands[0])
    sample = population.standings(10, 3)
    assert len(set(sample["id"].tolist())) == 10 and (sample == population.standings(10, 3)).all()
    callers = islands[0].living()
    callers = callers[callers["calls"] > 0]["id"][:3].tolist()
    assert population.missing(population.export(callers)) == []
    with started(seed=9) as stranger:
        elsewhere = IslandPopulation(stranger)
        called = genome.decode_bundle(population.export(callers, callees=False), open=True).nodes
        called = set(called["payload"][called["op"] == 2].tolist()) - set(callers)
        missing = set(elsewhere.missing(population.export(callers, callees=False)))
        assert missing and called - set(stranger.living()["id"].tolist()) <= missing <= called
    with pytest.raises(RecordError):
        population.missing(b"nonsense")
    assert np.isfinite(population.champions()["loss"]).all()
