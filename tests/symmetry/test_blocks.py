"""Blocks that tables suggest, what is made of them, and those that users give."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.running import called
from vgp import Dataset, Island, Parameters
from vgp.blocks import texts_of, with_found_blocks
from vgp.errors import InputError
from vgp.formula import parse
from vgp.genome import decode_bundle
from vgp.symmetry import find_blocks
from vgp.symmetry.terms import POWERS, Term, functions_of_power, power_product
from vgp.variation import doors

FUNCTIONS = Parameters().functions


def table(law, ranges, *, noise=0.0, rows=1000, seed=5, names=None):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.uniform(low, high, rows) for low, high in ranges])
    y = law(*X.T)
    y = y + rng.normal(0, noise * np.sqrt(np.mean(y**2)), rows) if noise else y
    return Dataset.from_arrays(X, y, names=names or tuple("abcdefghi"[: len(ranges)]))


def values(text, dataset):
    names = dict(zip(dataset.names, dataset.X.T, strict=True))
    return eval(text.replace("^", "**"), {"sqrt": np.sqrt, "__builtins__": {}}, names)


@pytest.mark.parametrize("noise", [0.0, 0.03])
@pytest.mark.parametrize(
    ("law", "ranges", "made"),
    [
        (lambda a, b, c: np.sin(2 * (a - b)) * c + 3, [(1, 3), (1, 3), (1, 2)], "a - b"),
        (lambda a, b, c: np.exp(-((a / b) ** 2)) + 0.3 * c, [(1, 3), (1, 3), (1, 2)], "a/b"),
        (lambda a, b, c: np.tanh(a * b) + c**2, [(0.2, 1), (0.2, 1), (0.1, 1)], "a*b"),
        (lambda a, b, c: np.cos(a + b) + np.sqrt(c), [(0.5, 2), (0.5, 2), (1, 9)], "a + b"),
        (lambda a, b: np.exp(-np.hypot(a, b)), [(-2, 2), (-2, 2)], "a^2 + b^2"),
        (lambda a, b, c: np.log(a) * b**2 / c, [(2, 9), (1, 3), (1, 3)], "b^2/c"),
        (lambda a, b: 7 * a * np.sqrt(a) / b**2, [(1, 5), (1, 5)], "a*sqrt(a)/b^2"),
        (lambda a, b, c, d, e: np.sin(a * b), [(0, 1), (0, 1), (0, 1), (-1, 1), (3, 4)], "a*b"),
    ],
)
def test_what_belongs_together_is_found(law, ranges, made, noise):
    dataset = table(law, ranges, noise=noise)
    wanted = values(made, dataset)
    found = [values(text, dataset) for text in find_blocks(dataset, FUNCTIONS)]
    found = [f for f in found if np.ptp(f)]
    assert any(abs(np.corrcoef(wanted, f)[0, 1]) > 1 - 1e-12 for f in found)


def test_the_law_of_gravity_is_found_from_its_symmetries_alone():
    dataset = table(
        lambda a, b, c, d, e, f, g, h, i: a * b * c / ((d - e) ** 2 + (f - g) ** 2 + (h - i) ** 2),
        [(1, 2), (1, 2), (1, 2), (3, 4), (1, 2), (3, 4), (1, 2), (3, 4), (1, 2)],
    )
    last = find_blocks(dataset, FUNCTIONS)[-1]
    assert np.allclose(values(last, dataset) * (dataset.y / values(last, dataset)).mean(), dataset.y, rtol=1e-12)


@pytest.mark.parametrize(
    "law", [lambda a, b, c: a**2 * b + np.sin(3 * c) * a, lambda a, b, c: np.random.default_rng(1).normal(0, 1, len(a))]
)
def test_where_nothing_belongs_together_nothing_is_found(law):
    assert find_blocks(table(law, [(0.5, 3), (-1, 2), (0.3, 1)]), FUNCTIONS) == ()


def test_only_functions_that_formulas_may_use():
    dataset = table(lambda a, b, c: a * b**2 / np.sqrt(c), [(1, 3), (1, 3), (1, 3)])
    for functions in (("add", "mul"), ("add", "mul", "div"), ("add", "sub", "div"), ("sin",)):
        for text in find_blocks(dataset, functions):
            used = {name for name in ("div", "sqrt") if {"div": "/", "sqrt": "sqrt"}[name] in text}
            assert used <= set(functions), text


@pytest.mark.parametrize("shape", [(1000, 1), (30, 3), (500, 20)])
def test_tables_too_small_or_too_wide_have_none(shape):
    X = np.random.default_rng(3).uniform(1, 2, shape)
    assert find_blocks(Dataset.from_arrays(X, X.prod(axis=1)), FUNCTIONS) == ()


@settings(max_examples=30, deadline=None)
@given(st.integers(100, 200), st.integers(2, 4), st.integers(0, 2**32 - 1), st.sampled_from([1e-200, 1.0, 1e200]))
def test_any_table_gives_formulas_over_its_columns(rows, d, seed, scale):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 0.0, 1.0, 2.5], (rows, d)) * rng.choice([1.0, scale], d) + rng.normal(0, 1e-3, (rows, d))
    y = np.prod(X, axis=1) if seed % 2 else X[:, 0]
    if not np.isfinite(y).all() or np.ptp(y) == 0:
        return
    names = tuple(f"a column; `{i}`" for i in range(d))
    parameters = with_found_blocks(Parameters(precision="float64"), Dataset.from_arrays(X, y, names=names))
    for text in texts_of(parameters.blocks):
        assert len(parse(text, names)) > 1


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from(POWERS)), min_size=1, max_size=3, unique_by=lambda f: f[0]))
def test_products_of_powers_are_written_with_the_functions_they_say(factors):
    rng = np.random.default_rng(0)
    terms = {name: Term(name, rng.uniform(1, 2, 20)) for name in "xyz"}
    text = power_product([(terms[name], k) for name, k in factors])
    expected = np.prod([terms[name].values ** k for name, k in factors], axis=0)
    computed = eval(text.replace("^", "**"), {"sqrt": np.sqrt}, {n: t.values for n, t in terms.items()})
    assert np.allclose(computed, expected, rtol=1e-12)
    needed = set().union(*(functions_of_power(k) for _, k in factors))
    assert not ("sqrt" in text and "sqrt" not in needed) and not ("/" in text and "div" not in needed)


# --- given and used ---


def test_variation_uses_them_and_never_grows_too_large():
    dataset = table(lambda a, b, c: np.sin(a) * b + c, [(1, 3), (1, 3), (1, 3)])
    block = parse("sqrt(a*b)", dataset.names)
    small = Parameters(population_size=400, births_per_tick=200, max_size=9)
    parameters = small.replace(blocks="sqrt(a*b)", find_blocks=False, block_share=0.5)
    with Island(dataset, parameters, seed=1, sandbox="off") as island:
        island.create()
        island.advance(10)
        bundle = decode_bundle(island.export("all"))
        genomes = [bundle.genome(i) for i in range(len(bundle))]
        assert island.check() is None
    assert max(map(len, genomes)) <= 9
    with_it = sum(block[:-1].tobytes() in nodes.tobytes() for nodes in genomes)
    assert with_it > 0


def test_they_are_drawn_as_often_as_asked():
    """A quarter of the operands that could be one; a first generation of small formulas is full of them."""
    dataset = table(lambda a, b, c: np.sin(a) * b + c, [(1, 3), (1, 3), (1, 3)])
    block = parse("sqrt(a*b)", dataset.names).tobytes()
    counts = {}
    for share in (0.0, 0.25, 0.6):
        parameters = Parameters(population_size=500, births_per_tick=100, blocks="sqrt(a*b)", find_blocks=False, block_share=share)
        with Island(dataset, parameters, seed=1, sandbox="off") as island:
            island.create()
            bundle = decode_bundle(island.export("all"))
            counts[share] = sum(block in bundle.genome(i).tobytes() for i in range(len(bundle))) / len(bundle)
    assert counts[0.0] < 0.02 and 0.2 < counts[0.25] < counts[0.6]


def test_without_blocks_variation_draws_what_it_always_drew():
    created = [doors.create(seed, ("add", "sin"), 2, 1, 12, 8).tobytes() for seed in range(50)]
    assert len(set(created)) > 30


def test_found_once_and_kept_in_parameters_and_checkpoints(tmp_path):
    dataset = table(lambda a, b, c: np.sin(2 * (a - b)) * c + 3, [(1, 3), (1, 3), (1, 2)])
    small = Parameters(population_size=100, births_per_tick=50, blocks="a*c")
    with Island(dataset, small, seed=1, sandbox="off") as island:
        island.create()
        blocks = texts_of(island.parameters.blocks)
        island.advance(5)
        island.checkpoint(tmp_path / "state")
        island.advance(5)
        onwards = island.export("all")
    assert blocks[0] == "a*c" and any("-" in text for text in blocks[1:])
    with Island.resume(tmp_path / "state", dataset, sandbox="off") as island:
        assert texts_of(island.parameters.blocks) == blocks
        island.advance(5)
        assert island.export("all") == onwards


def test_names_with_semicolons_stay_whole():
    assert texts_of(" `a; b` - c;  d/`e``;`;") == ["`a; b` - c", "d/`e``;`"]


@pytest.mark.parametrize(("blocks", "said"), [("a +", "missing"), ("q*a", "no column q"), ("a*b; b*", "missing")])
def test_a_block_that_is_no_formula_is_refused(blocks, said):
    dataset = table(lambda a, b: a * b, [(1, 2), (1, 2)])
    with pytest.raises(InputError, match=said):
        Island(dataset, Parameters(blocks=blocks), sandbox="off")


def test_units_and_blocks_do_not_go_together():
    dataset = table(lambda a, b: a / b, [(1, 2), (1, 2)]).with_units({"a": "m", "b": "s"}, "m/s")
    with pytest.raises(InputError, match="units"):
        Island(dataset, Parameters(blocks="a/b"), sandbox="off")
    with Island(dataset, Parameters(population_size=50, births_per_tick=20), sandbox="off") as island:
        island.create()
        assert island.parameters.blocks == ""


def test_on_the_command_line(tmp_path):
    dataset = table(lambda a, b: np.sin(a / b), [(1, 3), (1, 3)], rows=100)
    path = tmp_path / "t.csv"
    np.savetxt(path, np.column_stack([dataset.X, dataset.y]), delimiter=",", header="a,b,y", comments="")
    told = ("fit", str(path), "--target", "y", "--evaluations", "3k", "--population", "100", "--save", str(tmp_path / "m"))
    result = called(*told, "--block", "a + b", "--block", "a/b")
    assert result.returncode == 0, result.stderr
    kept = json.loads((tmp_path / "m").read_text())["model"]["parameters"]["blocks"]
    assert texts_of(kept)[:2] == ["a + b", "a/b"]
    wrong = called(*told, "--block", "a +")
    assert wrong.returncode == 2 and wrong.stderr.count("\n") == 1 and "block" in wrong.stderr
