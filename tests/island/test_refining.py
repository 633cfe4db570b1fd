"""Newborns whose constants are tuned: the store stays sound, the run reproducible, and the work is counted."""

import numpy as np
import pytest

from tests.island.tables import CALLING, SMALL, genomes, started, state, table
from vgp.layout import CONSTANT
from vgp.parameters import Parameters

TUNED = SMALL.replace(tuning_share=0.5, tuning_steps=4, tuning_rows=32)


@pytest.mark.parametrize("parameters", [TUNED, CALLING.replace(tuning_share=1.0), TUNED.replace(precision="float64")])
def test_the_store_stays_sound_and_losses_are_those_of_the_genomes(parameters):
    with started(parameters, ticks=25) as island:
        island.check()
        records = island.statistics()
        assert 0 < records["improved"].sum() <= records["tunings"].sum()
        assert (records["tunings"] <= np.ceil(parameters.tuning_share * parameters.births_per_tick)).all()
        living, held = island.living(), genomes(island)
        nodes = [held[int(id)] for id in living["id"]]
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in nodes])]).astype(np.uint32)
        again = island.sandbox.evaluate(np.concatenate(nodes), offsets, resolve=held.get)
        assert np.array_equal(again["loss"], living["loss"])


def test_runs_with_the_sandbox_and_without_are_the_same():
    assert state_of(TUNED, "on") == state_of(TUNED, "off") != state_of(TUNED.replace(tuning_share=0.0), "off")


def state_of(parameters: Parameters, sandbox: str):
    with started(parameters, ticks=20, sandbox=sandbox) as island:
        return state(island)


@pytest.mark.parametrize("off", [{"tuning_share": 0.0}, {"tuning_steps": 0}])
def test_tuning_can_be_turned_off(off):
    with started(SMALL.replace(**off), ticks=5) as island:
        assert island.statistics()["tunings"].sum() == 0


def test_a_loss_written_in_python_tunes_nothing():
    def squared(outputs, target):
        return ((outputs - target) ** 2).mean(axis=1)

    with started(TUNED, ticks=3, loss_function=squared) as island:
        assert island.statistics()["tunings"].sum() == 0


def test_the_work_is_counted():
    with started(TUNED, ticks=10) as tuned, started(TUNED.replace(tuning_share=0.0), ticks=10) as plain:
        some, none = tuned.statistics()[-1], plain.statistics()[-1]
        assert some["node_evaluations"] > 2 * none["node_evaluations"]
        assert none["evaluations"] < some["evaluations"] <= 1.6 * none["evaluations"]


def test_constants_come_nearer_to_those_of_the_law():
    def law(x):
        return 2.5 * np.sin(1.3 * x[:, 0] + 0.4) + 0.7 * np.exp(-0.2 * x[:, 1])

    def best(share):
        parameters = Parameters(population_size=300, births_per_tick=300, max_size=20, functions=("add", "mul", "sin", "exp"))
        with started(parameters.replace(tuning_share=share), ticks=20, dataset=table(256, target=law)) as island:
            assert any((genome["op"] == CONSTANT).any() for genome in genomes(island).values())
            return island.statistics()["best_loss"][-1]

    assert best(1.0) < 0.1 * best(0.0)
