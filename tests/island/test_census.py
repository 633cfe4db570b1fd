"""What observers count of a running island, against slow twins: numpy over the organisms, and the records of all ticks."""

import numpy as np
import pytest

from tests.island.tables import started, table
from vgp.history import COUNTED
from vgp.parameters import Parameters
from vgp.statistics import CENSUS, DEATHS

FEW = Parameters(population_size=50, births_per_tick=5)


def slow_census(island):
    standings, tick = island.living(), island.tick
    values = {"age": tick - standings["born"].astype(int), "size": standings["size"], "energy": standings["energy"]}
    bins = {name: np.clip(np.searchsorted(CENSUS[name], values[name], side="right") - 1, 0, None) for name in CENSUS}
    return {name: np.bincount(at, minlength=len(CENSUS[name])) for name, at in bins.items()}


def test_the_census_counts_every_organism_in_its_bin():
    with started(Parameters(population_size=3000, births_per_tick=500), seed=1) as island:
        for _ in range(4):
            island.advance(10)
            counted, slow = island.census(), slow_census(island)
            for name in CENSUS:
                assert counted[name].tolist() == slow[name].tolist(), name
                assert np.count_nonzero(counted[name]) > 2, f"{name} is all in one place: the test sees nothing"


def test_more_organisms_than_are_looked_at_are_estimated():
    """The sum is exact, each bin within five standard deviations of the truth."""
    with started(Parameters(population_size=40_000, births_per_tick=20_000), seed=2) as island:
        island.advance(3)
        counted, slow = island.census(), slow_census(island)
        living = len(island.living())
        assert living > 16_384
        for name in CENSUS:
            assert counted[name].sum() == living
            spread = 5 * np.sqrt(slow[name] * living / 16_384) + 10
            assert (np.abs(counted[name].astype(int) - slow[name]) <= spread).all()


def test_bins_hold_their_lower_edge():
    """Newborns have the energy 1 and the best 2: both are edges, and belong to the bin that begins there."""
    with started(Parameters(population_size=100, births_per_tick=10, energy_income=5.0), seed=3) as island:
        assert island.census()["energy"][CENSUS["energy"].index(1)] == len(island.living())
        island.advance(20)
        at_cap = int((island.living()["energy"] == 2.0).sum())
        assert at_cap
        assert island.census()["energy"][CENSUS["energy"].index(2)] == at_cap


def test_totals_are_the_sums_of_all_records_and_survive_the_ring_of_records():
    with started(FEW, ticks=5000) as island:
        half = {name: island.statistics()[name].sum() for name in COUNTED}
        assert half["births"] > 5000
        for name in COUNTED:
            assert island.totals()[name] == pytest.approx(half[name]), name
        island.advance(6000)
        kept = island.statistics()
        assert len(kept) == 10_000
        later = kept[kept["tick"] > 5000]
        for name in COUNTED:
            assert island.totals()[name] == pytest.approx(half[name] + later[name].sum()), name
        assert island.totals()["living"] == island.latest()["living"]


def test_totals_count_whom_predators_ate_for_immigrants():
    with started(FEW, ticks=20) as island, started(FEW, ticks=20, seed=6) as other:
        before = island.totals()
        report = island.import_(other.export("all"), replace="predators")
        died = sum(int(island.totals()[f"deaths_{cause}"] - before[f"deaths_{cause}"]) for cause in DEATHS)
        assert report.accepted > 0
        assert died >= report.accepted - (50 - int(before["living"])) > 0
        island.advance()
        assert island.totals()["immigrants"] == before["immigrants"] + report.accepted


def test_totals_go_on_after_a_move_to_another_table():
    with started(FEW, ticks=30) as island:
        before = island.totals()
        with island.moved(table(rows=200, seed=9)) as successor:
            assert successor.totals()["births"] == before["births"] > 0
            successor.advance(30)
            assert successor.totals()["births"] > before["births"]
            assert island.totals()["births"] == before["births"]
