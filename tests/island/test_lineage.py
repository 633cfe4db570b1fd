"""The family tree that an island remembers is the true one, as far as anybody alive descends from it, and costs the run nothing."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.island.tables import CALLING, SMALL, started, state, table
from tests.island.test_threads import together
from tests.oracles.lineage import Family
from vgp.ancestors import Ancestor
from vgp.archipelago import Archipelago
from vgp.errors import InputError
from vgp.island import Island
from vgp.lineage import Lineage

# so few that there is something to forget every ten ticks or so
FEW = SMALL.replace(population_size=30, births_per_tick=20, max_size=8, library_size=0, reference_depth=0)
FEW_CALLING = CALLING.replace(population_size=30, births_per_tick=20, max_size=8, max_expanded_size=16, library_size=8)
# a handful of genomes that die and are bred again and again
AGAIN = FEW.replace(functions=("add", "mul"), constant_share=0.0, tuning_share=0.0, max_size=5)
KINDS = {
    "few": FEW,
    "calling": FEW_CALLING,
    "modules": FEW_CALLING.replace(reference_module=0.5),
    "again": AGAIN,
    "eras": FEW.replace(restart_after=3, population_size=60),
    "mothers only": FEW.replace(crossover=0.0),
}


DRIFTING = FEW.replace(tournament_size=1, front_selection=0.0)


def noting_too(island, lineage):
    """A lineage that notes what the island's own does."""
    at_end = island._turns.at_end
    island._turns.at_end = lambda: (at_end(), lineage.note())
    return lineage


def told(island, organism_id, *, formulas=False):
    rows = [dataclasses.astuple(one) for one in island.ancestors(organism_id)]
    rows = rows if formulas else [(*row[:-1], "") for row in rows]
    return sorted(rows, key=lambda row: (row[2], row[0]))


def assert_sound(ancestors):
    """Eldest first, every id once, no parent behind its child."""
    assert [one.tick for one in ancestors] == sorted(one.tick for one in ancestors)
    place = {one.id: k for k, one in enumerate(ancestors)}
    assert len(place) == len(ancestors)
    assert all(place.get(parent, -1) < k for k, one in enumerate(ancestors) for parent in one.parents)


@settings(deadline=None, max_examples=25)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    seed=st.integers(0, 2**32),
    before=st.integers(0, 5),
    acts=st.lists(st.sampled_from(["ticks"] * 6 + ["larger", "smaller", "loss", "immigrants"]), min_size=4, max_size=14),
)
def test_the_tree_is_that_of_a_twin_that_forgets_nobody(kind, seed, before, acts):
    with started(KINDS[kind], seed=seed, ticks=before) as island, started(SMALL, seed=seed + 1, ticks=3) as abroad:
        twin = Family(island)
        for act in acts:
            if act == "ticks":
                island.advance(9)
            elif act == "immigrants":
                island.import_(abroad.export("front"), replace="random")
            elif act == "loss":
                island.update(loss="absolute" if island.parameters.loss == "squared" else "squared")
            else:
                island.update(population_size=island.parameters.population_size + (7 if act == "larger" else -1))
        for organism_id in island.living()["id"][:12].tolist():
            assert told(island, organism_id) == twin.ancestors(organism_id)
            assert_sound(island.ancestors(organism_id))


@pytest.mark.parametrize("kind", ["few", "calling", "modules"])
def test_formulas_are_those_that_they_had_whoever_they_called(kind):
    with started(KINDS[kind], seed=4) as island:
        twin = Family(island, with_formulas=True)
        island.advance(60)
        callers = set()
        for organism_id in island.living()["id"][:8].tolist():
            assert told(island, organism_id, formulas=True) == twin.ancestors(organism_id)
            assert all("@" not in one.formula for one in island.ancestors(organism_id))
            callers |= {birth.id for birth in twin.line(twin.of[organism_id][-1]) if birth.calls}
        assert (kind == "few") == (not callers)


def test_the_front_s_best_stands_last_and_founders_first():
    with started(SMALL.replace(tuning_share=0.0), seed=3) as island:
        island.follow_lineage()
        island.advance(40)
        ancestors, best = island.ancestors(), island.front().best
        last = ancestors[-1]
        assert (last.id, last.loss, last.size, last.formula) == (best.id, best.loss, best.size, best.formula)
        assert ancestors == island.ancestors(best.id)
        assert isinstance(last, Ancestor) and len(last.parents) in (1, 2)
        assert (ancestors[0].parents, ancestors[0].tick) == ((), 0)
        assert len(ancestors) > 3 and island.tick >= last.tick > ancestors[0].tick
        with pytest.raises(dataclasses.FrozenInstanceError):
            last.id = 1


