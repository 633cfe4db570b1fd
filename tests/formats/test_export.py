"""Exports are run, not read: Python executed, C compiled and called, LaTeX read back; against the twin and the evaluator."""

import ctypes
import subprocess

import numpy as np
import pytest
from hypothesis import given

from tests.formats.exported import DEEPEST, EVERYTHING, HOSTILE, TABLE, agree, application, close, sample
from tests.formats.latex_reader import read_latex
from tests.formats.strategies import NAMES, genome_of, genomes, mild_constant
from tests.formats.twin import values
from vgp.errors import GenomeError, InputError
from vgp.export import FORMATS, export, to_c, to_latex, to_python, to_text
from vgp.export.names import columns_used
from vgp.formula import parse
from vgp.layout import FUNCTIONS


def run_python(source: str, genome, table: np.ndarray, function: str = "predict"):
    scope: dict = {}
    exec(compile(source, "exported", "exec"), scope)
    with np.errstate(all="raise"):  # the function itself must keep NumPy quiet
        return np.broadcast_to(scope[function](*table[columns_used(genome)]), table.shape[1])


def compile_c(folder, sources: list[str]) -> ctypes.CDLL:
    for i, source in enumerate(sources):
        (folder / f"f{i}.c").write_text(source)
    flags = ["-std=c99", "-pedantic", "-Wall", "-Werror", "-Wno-unused-function", "-Wno-div-by-zero", "-Wno-overflow", "-O1"]
    files = [str(folder / f"f{i}.c") for i in range(len(sources))]
    subprocess.run(["gcc", *flags, "-ffp-contract=off", "-shared", "-fPIC", *files, "-o", str(folder / "f.so"), "-lm"], check=True)
    return ctypes.CDLL(str(folder / "f.so"))


def run_c(library: ctypes.CDLL, name: str, genome, table: np.ndarray) -> np.ndarray:
    function = getattr(library, name)
    columns = columns_used(genome)
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * len(columns)
    return np.array([function(*row) for row in table[columns].T])


def wanted(genome, slope: float = 1.0, intercept: float = 0.0, table: np.ndarray = TABLE) -> np.ndarray:
    with np.errstate(all="ignore"):
        return intercept + slope * values(genome, table)


exact_functions = genomes(mild_constant, max_leaves=12)


@given(exact_functions)
def test_the_python_function_computes_the_formula(genome):
    agree(run_python(to_python(genome, NAMES), genome, TABLE), genome)


def test_the_c_function_computes_the_formula(tmp_path):
    """One translation unit per random genome, compiled together: 60 genomes and one with every function."""
    several = [parse(EVERYTHING), *sample(exact_functions, 60)]
    library = compile_c(tmp_path, [to_c(genome, NAMES, function=f"f{i}") for i, genome in enumerate(several)])
    for i, genome in enumerate(several):
        agree(run_c(library, f"f{i}", genome, TABLE), genome)


@given(exact_functions)
def test_the_latex_formula_reads_back_as_the_formula(genome):
    back = read_latex(to_latex(genome, ["a", "b", "c", "d", "e"]), "abcde")
    agree(values(back, TABLE), genome)


def test_powers_are_those_of_ieee_754_for_scalars_too():
    genome = parse("x0^0.5")
    source = to_python(genome)
    assert run_python(source, genome, np.array([[-np.inf, 4.0, -4.0]]))[:2].tolist() == [np.inf, 2.0]
    assert run_python(source, genome, np.array([[-np.inf]]))[0] == np.inf


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_exported_with_its_edges(name, tmp_path):
    genome = application(name)
    library = compile_c(tmp_path, [to_c(genome)])
    close(run_python(to_python(genome), genome, TABLE), values(genome, TABLE))
    close(run_c(library, "predict", genome, TABLE), values(genome, TABLE))


def test_slope_and_intercept_are_part_of_the_formula(tmp_path):
    genome = parse("x0*x1 + 0.5")
    library = compile_c(tmp_path, [to_c(genome, slope=-2.5, intercept=0.1)])
    close(run_c(library, "predict", genome, TABLE), wanted(genome, -2.5, 0.1))
    close(run_python(to_python(genome, slope=-2.5, intercept=0.1), genome, TABLE), wanted(genome, -2.5, 0.1))
    assert to_text(genome, slope=-2.5, intercept=0.1) == "0.1 + (-2.5*(x0*x1 + 0.5))"
    assert to_text(genome, slope=1.0, intercept=0.0) == "x0*x1 + 0.5"
    assert to_latex(genome, slope=2.0, intercept=1.0) == r"1 + 2 \cdot \left(x_{0} \cdot x_{1} + 0.5\right)"


