"""A formula to start from lives in the first generation as it was given, with mutated copies beside it."""

import numpy as np
import pytest

from vgp.archipelago import Archipelago
from vgp.dataset import Dataset
from vgp.errors import FormulaError, InputError
from vgp.island import Island
from vgp.parameters import Parameters

PARAMETERS = Parameters(population_size=200, births_per_tick=100)
X = np.random.default_rng(1).uniform(0.5, 3, (60, 3))
LAW = 2.25 * np.sin(1.5 * X[:, 0]) + X[:, 1] / X[:, 2]
DATA = Dataset.from_arrays(X, LAW, names=("x", "y", "z"), target="w")
FORMULA = "2.25*sin(1.5*x) + y/z"


def created(formulas, dataset=DATA, **changes):
    with Island(dataset, PARAMETERS.replace(**changes), seed=2, sandbox="off") as island:
        report = island.create(formulas)
        return report, island.front(), island.export("all"), island.check()


def test_it_stands_in_the_first_front_with_its_constants():
    report, front, _, broken = created([FORMULA])
    assert report.accepted == 1 and broken is None
    assert front.best.r2 > 1 - 1e-9 and front.best.slope == pytest.approx(1)
    assert "2.25*sin(1.5*x)" in front.best.formula.replace("*1.5", "1.5*") or "sin(1.5*x)" in front.best.formula


def test_mutated_copies_of_it_live_beside_it():
    from vgp.genome import decode_bundle
    from vgp.layout import CONSTANT, constant_payload

    def with_the_constant(**changes):
        bundle = decode_bundle(created([FORMULA], **changes)[2])
        marks = {constant_payload(2.25), constant_payload(1.5)}
        return sum(
            bool(marks & {int(p) for p in nodes["payload"][nodes["op"] == CONSTANT]})
            for nodes in map(bundle.genome, range(len(bundle)))
        )

    assert with_the_constant(start_share=0.0) == 1
    assert with_the_constant(start_share=0.3) > 30


def test_several_formulas_and_the_same_run_again():
    once, again = (created([FORMULA, "x*y", "x*y"])[2] for _ in range(2))
    assert once == again
    report, *_ = created([FORMULA, "x*y", "x*y"])
    assert (report.accepted, report.duplicate) == (2, 1)


def test_what_cannot_live_is_said_before_anything_does():
    for formula, said in (("x +", "missing"), ("q*x", "no column q"), ("+".join(["x"] * 40), "max_size")):
        with Island(DATA, PARAMETERS, sandbox="off") as island:
            with pytest.raises((FormulaError, InputError), match=said):
                island.create([FORMULA, formula])
            assert len(island.living()) == 0


def test_under_units_and_constraints_the_copies_obey():
    united = DATA.with_units({"x": "1", "y": "kg", "z": "m", "w": "kg/m"})
    _, front, _, broken = created([FORMULA], united, constraints="no sin in sin")
    assert broken is None and front.best.r2 > 1 - 1e-9


def test_on_every_island_of_an_archipelago():
    with Archipelago(DATA, PARAMETERS, jobs=2, sandbox="off") as archipelago:
        archipelago.create([FORMULA])
        assert all(island.front().best.r2 > 1 - 1e-9 for island in archipelago.islands)
