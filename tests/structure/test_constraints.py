"""Constraints hold in every organism as it reads with all calls written out; a recursive twin judges. Rules are read as typed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgp import founding, structure_doors
from vgp.constraints import Limit, limits_of, written
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.genome import decode_bundle, flatten
from vgp.island import Island
from vgp.layout import ARITIES, FUNCTIONS, NAMES
from vgp.parameters import MUTATIONS, Parameters
from vgp.variation import doors

RULES = """no sin, cos in sin, cos; at most 1 exp in exp
at most 1 nodes in pow 2; no variables in pow 2; at most 3 nodes in if 1, div 2"""
FREE = Parameters(population_size=150, births_per_tick=150, functions=FUNCTIONS, max_size=25)
PARAMETERS = FREE.replace(constraints=RULES)
CALLING = PARAMETERS.replace(reference_create=0.5, reference_depth=4, reference_arguments=3, library_size=64, max_expanded_size=200)
seeds = st.integers(0, 2**64 - 1)
ROWS = np.random.default_rng(2).uniform(1, 3, (40, 3))
DATA = Dataset.from_arrays(ROWS, ROWS[:, 0] * np.sin(ROWS[:, 1]), names=("a", "b", "c"))
UNITED = DATA.with_units({"a": "kg", "b": "1", "c": "m"}, "kg")
ISLANDS = {}


def engine(dataset=DATA):
    if dataset not in ISLANDS:
        ISLANDS[dataset] = Island(dataset, PARAMETERS, sandbox="off")
    return ISLANDS[dataset]._engine


def tree(nodes):
    """(name, operands) of a plain genome."""
    stack = []
    for op, arity, *_ in nodes.tolist():
        operands = stack[len(stack) - arity :]
        del stack[len(stack) - arity :]
        stack.append((NAMES[op], operands))
    return stack[0]


def size(node):
    return 1 + sum(map(size, node[1]))


def deepest(node, name):
    """Most nodes of that name on a path from here down."""
    return (node[0] == name) + max((deepest(operand, name) for operand in node[1]), default=0)


def obeys(node, limits):
    for limit in limits:
        if limit.function == node[0]:
            operand = node[1][limit.operand]
            if (size(operand) if limit.inner is None else deepest(operand, limit.inner)) > limit.most:
                return False
    return all(obeys(operand, limits) for operand in node[1])


@given(seeds, st.integers(1, 25))
@settings(max_examples=500, deadline=None)
def test_the_core_judges_as_the_twin(seed, longest):
    nodes = doors.create(seed, FUNCTIONS, 3, 1, longest, 12)
    assert (founding.refusal(engine(), nodes) is None) == obeys(tree(nodes), limits_of(RULES))


@pytest.mark.parametrize("dataset", [DATA, UNITED], ids=["alone", "with units"])
@given(seed=seeds, a=seeds, b=seeds, operator=st.integers(0, len(MUTATIONS) - 1))
@settings(max_examples=200, deadline=None)
def test_every_operator_obeys(dataset, seed, a, b, operator):
    first, second = (structure_doors.create(engine(dataset), parent, 1, 20) for parent in (a, b))
    if first is None or second is None:
        return
    mutated, _ = structure_doors.mutate(engine(dataset), seed, operator, first)
    crossed, _ = structure_doors.cross(engine(dataset), seed, first, second)
    assert all(obeys(tree(nodes), limits_of(RULES)) for nodes in (first, mutated, crossed))


@pytest.mark.parametrize("dataset", [DATA, UNITED], ids=["alone", "with units"])
@pytest.mark.parametrize("parameters", [PARAMETERS, CALLING], ids=["without calls", "calling"])
def test_a_whole_run_obeys(parameters, dataset):
    with Island(dataset, parameters, seed=4, sandbox="off") as island:
        island.create()
        for _ in range(4):
            island.advance(10)
            assert island.check() is None
            bundle = decode_bundle(island.export("all"))
            held = {int(organism_id): bundle.genome(k) for k, organism_id in enumerate(bundle.ids)}
            for nodes in held.values():
                assert obeys(tree(flatten(nodes, held.get)), limits_of(RULES))


def test_strangers_that_break_them_are_refused_and_counted():
    with Island(DATA, FREE, sandbox="off") as outside, Island(DATA, PARAMETERS, sandbox="off") as island:
        outside.create(["sin(cos(a))"])
        ids = [int(i) for i in outside.living()["id"]]
        island.create()
        reports = [island.import_(outside.export([organism_id])).rejected for organism_id in ids]
        assert {"constraints": 1} in reports
        with pytest.raises(InputError, match="breaks the constraints"):
            island.create(["sin(cos(a))"])


def test_rules_as_they_are_typed():
    assert limits_of("no sin in exp") == (Limit("exp", 0, "sin", 0),)
    assert limits_of(" At Most 1 nodes  in pow 2;\n") == (Limit("pow", 1, None, 1),)
    assert limits_of("no variables in pow 2") == (Limit("pow", 1, "variable", 0),)
    assert len(limits_of("at most 2 sin, cos in add, exp")) == 6
    assert limits_of("") == limits_of(" ; \n") == ()


def test_rules_from_the_tables_of_pysr():
    text = written({"sin": {"sin": 0, "exp": 1}}, {"pow": (None, 1)})
    assert text == "at most 0 sin in sin; at most 1 exp in sin; at most 1 nodes in pow 2"
    assert len(limits_of(text)) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sin in sin", "write"),
        ("no sinn in sin", "no function 'sinn'"),
        ("no sin in sinn", "no function 'sinn'"),
        ("no sin in sin 2", "one operand"),
        ("no sin in pow 3", "operands 1 to 2"),
        ("no nodes in sin", "at least one node"),
        ("at most 999 sin in sin", "254"),
        ("at most x sin in sin", "write"),
        ("no sin, in sin", "no function ''"),
    ],
)
def test_what_is_no_rule(text, said):
    with pytest.raises(InputError, match=said) as caught:
        Parameters(constraints=text)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40) | st.text("no sin in pow 2; at most 1 nodes,", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_rules_or_an_error(text):
    try:
        limits = limits_of(text)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert all(limit.operand < ARITIES[{name: op for op, name in NAMES.items()}[limit.function]] for limit in limits)
