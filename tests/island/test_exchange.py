"""Organisms in and out: what is exported arrives; what does not fit is counted, and garbage breaks nothing."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.core.tables import indexed, node
from tests.island.tables import CALLING, SMALL, genomes, started, state, table
from vgp import genome
from vgp.errors import FormulaError, InputError, RecordError
from vgp.island import Island
from vgp.layout import REFERENCE, batch, constant_payload
from vgp.parameters import PREDATORS


def record_of(*organisms, roots=None):
    return genome.encode_bundle(*batch(list(organisms)), roots, open=True)


def constant(value):
    return node("constant", constant_payload(value))


A, B = node("variable", 0), node("variable", 1)


@pytest.fixture
def empty():
    with Island(table(), CALLING, sandbox="off") as island:
        yield island
        assert island.check() is None


def test_all_that_is_exported_arrives():
    with started(CALLING, ticks=20) as home, Island(table(), CALLING, sandbox="off") as abroad:
        report = abroad.import_(home.export("all"))
        assert report.accepted == len(home.living()) and not report.rejected
        assert sorted(abroad.living()["id"]) == sorted(home.living()["id"])
        assert abroad.import_(home.export("all")).duplicate == len(home.living())
        assert abroad.check() is None
        order = [np.argsort(island.living()["id"]) for island in (home, abroad)]
        for name in ("loss", "slope", "intercept", "signature", "cost", "expanded"):
            assert (home.living()[name][order[0]] == abroad.living()[name][order[1]]).all()


def test_front_best_and_ids():
    with started(SMALL.replace(tuning_share=0.0), ticks=20) as island:  # with no law found, where the front would end early
        front = island.front()
        assert {entry.id for entry in front} <= set(genomes(island, "front"))
        assert front.best.id in genomes(island, "best")
        ids = [int(i) for i in island.living()["id"][:3]]
        assert set(genomes(island, ids)) == set(ids)


def test_a_sample_is_of_the_living_and_each_comes_as_often():
    with started(ticks=5) as island:
        before, living = state(island), island.living()
        counts = dict.fromkeys(living["id"].tolist(), 0)
        for seed in range(600):
            sample = island.sample(7, seed)
            assert len(set(sample["id"].tolist())) == 7
            assert np.isin(sample, living).all()
            for organism_id in sample["id"].tolist():
                counts[organism_id] += 1
        assert list(counts.values()) == pytest.approx([600 * 7 / 60] * 60, rel=0.55)
        assert (island.sample(7, 3) == island.sample(7, 3)).all()
        assert (island.sample(7, 3)["id"] != island.sample(7, 4)["id"]).any()
        assert [len(island.sample(most, 0)) for most in (-1, 0, 59, 60, 61, 2**40)] == [0, 0, 59, 60, 60, 60]
        assert state(island) == before


def test_champions_are_the_organisms_of_the_front():
    with started(CALLING, ticks=20) as island:
        champions, front = island.champions(), island.front()
        assert champions["id"].tolist()[: len(front)] == [entry.id for entry in front]
        assert (np.diff(champions["loss"]) < 0).all() and (np.diff(champions["expanded"].astype(int)) > 0).all()


def test_an_open_record_holds_just_those_asked_for_and_says_what_it_lacks(empty):
    with started(CALLING, ticks=20) as island:
        callers = island.living()[island.living()["calls"] > 0]["id"]
        open_record = island.export(callers, callees=False)
        bundle = genome.decode_bundle(open_record, open=True)
        assert sorted(bundle.ids) == sorted(callers) and bundle.is_root.all()
        assert island.missing(open_record) == []
        lacking = empty.missing(open_record)
        called = {int(i) for i in bundle.nodes["payload"][bundle.nodes["op"] == REFERENCE]}
        assert set(lacking) == called - set(callers.tolist()) and len(lacking) == len(set(lacking)) > 0
        # what a peer does then: it asks for those, and takes the record in
        assert empty.import_(island.export(lacking)).rejected == {}
        assert empty.missing(open_record) == []
        report = empty.import_(open_record)
        assert report.accepted + report.duplicate == len(callers)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_callees_stand_before_callers_in_an_open_record_too(travellers, data):
    island, _ = travellers
    ids = data.draw(st.lists(st.sampled_from(island.living()["id"].tolist()), max_size=20))
    bundle = genome.decode_bundle(island.export(ids, callees=False), open=True)  # raises RecordError where one stands behind
    assert set(bundle.ids.tolist()) == set(ids)


def test_what_is_no_record_lacks_nothing_but_is_an_error(empty):
    with pytest.raises(RecordError):
        empty.missing(b"VGPO and more")


@pytest.mark.parametrize("ids", [[], [0], [1, 2, 3], [-1], [2**64], [2**70, -5]])
def test_unknown_ids_are_left_out(ids):
    with started() as island:
        assert genomes(island, ids) == {}
        assert set(genomes(island, [*ids, int(island.living()["id"][0])])) == {int(island.living()["id"][0])}


def test_an_unknown_word_is_an_input_error():
    with started() as island, pytest.raises(InputError, match="choose front, best, all, or ids"):
        island.export("everything")


def test_immigrants_are_counted_in_the_next_tick_and_their_scores_are_not_believed(empty):
    assert empty.import_(record_of(indexed([A]), indexed([B]))).accepted == 2
    empty.advance()
    assert empty.statistics()["immigrants"][-1] == 2
    empty.advance()
    assert empty.statistics()["immigrants"][-1] == 0


@pytest.mark.parametrize(
    ("organism", "reason"),
    [
        (indexed([node("variable", 3)]), "unknown_variable"),
        (indexed([A, *[node("neg")] * 20]), "too_long"),
        (indexed([node("reference", 77, 0)]), "missing_reference"),
        (indexed([constant(-1.0), node("log")]), "non_finite"),
        (indexed([constant(1e30), node("exp")]), "non_finite"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(empty, organism, reason):
    report = empty.import_(record_of(organism, indexed([A])))
    assert (report.accepted, report.no_room, dict(report.rejected)) == (1, 0, {reason: 1})


def test_callees_that_nobody_needs_do_not_stay(empty):
    callee = indexed([A, node("neg")])
    caller = indexed([node("reference", genome.genome_id(callee), 0), node("log")])  # not finite: -a is negative
    report = empty.import_(record_of(callee, caller, indexed([A]), roots=[False, True, True]))
    assert (report.accepted, dict(report.rejected)) == (1, {"non_finite": 1})
    assert genomes(empty, [genome.genome_id(callee)]) == {}
    assert len(genomes(empty)) == 1


def test_a_genome_that_names_itself_is_refused():
    """An id is the hash of the genome, so a cycle cannot be written down: what claims to be one calls a stranger."""
    one = indexed([node("reference", 1, 0)])
    two = indexed([node("reference", genome.genome_id(one), 0)])
    back = indexed([node("reference", genome.genome_id(two), 0)])
    with Island(table(), CALLING, sandbox="off") as island:
        report = island.import_(record_of(one, two, back))
        assert dict(report.rejected) == {"missing_reference": 3}
        assert len(island.living()) == 0 and island.check() is None


def test_calls_deeper_than_the_parameters_allow_are_refused(empty):
    organisms = [indexed([A, node("neg")])]
    for _ in range(6):
        organisms.append(indexed([node("reference", genome.genome_id(organisms[-1]), 0), node("neg")]))
    report = empty.import_(record_of(*organisms))
    assert report.accepted == 1 + CALLING.reference_depth
    assert dict(report.rejected) == {"oversized": 1, "missing_reference": 1}


def test_formulas_longer_than_allowed_when_written_out_are_refused():
    body = indexed([A, *[part for _ in range(9) for part in (A, node("add"))]])
    twice = indexed([node("reference", genome.genome_id(body), 0)] * 2 + [node("mul")])
    with Island(table(), CALLING.replace(max_expanded_size=30), sandbox="off") as island:
        assert dict(island.import_(record_of(body, twice)).rejected) == {"oversized": 1}


def test_a_full_library_is_named():
    callees = [indexed([constant(float(k)), A, node("add")]) for k in range(4)]
    callers = [indexed([node("reference", genome.genome_id(callee), 0), node("neg")]) for callee in callees]
    with Island(table(), CALLING.replace(library_size=2), sandbox="off") as island:
        report = island.import_(record_of(*callees, *callers))
        assert (report.accepted, dict(report.rejected)) == (6, {"library_full": 2})
        assert island.check() is None
        island.advance(3)


def test_a_full_population_lets_in_by_its_predators_or_says_no_room():
    foreign = [indexed([constant(k / 7), A, node("mul"), B, node("add")]) for k in range(200)]
    off = {f"predator_{kind}": 0.0 for kind in PREDATORS}
    with started(SMALL.replace(**off), ticks=5) as island:
        assert len(island.living()) == 60
        report = island.import_(record_of(*foreign))
        assert (report.accepted, report.no_room) == (0, 200)
    with started(SMALL, ticks=5) as island:
        island.advance(5)
        report = island.import_(record_of(*foreign))
        assert report.accepted + report.no_room == 200 and report.accepted > 0
        assert len(island.living()) <= 60 and island.check() is None


def test_more_immigrants_than_a_batch_holds():
    with started(CALLING, ticks=20) as home, Island(table(), CALLING.replace(births_per_tick=1), sandbox="off") as abroad:
        assert abroad.import_(home.export("all")).accepted == len(home.living())
        assert abroad.check() is None


def test_the_first_formulas_of_a_population():
    with Island(table(), SMALL, sandbox="off") as island:
        report = island.create(["a + 2 * b", "sin(c)", "a + 2 * b"])
        assert (report.accepted, report.duplicate) == (2, 1)
        assert len(island.living()) == SMALL.population_size
        with pytest.raises(FormulaError):
            island.create(["a + no_such_column"])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_garbage_breaks_nothing(travellers, data):
    """Bytes cut, changed or made up: a RecordError, or a report and an island that holds together."""
    island, record = travellers
    before = state(island)
    content = bytearray(record)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assume(bytes(content) != record)
    content = bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2, 3, 0]))])
    with pytest.raises(RecordError) as caught:
        island.import_(content)
    assert "\n" not in str(caught.value)
    assert state(island) == before


@pytest.fixture(scope="module")
def travellers():
    with started(CALLING, ticks=15) as island:
        yield island, island.export("all")
