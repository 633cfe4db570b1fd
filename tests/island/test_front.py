"""The front: the best formula of each size that beats every smaller one, as plain formulas that are worth what they say."""

from itertools import pairwise

import numpy as np
import pytest

from tests.core.tables import indexed, node
from tests.island.tables import CALLING, SMALL, genomes, started, table
from vgp import genome
from vgp.formula import parse
from vgp.front import Front, FrontEntry, merge
from vgp.island import Island
from vgp.layout import REFERENCE, batch
from vgp.sandbox import Sandbox


def entry(size, loss, number=0):
    return FrontEntry(size, loss, 0.0, np.zeros(0), 1.0, 0.0, number, ())


def pairs(front):
    return [(e.size, e.loss) for e in front]


def test_merging_keeps_what_nothing_smaller_or_as_small_beats():
    one = Front((entry(1, 9.0), entry(3, 5.0), entry(7, 1.0)))
    two = Front((entry(1, 8.0), entry(4, 5.0), entry(5, 2.0)))
    assert pairs(merge([one, two])) == pairs(merge([two, one])) == [(1, 8.0), (3, 5.0), (5, 2.0), (7, 1.0)]
    assert pairs(merge([])) == pairs(merge([Front(())])) == []


def test_the_front_ends_where_only_rounding_is_left():
    assert pairs(merge([Front((entry(1, 9.0), entry(3, 1e-15), entry(7, 1e-16)))], rounding=1e-14)) == [(1, 9.0), (3, 1e-15)]


def test_a_larger_formula_may_have_to_be_better_by_a_share():
    assert pairs(merge([Front((entry(1, 9.0), entry(3, 8.5), entry(5, 8.0)))], gain=0.1)) == [(1, 9.0), (5, 8.0)]


def test_the_front_is_of_the_living_and_nothing_living_beats_it():
    with started(CALLING, ticks=25) as island:
        front, living = island.front(), island.living()
        assert pairs(front) == sorted(pairs(front)) and all(a.loss > b.loss for a, b in pairwise(front))
        for e in front:
            (own,) = living[living["id"] == e.id]
            assert (own["loss"], own["expanded"], own["slope"], own["intercept"]) == (e.loss, e.size, e.slope, e.intercept)
        for record in living:
            beaten = any(e.size <= record["expanded"] and e.loss <= record["loss"] for e in front)
            assert beaten or front.best.loss <= island.rounding


@pytest.mark.parametrize("scaled", [True, False])
def test_its_formulas_are_plain_and_worth_what_they_say(scaled):
    data = table()
    parameters = CALLING.replace(precision="float64", linear_scaling=scaled)
    with started(parameters, ticks=25) as island, data.temporary("float64") as path:
        assert island.living()["calls"].sum() > 0
        with Sandbox(path, mode="off") as evaluator:
            for e in island.front():
                assert not (e.nodes["op"] == REFERENCE).any() and len(e.nodes) == e.size
                (values,) = evaluator.outputs(e.nodes, np.array([0, e.size]))
                loss = np.mean((e.intercept + e.slope * values - data.y) ** 2)
                # what rounding of the values can do where a formula varies in their last digits alone, and its slope is huge
                rounding = 16 * np.finfo(float).eps * abs(e.slope) * np.max(np.abs(values))
                assert abs(loss - e.loss) <= 1e-6 * e.loss + rounding * (2 * np.sqrt(loss) + rounding)
                assert e.r2 == pytest.approx(1 - e.loss / data.y.var(), abs=1e-9)
                assert any(name in e.formula for name in data.names) or not np.isin(e.nodes["op"], 1).any()


def test_entries_are_made_once_and_again_when_the_loss_changed():
    with started(SMALL, ticks=10) as island:
        once, again = island.front(), island.front()
        assert all(a is b for a, b in zip(once, again, strict=True))
        island.update(loss="absolute")
        losses = {int(record["id"]): record["loss"] for record in island.living()}
        assert all(losses[e.id] == e.loss for e in island.front())


def test_calls_that_would_be_too_deep_as_a_plain_formula_are_refused():
    """Each is as deep as a genome may be and calls the one before: it could be evaluated, but no front could show it."""
    parameters = CALLING.replace(max_size=100, max_depth=64, max_expanded_size=4096, reference_depth=8)
    law = [tuple(part) for part in parse("2.5 * a + sin(b) / c", ("a", "b", "c")).tolist()]
    chain = [indexed([*law, *[node("neg")] * 60])]
    for _ in range(6):
        chain.append(indexed([node("reference", genome.genome_id(chain[-1]), 0), *[node("neg")] * 60]))
    with Island(table(), parameters, sandbox="off") as island:
        report = island.import_(genome.encode_bundle(*batch(chain)))
        assert (report.accepted, dict(report.rejected)) == (4, {"oversized": 1, "missing_reference": 2})
        assert island.front().best.loss < 1e-6
        held = genomes(island)
        assert island.living()["expanded"].max() == max(len(genome.flatten(nodes, held.get)) for nodes in held.values())