def test_constant_formulas_are_functions_without_arguments(tmp_path):
    genome = parse("1/0 - log(0)/2")
    assert run_python(to_python(genome), genome, TABLE)[0] == np.inf
    assert run_c(compile_c(tmp_path, [to_c(genome)]), "predict", genome, TABLE)[0] == np.inf


@pytest.mark.parametrize("shape", DEEPEST.values(), ids=DEEPEST)
def test_the_deepest_genomes_compile(shape, tmp_path):
    """Python gives up at 200 open parentheses: exports name intermediate results instead."""
    genome = parse(shape)
    library = compile_c(tmp_path, [to_c(genome)])
    close(run_python(to_python(genome), genome, TABLE), values(genome, TABLE))
    close(run_c(library, "predict", genome, TABLE), values(genome, TABLE))


def test_hostile_column_names_become_distinct_identifiers(tmp_path):
    table = np.random.default_rng(0).normal(0, 2, (len(HOSTILE), 50))
    genome = parse(" + ".join(f"exp(aq(x{i}, {i}))" for i in range(len(HOSTILE))))
    library = compile_c(tmp_path, [to_c(genome, HOSTILE)])
    close(run_python(to_python(genome, HOSTILE), genome, table), values(genome, table))
    close(run_c(library, "predict", genome, table), values(genome, table))
    assert parse(to_text(genome, HOSTILE), HOSTILE).tolist() == genome.tolist()


def test_functions_can_be_named_but_not_anything():
    assert "def kepler(x0):" in to_python(parse("x0"), function="kepler")
    for wrong in ("1st", "a b", "f(x)", "é"):
        with pytest.raises(ValueError, match="cannot name a function"):
            to_c(parse("x0"), function=wrong)


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"text"}))
def test_organisms_that_call_others_must_be_flattened_first(format):
    with pytest.raises(GenomeError, match="flatten it"):
        export(parse("@ff + 1"), format)


def test_unknown_formats_are_refused_with_the_known_ones():
    with pytest.raises(InputError, match="choose one of text, python, latex, mathml, c, sql, jax, json, sympy"):
        export(parse("x0"), "fortran")
    assert set(FORMATS) == {"text", "python", "latex", "mathml", "c", "sql", "jax", "json", "sympy"}


@pytest.mark.parametrize(
    ("formula", "digits", "shown"),
    [
        ("0.19960512345*x0*sqrt(x0)", 4, "0.1996*x0*sqrt(x0)"),
        ("x0 + -2.0000001", 4, "x0 - 2"),
        ("1e-7*x0", 5, "1e-07*x0"),
        ("123456.7*x0", 5, "123456.7*x0"),
        ("123456.789*x0", 5, "1.2346e+05*x0"),
        ("12345678*x0", 12, "12345678*x0"),
        ("x0*(x1/x2) + (x1 - x2)", 5, "x0*x1/x2 + x1 - x2"),
        ("x0/(x1*x2) - (x1 - x2)", 5, "x0/(x1*x2) + x2 - x1"),
    ],
)
def test_display_rounds_constants_and_drops_idle_parentheses(formula, digits, shown):
    assert to_text(parse(formula), digits=digits) == shown


@pytest.mark.parametrize(
    ("formula", "names", "latex"),
    [
        ("2.5*a^1.5", ["a"], "2.5 \\cdot a^{1.5}"),
        ("-(a/b_1)^2", ["a", "b_1"], r"-\left(\frac{a}{\mathrm{b\_1}}\right)^{2}"),
        ("sqrt(x1)/3e-7", ["x0", "x1"], r"\frac{\sqrt{x_{1}}}{3 \times 10^{-7}}"),
        ("if(a > 0, 1, a)", ["a"], r"\begin{cases} 1 & a > 0 \\ a & \text{otherwise} \end{cases}"),
        ("(a < 1)*abs(a)", ["a"], r"\left[a < 1\right] \cdot \left|a\right|"),
    ],
)
def test_latex_looks_as_mathematicians_write(formula, names, latex):
    assert to_latex(parse(formula, names), names) == latex


def test_rounding_in_latex_is_the_callers_choice():
    genome = genome_of([(0, 0, np.float64(1 / 3).view(np.uint64).item())])
    assert to_latex(genome, digits=3) == "0.333"
    assert to_latex(genome) == "0.3333333333333333"
