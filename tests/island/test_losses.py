"""Losses: the built-in ones are what they are called, and one written in Python takes their place."""

import numpy as np
import pytest

from tests.island.tables import CALLING, SMALL, genomes, started, table
from tests.oracles import evaluation as twin
from vgp.errors import InputError
from vgp.island import Island
from vgp.parameters import LOSSES

PLAIN = SMALL.replace(  # functions that make little of rounding: a twin may be compared with them
    linear_scaling=False, precision="float64", functions=("add", "sub", "mul", "square", "sqrt")
)


def squared(outputs, target):
    return ((outputs - target) ** 2).mean(axis=1)


def standings(island):
    return [(int(record["id"]), record) for record in island.living()]


def values_of(island):
    """id -> (record, values by the slow twin)."""
    held = genomes(island)
    columns = [np.ascontiguousarray(column) for column in island.dataset.X.T]
    with np.errstate(all="ignore"):
        return {i: (record, twin.evaluate(held[i], columns, held.get)) for i, record in standings(island)}


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_losses_of_a_run_are_those_of_the_slow_twin(loss, scaled):
    data = table(target=lambda x: (x[:, 0] > 1.2).astype(float))
    parameters = PLAIN.replace(loss=loss, linear_scaling=scaled, huber_delta=0.3)
    with started(parameters, ticks=8, dataset=data) as island:
        for record, values in values_of(island).values():
            slow = twin.loss(loss, values, data.y, np.ones(len(data.y)), record["slope"], record["intercept"], 0.3)
            assert float(slow) == pytest.approx(record["loss"], rel=1e-5, abs=1e-12)


def test_the_same_loss_in_python_ranks_the_same():
    with started(PLAIN) as built_in, started(PLAIN, loss_function=squared) as python:
        assert (built_in.living()["id"] == python.living()["id"]).all()
        ours, theirs = built_in.living()["loss"], python.living()["loss"]
        assert ours == pytest.approx(theirs, rel=1e-9)
        apart = np.abs(np.subtract.outer(ours, ours)) > 1e-6 * np.add.outer(ours, ours)
        assert (np.sign(np.subtract.outer(ours, ours)) == np.sign(np.subtract.outer(theirs, theirs)))[apart].all()


def test_the_python_loss_sees_valid_organisms_only_and_as_they_are():
    seen = []

    def loss(outputs, target):
        assert outputs.dtype == np.float32 and target.shape == (outputs.shape[1],)
        seen.append(np.isfinite(outputs).all())
        return squared(outputs, target)

    with started(CALLING.replace(functions=("log", "sqrt", "div", "exp", "sub")), ticks=5, loss_function=loss) as island:
        assert all(seen) and len(seen) > 4
        assert island.statistics()["invalid_non_finite"][1:].sum() > 0
        assert island.check() is None


def test_organisms_whose_python_loss_is_no_number_are_invalid():
    def picky(outputs, target):
        losses = squared(outputs, target)
        return np.where(losses > 1.0, np.where(losses > 5.0, np.inf, np.nan), losses)

    with started(SMALL, ticks=5, loss_function=picky) as island:
        assert island.living()["loss"].max() <= 1.0
        assert island.statistics()["invalid_non_finite"].sum() > 0
        assert island.check() is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda outputs, target: 1.0,
        lambda outputs, target: None,
        lambda outputs, target: outputs,
        lambda outputs, target: np.zeros(len(outputs) + 1),
        lambda outputs, target: np.zeros((len(outputs), 1)),
        lambda outputs, target: ["low"] * len(outputs),
        lambda outputs, target: [[1], [2, 3]],
        lambda outputs, target: {},
    ],
)
def test_a_python_loss_of_the_wrong_shape_is_an_input_error(wrong):
    with Island(table(), SMALL, sandbox="off", loss_function=wrong) as island:
        with pytest.raises(InputError, match="loss function returned") as caught:
            island.create()
        assert "\n" not in str(caught.value)
        assert island.check() is None


def live(island):
    island.create()
    island.advance(10)


def test_what_a_python_loss_raises_is_raised_and_the_island_stays_whole():
    patience = [3]

    def fails_sometimes(outputs, target):
        patience[0] -= 1
        if patience[0] == 0:
            raise ZeroDivisionError("mine")
        return squared(outputs, target)

    with Island(table(), SMALL, sandbox="off", loss_function=fails_sometimes) as island:
        with pytest.raises(ZeroDivisionError, match="mine"):
            live(island)
        assert island.check() is None
        patience[0] = 10
        with pytest.raises(ZeroDivisionError, match="mine"):
            live(island)
        assert island.check() is None
        island.advance(2)
        assert island.check() is None


def test_a_python_loss_has_no_r2_and_keeps_likeness():
    with started(SMALL, ticks=5, loss_function=squared) as island:
        assert all(np.isnan(entry.r2) for entry in island.front())
        assert island.statistics()["diversity"][-1] > 0


def test_weights_count_rows():
    """Rows of weight 0 count for nothing: a table with absurd rows of no weight gives the losses of the table without them."""
    from vgp.dataset import Dataset

    data = table(rows=64)
    weights = np.r_[np.ones(48), np.zeros(16)]
    absurd = np.r_[data.y[:48], np.full(16, 1e6)]
    with started(PLAIN, dataset=Dataset.from_arrays(data.X, absurd, names=data.names, weights=weights)) as island:
        for record, values in list(values_of(island).values())[:20]:
            assert float(np.mean((values[:48] - data.y[:48]) ** 2)) == pytest.approx(record["loss"], rel=1e-6)
