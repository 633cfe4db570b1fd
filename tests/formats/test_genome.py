"""Genomes for Python: checks, ids, depths, and calls written out."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.formats.strategies import families, genome_of, genomes, mild_constant
from tests.formats.twin import edge_table, values
from vgp.errors import GenomeError
from vgp.export import to_text
from vgp.formula import parse
from vgp.genome import depth, depths, error_of, flatten, genome_id, ids, index, substitute, validate
from vgp.hashing import content_hash
from vgp.layout import MAX_NODES, NODE, REFERENCE, VARIABLE, batch

TABLE = edge_table(5)


def tree_depth(nodes) -> int:
    stack = []
    for _, arity, _, _ in nodes.tolist():
        below = [stack.pop() for _ in range(arity)]
        stack.append(1 + max(below, default=0))
    return stack[0]


@given(st.lists(genomes(), max_size=5))
def test_ids_and_depths_of_a_batch_are_those_of_its_genomes(population):
    nodes, offsets = batch(population)
    assert ids(nodes, offsets).tolist() == [genome_id(genome) for genome in population]
    assert depths(nodes, offsets).tolist() == [tree_depth(genome) for genome in population]
    assert all(depth(genome) == tree_depth(genome) for genome in population)
    assert all(genome_id(genome) == content_hash(genome.tobytes()) for genome in population)


def test_a_slice_of_a_larger_array_has_the_same_id():
    nodes, offsets = batch([parse("x0"), parse("sin(x0) + 1")])
    shifted = np.frombuffer(b"\0" + nodes.tobytes(), np.uint8)[1:].view(NODE)
    assert genome_id(shifted[1:]) == genome_id(nodes[offsets[1] :]) == genome_id(parse("sin(x0) + 1"))


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [("op", 250, "unknown_opcode"), ("arity", 1, "bad_arity"), ("length", 2, "bad_length"), ("payload", 1, "bad_payload")],
)
def test_what_is_wrong_with_a_genome_is_named(field, value, reason):
    genome = parse("x0 + x1")
    genome[2][field] = value
    assert error_of(genome) == reason
    with pytest.raises(GenomeError, match=reason):
        validate(genome)


def test_limits_are_the_callers():
    genome = parse("sin(sin(x3)) + 1")
    assert error_of(genome, max_nodes=4) == "too_long"
    assert error_of(genome, max_depth=3) == "too_deep"
    assert error_of(genome, n_variables=3) == "unknown_variable"
    assert error_of(genome, max_nodes=5, max_depth=4, n_variables=4) == "none"


@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((2, 2), NODE), np.zeros(0, NODE)])
def test_arrays_that_are_no_genomes_are_refused(wrong):
    with pytest.raises(GenomeError):
        validate(wrong)


@pytest.mark.parametrize("offsets", [[], [1], [0, 2], [0, 3, 2, 3], [0, 4]])
def test_offsets_that_do_not_fit_are_refused(offsets):
    with pytest.raises(GenomeError, match="offsets"):
        ids(parse("x0 + x1"), offsets)


def test_the_genome_at_fault_is_named():
    bad = parse("x0 + 1")
    bad["op"][0] = 250
    with pytest.raises(GenomeError, match="genome 1 of the batch is not valid: unknown_opcode"):
        depths(*batch([parse("x0"), bad]))


# ---- calls written out ----


@given(families(constants=mild_constant))
def test_a_flattened_organism_has_the_values_of_its_calls(family):
    members = {genome_id(genome): genome for genome in family}
    try:
        plain = flatten(family[-1], members.get)
    except GenomeError as error:
        assume(error.reason in ("too_long", "too_deep"))
        return
    assert error_of(plain) == "none"
    assert not (plain["op"] == REFERENCE).any()
    np.testing.assert_array_equal(values(plain, TABLE), values(family[-1], TABLE, members.get))


def test_arguments_stand_in_for_the_first_variables_of_the_callee_only():
    g = parse("x0*x1")
    f = parse(f"x0 + x1 + x2 + @{genome_id(g):x} + @{genome_id(g):x}(x1)")
    held = {genome_id(genome): genome for genome in (g, f)}
    caller = parse(f"@{genome_id(f):x}(sin(x3), 7)")
    assert to_text(flatten(caller, held.get)) == "sin(x3) + 7 + x2 + x0*x1 + 7*x1"


@given(genomes(mild_constant, max_leaves=8), st.lists(genomes(mild_constant, max_leaves=6), max_size=3))
def test_substituting_arguments_is_what_a_call_means(body, arguments):
    call = genome_of([(op, n, p) for g in arguments for op, n, _, p in g.tolist()] + [(REFERENCE, len(arguments), genome_id(body))])
    assert substitute(body, arguments).tolist() == flatten(call, {genome_id(body): body}.get).tolist()


def test_a_missing_organism_is_named():
    with pytest.raises(GenomeError, match="missing_reference 00000000000000ff") as caught:
        flatten(parse("@ff"), lambda id: None)
    assert caught.value.reason == "missing_reference"


def test_a_cycle_ends():
    loop = parse("sin(@ff)")
    with pytest.raises(GenomeError) as caught:
        flatten(loop, lambda id: loop)
    assert caught.value.reason == "reference_depth"


def bomb(levels: int, body: str):
    genomes = [parse("x0")]
    for _ in range(levels):
        genomes.append(parse(body.replace("f", f"@{genome_id(genomes[-1]):x}")))
    return genomes[-1], {genome_id(genome): genome for genome in genomes}


def test_a_bomb_of_nodes_ends():
    genome, held = bomb(8, "+".join(["f(x0)"] * 30))
    with pytest.raises(GenomeError) as caught:
        flatten(genome, held.get)
    assert caught.value.reason == "too_long"


def test_a_bomb_that_writes_no_nodes_ends():
    """Organisms that only hand their argument on: 250^8 calls for one node."""
    genome, held = bomb(8, "f(" * 250 + "x0" + ")" * 250)
    with pytest.raises(GenomeError) as caught:
        flatten(genome, held.get)
    assert caught.value.reason == "work_limit"


def test_a_result_deeper_than_a_genome_may_be_is_refused():
    genome, held = bomb(2, "sin(" * 140 + "f(x0)" + ")" * 140)
    with pytest.raises(GenomeError) as caught:
        flatten(genome, held.get)
    assert caught.value.reason == "too_deep"


def test_an_error_of_the_resolver_is_the_callers():
    def resolve(id):
        raise KeyError(id)

    with pytest.raises(KeyError):
        flatten(parse("@ff"), resolve)


def test_a_resolver_that_gives_nonsense_is_refused():
    with pytest.raises(GenomeError, match="unknown_opcode"):
        flatten(parse("@ff"), lambda id: np.full(3, 255, np.uint8).repeat(12).view(NODE))


def test_indexing_finds_what_is_not_one_expression():
    rows = np.zeros(2, NODE)
    rows["op"] = VARIABLE
    with pytest.raises(GenomeError, match="not one expression"):
        index(rows)


def test_a_call_that_grows_beyond_the_limit_is_refused():
    body, argument = parse("+".join(["x0"] * 200)), parse("+".join(["x1"] * 21))
    with pytest.raises(GenomeError, match=f"more than {MAX_NODES} nodes"):
        substitute(body, [argument])
    assert len(substitute(parse("x0*x0"), [argument], max_nodes=83)) == 83
    with pytest.raises(GenomeError, match="more than 82 nodes"):
        substitute(parse("x0*x0"), [argument], max_nodes=82)
