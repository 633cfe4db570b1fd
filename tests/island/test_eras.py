"""A population that finds nothing better any more starts anew, and nothing that was found is lost."""

import numpy as np
import pytest

from tests.island.tables import CALLING, SMALL, genomes, started, state
from vgp.eras import luby
from vgp.island import Island
from vgp.parameters import Parameters

RESTARTING = SMALL.replace(restart_after=3)


def test_a_stagnant_population_starts_anew_and_fills_up():
    with started(RESTARTING, ticks=60) as island:
        records = island.statistics()
        assert records["era"][-1] >= 2
        assert (np.diff(records["era"].astype(int)) >= 0).all()
        assert (np.diff(records["tick"].astype(int)) == 1).all()
        assert len(island.living()) >= RESTARTING.population_size * RESTARTING.minimum_share
        assert island.check() is None


def test_eras_wait_as_long_as_the_universal_sequence_says():
    """Its terms are powers of two; in ticks each comes to as much as any smaller one (Luby, Sinclair, Zuckerman 1993)."""
    terms = [luby(number) for number in range(1, 64)]
    assert terms[:15] == [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]
    assert {term: terms.count(term) * term for term in set(terms)} == dict.fromkeys((1, 2, 4, 8, 16, 32), 32)
    with started(RESTARTING, ticks=200) as island:
        lengths = np.bincount(island.statistics()["era"].astype(int))[:-1]
        assert all(length >= RESTARTING.restart_after * luby(era + 1) for era, length in enumerate(lengths))


def test_without_patience_limit_there_is_one_era():
    with started(SMALL.replace(restart_after=0), ticks=60) as island:
        assert island.statistics()["era"][-1] == 0
        assert not island.living()["elder"].any()


def test_what_was_found_is_never_lost():
    with started(RESTARTING) as island:
        best, fronts = np.inf, []
        for _ in range(60):
            island.advance()
            front = island.front()
            assert front.best.loss <= best or front.best.loss <= island.rounding
            best = front.best.loss
            fronts.append({entry.id for entry in front})
            assert fronts[-1] <= set(genomes(island, "front"))
        assert island.latest()["era"] >= 2


@pytest.mark.parametrize("parameters", [RESTARTING, RESTARTING.replace(size_selection=1.0), RESTARTING.replace(tournament_size=1)])
def test_elders_have_no_more_children(parameters):
    with started(parameters) as island:
        for _ in range(60):
            elders = set(island.living()["id"][island.living()["elder"] > 0].tolist())
            island.advance()
            young = island.living()[island.living()["born"] == island.tick - 1]
            assert len(elders) < len(island.living())
            if elders and not set(elders) - set(island.living()["id"].tolist()):
                assert not set(young["parent_a"].tolist()) & elders
        assert island.latest()["era"] >= 2


def test_elders_that_are_beaten_are_prey():
    """Those that stay are the best of their size, or were just beaten."""
    with started(RESTARTING.replace(energy_decay=0.5), ticks=80) as island:
        living = island.living()
        best = {int(size): living["loss"][living["expanded"] == size].min() for size in living["expanded"]}
        elders = living[living["elder"] > 0]
        beaten = [one for one in elders if one["loss"] > best[int(one["expanded"])]]
        assert len(elders) and len(beaten) < len(elders) + 1
        assert len(elders) <= RESTARTING.max_size + len(beaten)


@pytest.mark.parametrize("parameters", [RESTARTING, CALLING.replace(restart_after=4)])
def test_a_run_with_a_checkpoint_is_the_run_without(parameters, tmp_path):
    with started(parameters, ticks=60) as island:
        expected = state(island)
        assert island.latest()["era"] >= 2
        dataset = island.dataset
    for ticks in (7, 23, 31):
        with started(parameters, ticks=ticks) as island:
            island.checkpoint(tmp_path / "state")
        with Island.resume(tmp_path / "state", dataset, sandbox="off") as island:
            assert island.check() is None
            island.advance(60 - ticks)
            assert state(island) == expected


def test_elders_never_take_the_place_of_the_young():
    """In a population as small as its front there are no restarts: the elders would be everybody."""
    with started(SMALL.replace(population_size=8, max_size=40, restart_after=3), ticks=200) as island:
        assert 2 * int(island.living()["elder"].sum()) <= 8
        assert island.check() is None


def test_the_population_can_be_resized_in_any_era():
    with started(RESTARTING, ticks=40) as island:
        assert island.latest()["era"] >= 1
        for size in (40, 200):
            island.update(population_size=size)
            assert island.check() is None
            island.advance(15)
            assert island.check() is None


def test_the_patience_is_checked():
    with pytest.raises(Exception, match="restart_after"):
        Parameters(restart_after=-1)
