"""The first generation: more than a batch of it is drawn while another is evaluated, and can be interrupted at any moment."""

import threading
import time

import numpy as np
import pytest

from vgp.dataset import Dataset
from vgp.island import Island
from vgp.parameters import Parameters


def dataset(rows):
    rng = np.random.default_rng(3)
    X = rng.uniform(0.5, 2.0, (rows, 3))
    return Dataset.from_arrays(X, X[:, 0] * X[:, 1] + X[:, 2])


def founded():
    with Island(dataset(50), Parameters(population_size=3000, births_per_tick=200, library_size=10), seed=5) as island:
        island.create()
        assert island.check() is None
        return np.sort(island.living(), order="id")


def test_many_batches_fill_the_population_and_the_threads_do_not_matter():
    once, again = founded(), founded()
    assert len(once) == 3000
    assert once.tobytes() == again.tobytes()


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.2, 0.5])
def test_an_interrupted_creation_leaves_a_consistent_island_that_can_go_on(delay):
    parameters = Parameters(population_size=20_000, births_per_tick=500)
    with Island(dataset(200_000), parameters, seed=5) as island:
        outcome = []

        def create():
            try:
                island.create()
            except KeyboardInterrupt:
                outcome.append("interrupted")

        thread = threading.Thread(target=create)
        thread.start()
        time.sleep(delay)
        island.interrupt()
        thread.join(30)
        island.interrupt(False)
        assert outcome == ["interrupted"]
        assert island.check() is None
        island.update(population_size=600, births_per_tick=300)
        island.create()
        island.advance(2)
        assert island.check() is None
        assert len(island.living()) <= 600