def test_a_genome_bred_again_in_its_own_line_is_one_ancestor():
    detours = 0
    with started(AGAIN, seed=1) as island:
        twin = Family(island)
        for _ in range(12):
            island.advance(10)
            for organism_id in island.living()["id"].tolist():
                births, is_father, _, _ = island.lineage.line(organism_id)
                line = births["id"][~is_father].tolist()
                detours += len(set(line)) < len(line)
                assert told(island, organism_id) == twin.ancestors(organism_id)
                assert_sound(island.ancestors(organism_id))
    assert detours > 0


@pytest.mark.parametrize("parameters", [SMALL, CALLING, SMALL.replace(restart_after=4), SMALL.replace(minibatch_rows=32)])
def test_the_run_is_the_same_with_and_without(parameters, tmp_path):
    with started(parameters) as alone, started(parameters) as followed:
        followed.follow_lineage()
        for island in (alone, followed):
            island.advance(20)
            island.import_(island.export("front"))
            island.update(population_size=50)
            island.advance(20)
            island.checkpoint(tmp_path / "state")
        assert len(followed.ancestors()) > 1
        assert state(alone) == state(followed)
        with Island.resume(tmp_path / "state", alone.dataset, sandbox="off") as resumed:
            resumed.advance(5)
            alone.advance(5)
            assert state(resumed) == state(alone)


def test_after_a_resume_the_living_are_founders(tmp_path):
    with started(ticks=20) as island:
        island.follow_lineage()
        island.advance(20)
        island.checkpoint(tmp_path / "state")
        with Island.resume(tmp_path / "state", island.dataset, sandbox="off") as resumed:
            with pytest.raises(InputError, match="follow_lineage"):
                resumed.ancestors()
            resumed.follow_lineage()
            assert [one.id for one in resumed.ancestors()] == [resumed.front().best.id]
            twin = Family(resumed)
            resumed.advance(20)
            for organism_id in resumed.living()["id"].tolist():
                assert told(resumed, organism_id) == twin.ancestors(organism_id)


def test_who_is_not_remembered_is_named():
    with Island(table(), SMALL, sandbox="off") as island:
        with pytest.raises(InputError, match="follow_lineage"):
            island.ancestors()
        island.follow_lineage()
        assert island.ancestors() == () and len(island.lineage) == 0
        island.create()
        assert len(island.ancestors()) == 1 and len(island.lineage) == SMALL.population_size
        for organism_id in (77, 0, -1, 2**64):
            with pytest.raises(InputError, match="is not remembered"):
                island.ancestors(organism_id)


def test_memory_is_bounded_however_long_the_run():
    """What grows with time is the trunk alone: births kept are those of a few generations."""
    with started(FEW, seed=2) as island:
        island.follow_lineage()
        kept = [(island.advance(), len(island.lineage))[1] for _ in range(4000)]
        births = int(island.statistics()["births"].sum())
        assert births > 40_000
        assert max(kept) < 1_000
        assert max(kept[2000:]) < 2 * max(kept[:2000])


@pytest.mark.parametrize("most", [1, 20, 60])
def test_a_limit_holds_and_lines_begin_later(most):
    with started(DRIFTING, seed=5) as island:
        twin = Family(island)
        limited = noting_too(island, Lineage(island._engine, most))
        slots, cut = 30 + 20, 0
        for _ in range(60):
            island.advance(7)
            assert len(limited) <= 2 * (most + 30) + 4 * slots + 20
        for organism_id in island.living()["id"].tolist():
            births, is_father, nodes, offsets = limited.line(organism_id)
            line = births["id"][~is_father].tolist()
            whole = [birth.id for birth in twin.line(twin.of[organism_id][-1])]
            assert line == whole[len(whole) - len(line) :] and line[-1] == organism_id
            assert len(offsets) == len(births) + 1 and offsets[-1] == len(nodes)
            cut += len(line) < len(whole)
        assert cut > 0


