"""Trees are tidy and families in order, whatever their shape."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.formats.strategies import genomes
from vgp.ancestors import Ancestor
from vgp.pictures.generations import generations, positions
from vgp.pictures.tidy_layout import Place, tidy

GAP = 0.5
widths = st.sampled_from([0.5, 1.0, 2.5])
shapes = st.recursive(st.tuples(widths, st.just([])), lambda below: st.tuples(widths, st.lists(below, max_size=4)), max_leaves=30)


def tree(shape):
    width, children = shape
    return Place("x", width, [tree(child) for child in children])


def outline(place):
    return [(one.x - place.x, one.depth - place.depth) for one in place]


@given(shapes)
def test_neighbours_keep_their_distance_and_nothing_leaves_the_picture(shape):
    root = tree(shape)
    width, levels = tidy(root, GAP)
    rows = {}
    for place in root:
        rows.setdefault(place.depth, []).append(place)
        assert place.x - place.width / 2 >= -1e-9 and place.x + place.width / 2 <= width + 1e-9
    assert len(rows) == levels
    for row in rows.values():  # in the order of the tree: so no two lines cross
        for left, right in pairwise(row):
            assert right.x - left.x >= (left.width + right.width) / 2 + GAP - 1e-9


@given(shapes)
def test_parents_stand_in_the_middle_above_their_children(shape):
    root = tree(shape)
    tidy(root, GAP)
    for place in root:
        if place.children:
            assert math.isclose(place.x, (place.children[0].x + place.children[-1].x) / 2, abs_tol=1e-9)
            assert all(child.depth == place.depth + 1 for child in place.children)


@given(shapes)
def test_the_mirror_image_is_as_wide(shape):
    def mirrored(one):
        return (one[0], [mirrored(child) for child in reversed(one[1])])

    assert math.isclose(tidy(tree(shape), GAP)[0], tidy(tree(mirrored(shape)), GAP)[0])


@given(shapes)
def test_equal_trees_look_alike_wherever_they_stand(shape):
    alone, pair = tree(shape), tree((1.0, [shape, shape]))
    tidy(alone, GAP)
    tidy(pair, GAP)
    for child in pair.children:
        for (x, depth), (y, level) in zip(outline(alone), outline(child), strict=True):
            assert math.isclose(x, y, abs_tol=1e-9) and depth == level


@given(genomes(max_leaves=30))
def test_formulas_are_laid_out(genome):
    """Every genome is a tree of its nodes."""
    stack = []
    for _, arity, _, _ in genome.tolist():
        below = stack[len(stack) - arity :]
        del stack[len(stack) - arity :]
        stack.append(Place("x", 1.0, below))
    tidy(stack[0], GAP)
    assert len(list(stack[0])) == len(genome)


def test_a_chain_as_deep_as_a_genome_can_be():
    root = Place("x")
    for _ in range(300):
        root = Place("x", 1.0, [root])
    assert tidy(root)[1] == 301


@st.composite
def lineages(draw):
    """Any parents among those before, or none that is known; the organism last."""
    n = draw(st.integers(1, 40))
    return [
        Ancestor(i, tuple(draw(st.lists(st.integers(0, 60), max_size=2))), i, draw(st.floats(0, 9) | st.just(math.nan)), 1, "x")
        for i in range(n)
    ]


@given(lineages())
def test_parents_stand_above_their_children_and_all_are_kin(lineage):
    found = generations(lineage)
    places = positions(found.rows)
    assert [one.id for one in found.rows[-1]] == [lineage[-1].id]
    assert len(found.rows) <= 10 and all(1 <= len(row) <= 5 for row in found.rows)
    assert len(places) + found.left_out == len(lineage)
    kin = {parent for parent, _ in found.links}
    assert kin == {one.id for row in found.rows[:-1] for one in row}
    for parent, child in found.links:
        assert places[parent][1] < places[child][1]


def test_of_a_row_too_long_the_best_are_shown():
    parents = [Ancestor(i, (), 0, float(20 - i), 1, "x") for i in range(12)]
    found = generations([*parents, Ancestor(99, tuple(range(12)), 1, 0.0, 1, "x")])
    assert sorted(one.id for one in found.rows[0]) == [7, 8, 9, 10, 11] and found.left_out == 7
