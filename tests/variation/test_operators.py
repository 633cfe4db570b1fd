"""Variation only makes valid genomes within the limits, and changes what it says it changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgp import genome
from vgp.layout import ARITIES, CONSTANT, VARIABLE
from vgp.parameters import MUTATIONS
from vgp.variation import doors

FUNCTIONS = ("add", "sub", "mul", "div", "sqrt", "exp", "log", "sin", "min", "if")
MAX_SIZE, MAX_DEPTH, N_VARIABLES = 30, 9, 4
seeds = st.integers(0, 2**64 - 1)


def random_genome(seed, maximum=MAX_SIZE, functions=FUNCTIONS):
    return doors.create(seed, functions, N_VARIABLES, 1, maximum, MAX_DEPTH)


def assert_fits(nodes):
    assert genome.error_of(nodes, max_nodes=MAX_SIZE, max_depth=MAX_DEPTH, n_variables=N_VARIABLES) == "none"


def as_tree(nodes):
    """The slow, obvious form: nested tuples (op, payload, operands)."""
    stack = []
    for node in nodes:
        arity = int(node["arity"])
        operands = tuple(stack[len(stack) - arity :])
        del stack[len(stack) - arity :]
        stack.append((int(node["op"]), int(node["payload"]), operands))
    (tree,) = stack
    return tree


def subtrees(tree):
    yield tree
    for operand in tree[2]:
        yield from subtrees(operand)


def one_subtree_differs(before, after):
    """If `after` is `before` with one subtree replaced: the pairs (old, new), at every place where that holds."""
    if before != after:
        yield before, after
    if before[:2] == after[:2] and len(before[2]) == len(after[2]):
        places = [k for k, (a, b) in enumerate(zip(before[2], after[2], strict=True)) if a != b]
        if len(places) == 1:
            yield from one_subtree_differs(before[2][places[0]], after[2][places[0]])


@given(seeds, st.integers(1, MAX_SIZE))
def test_creation_makes_valid_genomes(seed, maximum):
    nodes = random_genome(seed, maximum)
    assert_fits(nodes)
    assert len(nodes) <= maximum


@given(seeds, st.integers(1, MAX_SIZE))
def test_creation_reaches_the_size_asked_for_when_every_arity_is_there(seed, size):
    nodes = doors.create(seed, FUNCTIONS, N_VARIABLES, size, size, 64)
    assert len(nodes) == size


def test_creation_uses_every_function_and_every_variable():
    seen = np.concatenate([random_genome(seed) for seed in range(500)])
    assert {ARITIES[int(op)] for op in np.unique(seen["op"])} == {0, 1, 2, 3}
    assert len(np.unique(seen["op"])) == len(FUNCTIONS) + 2
    assert set(seen["payload"][seen["op"] == VARIABLE]) == set(range(N_VARIABLES))


@settings(max_examples=300)
@given(seeds, seeds, seeds)
def test_crossover_puts_a_subtree_of_the_second_parent_into_the_first(seed, a, b):
    first, second = random_genome(a), random_genome(b)
    child, crossed = doors.cross(seed, first, second, MAX_SIZE, MAX_DEPTH)
    assert_fits(child)
    before, after = as_tree(first), as_tree(child)
    if not crossed:
        assert before == after
    elif before != after:
        donated = set(subtrees(as_tree(second)))
        assert any(new in donated for _, new in one_subtree_differs(before, after))


@settings(max_examples=300)
@given(seeds, seeds, st.sampled_from(range(len(MUTATIONS))))
def test_every_mutation_keeps_the_genome_valid(seed, a, operator):
    parent = random_genome(a)
    child, changed = doors.mutate(seed, operator, parent, FUNCTIONS, N_VARIABLES, MAX_SIZE, MAX_DEPTH)
    assert_fits(child)
    if not changed:
        assert child.tobytes() == parent.tobytes()


@given(seeds, seeds)
def test_constant_mutation_changes_one_constant_and_nothing_else(seed, a):
    parent = random_genome(a)
    child, changed = doors.mutate(seed, MUTATIONS.index("constant"), parent, FUNCTIONS, N_VARIABLES, MAX_SIZE, MAX_DEPTH)
    different = parent != child
    assert changed == bool((parent["op"] == CONSTANT).any())
    assert different.sum() <= 1
    assert (parent["op"] == child["op"]).all()
    assert np.isfinite(child["payload"][child["op"] == CONSTANT].view(np.float64)).all()


@given(seeds, seeds)
def test_hoist_shortens(seed, a):
    parent = random_genome(a)
    child, changed = doors.mutate(seed, MUTATIONS.index("hoist"), parent, FUNCTIONS, N_VARIABLES, MAX_SIZE, MAX_DEPTH)
    assert changed == (len(parent) > 1)
    if changed:
        assert len(child) < len(parent)
        assert as_tree(child) == as_tree(parent) or any(
            new in set(subtrees(old)) for old, new in one_subtree_differs(as_tree(parent), as_tree(child))
        )


@given(seeds, seeds)
def test_swap_exchanges_the_last_two_operands_of_one_node(seed, a):
    parent = random_genome(a)
    child, changed = doors.mutate(seed, MUTATIONS.index("swap"), parent, FUNCTIONS, N_VARIABLES, MAX_SIZE, MAX_DEPTH)
    before, after = as_tree(parent), as_tree(child)
    if changed and before != after:
        swaps = [(old, new) for old, new in one_subtree_differs(before, after) if len(old[2]) >= 2 and old[:2] == new[:2]]
        assert any(old[2][:-2] == new[2][:-2] and old[2][-2:] == new[2][:-3:-1] for old, new in swaps)


@given(seeds, seeds)
def test_insert_keeps_what_was_there(seed, a):
    parent = random_genome(a)
    child, changed = doors.mutate(seed, MUTATIONS.index("insert"), parent, FUNCTIONS, N_VARIABLES, MAX_SIZE, MAX_DEPTH)
    if changed:
        assert len(child) > len(parent)
        assert any(old in new[2] for old, new in one_subtree_differs(as_tree(parent), as_tree(child)))


@pytest.mark.parametrize("operator", MUTATIONS)
def test_every_mutation_changes_something_sometimes(operator):
    parent = doors.create(7, FUNCTIONS, N_VARIABLES, 20, 20, MAX_DEPTH)
    number = MUTATIONS.index(operator)
    children = [doors.mutate(seed, number, parent, FUNCTIONS, N_VARIABLES, MAX_SIZE, MAX_DEPTH)[0] for seed in range(200)]
    assert any(child.tobytes() != parent.tobytes() for child in children)


@given(seeds, seeds)
def test_the_same_seed_gives_the_same_child(seed, a):
    parent = random_genome(a)
    for operator in range(len(MUTATIONS)):
        once, again = (doors.mutate(seed, operator, parent, FUNCTIONS, N_VARIABLES, MAX_SIZE, MAX_DEPTH)[0] for _ in range(2))
        assert once.tobytes() == again.tobytes()


def renamed(tree, numbers):
    """The tree with variables numbered in the order in which they come; `numbers` gets old -> new."""
    op, payload, operands = tree
    if op == VARIABLE:
        return op, numbers.setdefault(payload, len(numbers)), ()
    return op, payload, tuple(renamed(operand, numbers) for operand in operands)


@given(seeds, seeds, st.integers(0, 3))
def test_a_module_is_a_part_that_takes_its_variables_as_arguments_or_stays_as_it_is(seed, other, most):
    nodes = random_genome(seed)
    module, arguments = doors.cut(other, nodes, most)
    if not len(module):
        return
    assert len(module) > 1 and arguments <= most
    assert_fits(module)
    parts = list(subtrees(as_tree(nodes)))
    if arguments:
        assert any(renamed(part, numbers := {}) == as_tree(module) and len(numbers) == arguments for part in parts)
    else:
        assert as_tree(module) in parts


def test_modules_of_both_kinds_are_cut():
    cuts = [doors.cut(seed, random_genome(seed), 2) for seed in range(300)]
    assert {arguments for module, arguments in cuts if len(module)} == {0, 1, 2}