def test_where_memory_is_short_it_is_kept_for_the_front():
    """A sweep takes from a line of the front only where the front's lines alone are more than may be kept."""
    most, taken_from_others = 100, 0
    with started(DRIFTING, seed=6) as island:
        island.follow_lineage()
        limited = noting_too(island, Lineage(island._engine, most))
        island.advance()
        for _ in range(300):
            before = {i: set(limited.line(i)[0]["id"].tolist()) for i in island.living()["id"].tolist()}
            island.advance()
            champions = island.champions()
            needed = set().union(*(before.get(i, ()) for name in ("id", "parent_a") for i in champions[name].tolist()))
            alive = before.keys() & set(island.living()["id"].tolist())
            shorter = {i for i in alive if len(limited.line(i)[0]) < len(before[i])}
            if len(needed) + len(champions) <= most:  # with fathers of those that were just born
                assert not shorter & set(champions["id"].tolist())
                taken_from_others += len(shorter)
    assert taken_from_others > 0


def test_others_may_ask_while_it_advances():
    parameters = FEW.replace(restart_after=2)
    with started(parameters, ticks=5) as island, started(parameters, ticks=5) as alone:
        island.follow_lineage()
        together(
            island,
            lambda: assert_sound(island.ancestors()),
            lambda: assert_sound(island.ancestors()[-2:]),
            lambda: island.lineage.line(int(island.living()["id"][0])),
            ticks=300,
            turns_each=10,
        )
        alone.advance(island.tick - alone.tick)
        assert state(island) == state(alone)


# --- several islands ---


def archipelago_of(parameters, seed):
    archipelago = Archipelago(table(), parameters, jobs=2, seed=seed, sandbox="off", exchange_interval=5)
    archipelago.create()
    return archipelago


@pytest.mark.parametrize("parameters", [FEW, FEW_CALLING, AGAIN])
def test_lines_go_on_in_the_island_that_immigrants_came_from(parameters):
    with archipelago_of(parameters, 3) as archipelago:
        twins = [Family(island) for island in archipelago.islands]
        for twin, other in zip(twins, reversed(twins), strict=True):
            twin.elsewhere = other
        archipelago.advance(120)
        changed_islands = 0
        for island, twin in zip(archipelago.islands, twins, strict=True):
            for organism_id in island.living()["id"].tolist():
                line, birth = [], twin.origin(twin.of[organism_id][-1])
                while birth is not None:
                    line.insert(0, (birth.id, birth.tick))
                    here = next(family for family in twins if birth in family.of.get(birth.id, ()))
                    mother = birth.mother and here.origin(birth.mother)
                    changed_islands += mother is not None and mother is not birth.mother
                    birth = mother
                births, is_father, _, _ = island.lineage.line(organism_id)
                assert list(zip(births["id"][~is_father].tolist(), births["tick"][~is_father].tolist(), strict=True)) == line
                assert line[0][1] == 0
                assert_sound(island.ancestors(organism_id))
        assert changed_islands > 0


@pytest.mark.parametrize("parameters", [FEW_CALLING, FEW.replace(restart_after=3)])
def test_an_archipelago_runs_the_same_and_names_its_best_last(parameters):
    with archipelago_of(parameters, 5) as alone, archipelago_of(parameters, 5) as followed:
        with pytest.raises(InputError, match="follow_lineage"):
            alone.ancestors()
        followed.follow_lineage()
        for archipelago in (alone, followed):
            archipelago.advance(23)
            archipelago.advance(50)
        assert [state(island) for island in alone.islands] == [state(island) for island in followed.islands]
        ancestors = followed.ancestors()
        assert ancestors[-1].id == followed.front().best.id
        assert_sound(ancestors)
        for island in followed.islands:
            for organism_id in island.champions()["id"].tolist():
                assert followed.ancestors(organism_id)[-1].id == organism_id
        with pytest.raises(InputError, match="is not remembered"):
            followed.ancestors(77)


def test_an_archipelago_forgets_as_well():
    with archipelago_of(FEW, 2) as archipelago:
        archipelago.follow_lineage()
        kept = []
        for _ in range(150):
            archipelago.advance(10)
            kept.append(max(len(island.lineage) for island in archipelago.islands))
        assert max(kept) < 2_000
        assert max(kept[75:]) < 2 * max(kept[:75])


def test_the_youngest_are_told_of_where_not_all_are_wanted():
    with started(SMALL) as island:
        island.follow_lineage()
        island.advance(60)
        everybody = island.ancestors()
        some = island.ancestors(most=4)
        assert 1 < len(some) <= 4 < len(everybody)
        assert some[-1] == everybody[-1]
        assert {one.id for one in some} <= {one.id for one in everybody}
