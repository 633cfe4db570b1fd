"""SymPy expressions are evaluated, and their source is executed."""

import keyword

import numpy as np
import pytest
import sympy

from tests.formats.exported import EVERYTHING, HOSTILE, application, sample
from tests.formats.strategies import NAMES, genomes, mild_constant
from tests.formats.twin import values
from vgp.errors import InputError
from vgp.export import FORMATS
from vgp.export.names import columns_used
from vgp.export.sympy import to_sympy
from vgp.formula import parse
from vgp.layout import FUNCTIONS

ORDINARY = np.random.default_rng(0).normal(0, 3, (5, 12))


def defined(genome, table):
    """The rows on which every part of the genome is a number, and none is huge."""
    parts = [values(part, table) for part in subtrees(genome)]
    return np.all([np.abs(part) < 1e9 for part in parts], axis=0)


def subtrees(genome):
    return [genome[i + 1 - int(node["length"]) : i + 1] for i, node in enumerate(genome)]


def evaluated(expression, names, row):
    """The value at a row, by SymPy's own arithmetic."""
    symbols = {sympy.Symbol(name, real=True): sympy.Float(x) for name, x in zip(names, row.tolist(), strict=True)}
    return complex(expression.subs(symbols).evalf(17))


def agree(genome, names):
    expression = to_sympy(genome, names)
    rows = np.flatnonzero(defined(genome, ORDINARY))
    wanted = values(genome, ORDINARY)
    for row in rows:
        np.testing.assert_allclose(evaluated(expression, names, ORDINARY[:, row]), wanted[row], rtol=1e-7, atol=1e-7)
    return len(rows)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function(name):
    assert agree(application(name), NAMES) > 0


def attempt(genome):
    """The source, or None where SymPy compares what is imaginary."""
    try:
        return FORMATS["sympy"](genome, NAMES)
    except InputError as error:
        assert str(error).startswith("SymPy cannot hold this formula: ")
        return None


def test_random_formulas_have_their_values_and_their_source_makes_them():
    held = compared = 0
    for genome in [parse(EVERYTHING), *sample(genomes(mild_constant, max_leaves=6), 60)]:
        source = attempt(genome)
        if source is not None:
            held += 1
            compared += agree(genome, NAMES)
            scope = {}
            exec(source, scope)
            assert scope["formula"] == to_sympy(genome, NAMES)
    assert held > 50 and compared > 300


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("2.5*a^1.5 - b", "2.5*a**1.5 - b"),
        ("if(a < b, 1, a)", "Piecewise((1, a < b), (a, True))"),
        ("if(a, 1, b)", "Piecewise((1, a > 0), (b, True))"),
        ("if(1 - a, 1, 0)*2", "2*Piecewise((1, a < 1), (0, True))"),
        ("(a >= b)*2", "2*Piecewise((1, a >= b), (0, True))"),
        ("aq(a, b)", "a/sqrt(b**2 + 1)"),
        ("sqrt(a^2)", "Abs(a)"),
        ("1/0", "zoo"),
        ("sqrt(-4)", "2*I"),
    ],
)
def test_expressions_are_as_mathematicians_write(formula, shown):
    assert str(to_sympy(parse(formula, ["a", "b"]), ["a", "b"])) == shown


def test_constants_keep_all_their_bits():
    genome = parse("0.1*x0 + 123456789.12345679 + x1/3 - 1e300*1e300*x2")
    scope = {}
    exec(FORMATS["sympy"](genome), scope)
    assert scope["formula"] == to_sympy(genome)
    assert {float(x) for x in to_sympy(genome).atoms(sympy.Float) if abs(x) < 1e300} == {0.1, 123456789.12345679}


def test_symbols_bear_the_columns_names_whatever_they_are():
    names = [*HOSTILE, "E", "I", "Symbol", "formula", "S"]
    genome = parse(" + ".join(f"{i + 2}*x{i}" for i in range(len(names))))
    expression = to_sympy(genome, names)
    assert {symbol.name for symbol in expression.free_symbols} == set(names)
    assert all(symbol.is_real for symbol in expression.free_symbols)
    scope = {}
    exec(FORMATS["sympy"](genome, names), scope)
    assert scope["formula"] == expression
    words = [word for word, value in scope.items() if isinstance(value, sympy.Symbol) and value.name in names]
    assert len(words) == len(names) and not any(keyword.iskeyword(word) for word in words)


def test_only_the_columns_used_are_symbols():
    genome = parse("x1 + x4")
    assert {symbol.name for symbol in to_sympy(genome, NAMES).free_symbols} == {NAMES[column] for column in columns_used(genome)}


def test_what_is_imaginary_cannot_be_compared():
    with pytest.raises(InputError, match="SymPy cannot hold this formula"):
        to_sympy(parse("if(sqrt(-1) < x0, 1, 2)"))


@pytest.mark.parametrize("depth", [40, 250])
def test_deep_formulas_are_written_or_refused(depth):
    genome = parse("sin(" * depth + "x0" + ")" * depth)
    assert sympy.count_ops(to_sympy(genome)) == depth
    if depth == 40:
        scope = {}
        exec(FORMATS["sympy"](genome), scope)
        assert scope["formula"] == to_sympy(genome)
    else:
        with pytest.raises(InputError, match="nests too deep"):
            FORMATS["sympy"](genome)
