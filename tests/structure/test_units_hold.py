"""Units hold in every organism, whatever made it: creation, each operator, a whole run. Judged by exact algebra."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.units import holds
from vgp import founding, structure_doors
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError
from vgp.formula import parse
from vgp.genome import decode_bundle, flatten
from vgp.island import Island
from vgp.layout import FUNCTIONS, REFERENCE
from vgp.parameters import MUTATIONS, Parameters
from vgp.variation import doors

UNITS = {"m": "kg", "r": "m", "t": "s", "n": "1", "v": "m/s", "price": "USD/kg^(1/2)", "F": "N"}
NAMES = tuple(name for name in UNITS if name != "F")
EVERYTHING = Parameters(population_size=150, births_per_tick=150, functions=FUNCTIONS, max_size=25)
CALLING = EVERYTHING.replace(
    reference_create=0.5, reference_inline=0.05, reference_drop=0.05, reference_depth=4, reference_arguments=3, library_size=64,
    max_expanded_size=200,
)  # fmt: skip
WAYS = [
    pytest.param({}, id="constants with any unit"),
    pytest.param({"linear_scaling": False}, id="without scaling"),
    pytest.param({"dimensionless_constants": True}, id="plain constants"),
    pytest.param({"dimensionless_constants": True, "linear_scaling": False}, id="plain constants without scaling"),
]
seeds = st.integers(0, 2**64 - 1)


def table(units=UNITS, rows=40):
    x = np.random.default_rng(2).uniform(1, 3, (rows, len(NAMES)))
    return Dataset.from_arrays(x, x[:, 0] * x[:, 1] / x[:, 2] ** 2, names=NAMES, target="F", units=units)


DATA = table()
ISLANDS = {}


def engine(**changes):
    key = tuple(sorted(changes.items()))
    if key not in ISLANDS:
        ISLANDS[key] = Island(DATA, EVERYTHING.replace(**changes), sandbox="off")
    return ISLANDS[key]._engine


def demanded(parameters):
    """What the dimension of a whole formula must be; None: whatever it is, the slope makes up for it."""
    return None if parameters.linear_scaling and not parameters.dimensionless_constants else DATA.units.target_exponents


def assert_holds(nodes, parameters):
    assert holds(nodes, DATA.units, free_constants=not parameters.dimensionless_constants, root=demanded(parameters))


@pytest.mark.parametrize("way", WAYS)
@given(seed=seeds)
@settings(max_examples=400, deadline=None)
def test_what_the_core_accepts_is_what_algebra_accepts(way, seed):
    """Random formulas, most of them wrong. The core may only refuse more where an exponent is no multiple of 1/240."""
    parameters = EVERYTHING.replace(**way)
    nodes = doors.create(seed, FUNCTIONS, len(NAMES), 1, 7, 6, constant_share=0.3)
    accepted = founding.refusal(engine(**way), nodes) is None
    right = holds(nodes, DATA.units, free_constants=not parameters.dimensionless_constants, root=demanded(parameters))
    if accepted:
        assert right
    elif right:
        assert any(name in {"pow", "sqrt"} for name in names_of(nodes))


def names_of(nodes):
    from vgp.layout import NAMES as BY_NUMBER

    return [BY_NUMBER[int(op)] for op in nodes["op"]]


@pytest.mark.parametrize("way", WAYS)
@given(seed=seeds, size=st.integers(1, 25))
@settings(max_examples=100, deadline=None)
def test_creation(way, seed, size):
    nodes = structure_doors.create(engine(**way), seed, 1, size)
    if nodes is not None:
        assert len(nodes) <= EVERYTHING.max_size
        assert_holds(nodes, EVERYTHING.replace(**way))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("operator", MUTATIONS)
@given(seed=seeds, parent=seeds)
@settings(max_examples=60, deadline=None)
def test_each_mutation(operator, way, seed, parent):
    nodes = structure_doors.create(engine(**way), parent, 1, 20)
    if nodes is None:
        return
    child, changed = structure_doors.mutate(engine(**way), seed, MUTATIONS.index(operator), nodes)
    assert_holds(child, EVERYTHING.replace(**way))
    if not changed:
        assert child.tobytes() == nodes.tobytes()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("operator", MUTATIONS)
def test_each_mutation_changes_something_most_of_the_time(operator, way):
    changed = 0
    for seed in range(200):
        nodes = structure_doors.create(engine(**way), seed, 8, 20)
        if nodes is not None:
            changed += structure_doors.mutate(engine(**way), seed, MUTATIONS.index(operator), nodes)[1]
    assert changed > 10  # there are few constants where they are plain numbers


@pytest.mark.parametrize("way", WAYS)
@given(seed=seeds, a=seeds, b=seeds)
@settings(max_examples=200, deadline=None)
def test_crossover(way, seed, a, b):
    first, second = (structure_doors.create(engine(**way), parent, 1, 20) for parent in (a, b))
    if first is not None and second is not None:
        child, _ = structure_doors.cross(engine(**way), seed, first, second)
        assert_holds(child, EVERYTHING.replace(**way))


def everyone(island):
    """Every organism held, written out."""
    bundle = decode_bundle(island.export("all"))
    held = {int(organism_id): bundle.genome(k) for k, organism_id in enumerate(bundle.ids)}
    return [flatten(nodes, held.get) for nodes in held.values()], held.values()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("parameters", [EVERYTHING, CALLING], ids=["alone", "calling"])
def test_a_whole_run(parameters, way):
    parameters = parameters.replace(**way)
    with Island(DATA, parameters, seed=4, sandbox="off") as island:
        island.create()
        for _ in range(4):
            island.advance(10)
            assert island.check() is None
            plain, genomes = everyone(island)
            assert len(plain) >= 150
            for nodes in plain:
                assert_holds(nodes, parameters)
        if parameters.reference_create == 0.5:
            assert sum((nodes["op"] == REFERENCE).any() for nodes in genomes) > 20


@pytest.mark.parametrize("way", WAYS)
def test_the_formulas_that_are_shown_have_the_unit_of_the_target(way):
    """Scaled, simplified, printed and read again: slope and intercept are constants like any other."""
    parameters = EVERYTHING.replace(**way)
    for seed in (1, 2, 3):
        with Island(DATA, parameters, seed=seed, sandbox="off") as island:
            island.create()
            island.advance(15)
            for entry in island.front():
                shown = parse(entry.formula, NAMES)
                free = not parameters.dimensionless_constants
                assert holds(shown, DATA.units, free_constants=free, root=DATA.units.target_exponents), entry.formula


def test_what_is_shown_has_no_intercept_that_units_forbid():
    with Island(DATA, EVERYTHING.replace(dimensionless_constants=True), seed=1, sandbox="off") as island:
        island.create()
        island.advance(20)
        assert all(entry.intercept == 0 for entry in island.front())
        assert any(entry.slope != 1 for entry in island.front())


def test_the_law_is_found_and_the_run_is_the_same_again():
    def run():
        with Island(DATA, EVERYTHING.replace(functions=("add", "mul", "div", "square", "sin")), seed=1, sandbox="off") as island:
            island.create()
            island.advance(30)
            return island.front().best.r2, island.export("all")

    first, again = run(), run()
    assert first[0] > 0.999999
    assert first == again


def test_strangers_whose_units_do_not_hold_are_refused_and_counted():
    bare = Dataset.from_arrays(DATA.X, DATA.y, names=NAMES, target="F")
    with Island(bare, EVERYTHING, sandbox="off") as outside, Island(DATA, EVERYTHING, sandbox="off") as island:
        outside.create(["m + r", "m * r"])
        island.create()
        wrong, right = (
            outside.export([int(outside.living()["id"][k])])
            for wanted in ("m + r", "m*r")
            for k in range(len(outside.living()))
            if shown(outside, k) == wanted
        )
        assert island.import_(wrong).rejected == {"inconsistent_units": 1}
        assert not island.import_(right).rejected


def shown(island, k):
    from vgp.export import to_text

    bundle = decode_bundle(island.export([int(island.living()["id"][k])]))
    return to_text(bundle.genome(len(bundle) - 1), NAMES) if len(bundle) == 1 else ""


def test_a_formula_to_start_from_must_hold_too():
    with Island(DATA, EVERYTHING, sandbox="off") as island:
        with pytest.raises(InputError, match=r'"m \+ r": its units do not hold'):
            island.create(["m + r"])
        island.create(["2*m + 3*r"])  # constants may have units


def test_without_any_formula_the_error_says_so():
    data = Dataset.from_arrays(DATA.X, DATA.y, names=NAMES, target="F", units={**UNITS, "F": "cd"})
    with (
        Island(data, EVERYTHING.replace(dimensionless_constants=True), sandbox="off") as island,
        pytest.raises(InputError, match="units and constraints allow"),
    ):
        island.create()


def test_the_pool_holds_the_shortest_expressions():
    pool = structure_doors.dimensions(engine(functions=("mul", "div")))
    by_name = dict(zip(DATA.units.names, DATA.units.exponents, strict=True))
    force = tuple(DATA.units.target_exponents) + (0,) * (16 - len(DATA.units.bases))
    assert pool[force] == 5  # m * v / t
    assert all(pool[tuple(e) + (0,) * (16 - len(e))] == 1 for e in by_name.values())


def test_a_checkpoint_keeps_the_units(tmp_path):
    path = tmp_path / "state"
    bare = Dataset.from_arrays(DATA.X, DATA.y, names=NAMES, target="F")
    with Island(DATA, EVERYTHING, seed=3, sandbox="off") as island:
        island.create()
        island.advance(3)
        island.checkpoint(path)
        island.advance(5)
        went_on = island.export("all")
    for dataset in (DATA, bare, table({**UNITS, "F": "kg*m/s**2", "v": "km/h"})):
        with Island.resume(path, dataset, sandbox="off") as again:
            assert again.dataset.units.same_dimensions(DATA.units)
            again.advance(5)
            assert again.export("all") == went_on
    with pytest.raises(InputError, match="other units"):
        Island.resume(path, table({**UNITS, "F": "J"}), sandbox="off")
    with Island(bare, EVERYTHING, seed=3, sandbox="off") as island:
        island.create()
        island.checkpoint(path)
    with pytest.raises(InputError, match="without units"):
        Island.resume(path, DATA, sandbox="off")


def test_moved_to_other_rows_the_units_go_along():
    bare = Dataset.from_arrays(DATA.X[::2], DATA.y[::2], names=NAMES, target="F")
    with Island(DATA, EVERYTHING, seed=3, sandbox="off") as island:
        island.create()
        with island.moved(bare) as other:
            other.advance(3)
            assert other.check() is None and other.dataset.units == DATA.units


def test_a_population_that_breaks_the_units_is_no_state_of_theirs(tmp_path):
    bare = Dataset.from_arrays(DATA.X, DATA.y, names=NAMES, target="F")
    with Island(bare, EVERYTHING, seed=3, sandbox="off") as island:
        island.create()
        from vgp import state

        parts = {name: b"".join([bytes(b) for b in buffers(content)]) for name, content in state.sections(island._engine).items()}
    with Island(DATA, EVERYTHING, sandbox="off") as other, pytest.raises(CheckpointError, match="units do not hold"):
        state.restore(other._engine, parts)


def buffers(content):
    from vgp.checkpoint_file import buffers as of

    return of(content)


def test_what_decides_units_is_fixed_while_an_island_runs():
    with Island(DATA, EVERYTHING, sandbox="off") as island:
        for change in ({"linear_scaling": False}, {"loss": "absolute"}, {"dimensionless_constants": True}):
            with pytest.raises(InputError, match="fixed"):
                island.update(**change)
        island.update(functions=("add", "mul", "div"))
