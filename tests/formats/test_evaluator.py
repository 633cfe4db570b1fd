"""What is printed is what was evaluated: the exported formula and the evolved organism have the same values on the same table."""

import numpy as np
import pytest
from hypothesis import assume, example, given

from tests.core.tables import datafile
from tests.formats.strategies import families, genomes, mild_constant
from tests.formats.test_export import run_python
from tests.formats.twin import values
from vgp.errors import GenomeError
from vgp.evaluator import Evaluator
from vgp.export import to_python, to_text
from vgp.formula import parse
from vgp.genome import encode_bundle, flatten, genome_id
from vgp.layout import FUNCTIONS, Status, batch

TABLE = np.random.default_rng(3).normal(0, 3, (5, 64))


@pytest.fixture(scope="module")
def evaluator():
    return Evaluator(datafile(list(TABLE), TABLE[0]))


def finite_rows_agree(got, genome):
    """Up to rounding on all rows where a nudge of the data does not change the value: elsewhere the last bit decides."""
    want = values(genome, TABLE)
    steady = [np.isclose(values(genome, TABLE * (1 + nudge)), want, rtol=1e-8, atol=1e-8) for nudge in (-1e-12, 1e-12)]
    certain = np.isfinite(want) & np.all(steady, axis=0)
    np.testing.assert_allclose(got[certain], want[certain], rtol=1e-6, atol=1e-6)


@given(genome=genomes(mild_constant))
def test_the_exported_function_has_the_values_of_the_evaluator(evaluator, genome):
    exported = run_python(to_python(genome), genome, TABLE)
    evaluated = evaluator.outputs(*batch([genome]))[0]
    finite_rows_agree(evaluated, genome)
    finite_rows_agree(exported, genome)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_means_the_same_in_export_and_evaluator(evaluator, name):
    for formula in (f"{name}(x0)", f"{name}(x0, x1)", f"{name}(x0, x1, x2)"):
        try:
            genome = parse(formula)
        except ValueError:
            continue
        exported = run_python(to_python(genome), genome, TABLE)
        np.testing.assert_allclose(evaluator.outputs(*batch([genome]))[0], exported, rtol=1e-12)


DOUBLE = parse("x0 + x0")
WAITING = parse(f"if(0.5, sqrt(x0), @{genome_id(DOUBLE):x}(x0))")  # a value waits while a call is worked out


@given(family=families(constants=mild_constant))
@example(family=[DOUBLE, WAITING])
def test_a_flattened_organism_is_evaluated_as_the_organism_with_its_calls(evaluator, family):
    members = {genome_id(genome): genome for genome in family}
    try:
        plain = flatten(family[-1], members.get)
    except GenomeError:
        assume(False)
    outputs = evaluator.outputs(*batch([family[-1], plain]), resolve=members.get)
    np.testing.assert_allclose(outputs[0], outputs[1], rtol=1e-6, atol=1e-6)


def test_slope_and_intercept_of_a_result_make_the_formula_fit():
    """The whole way of a model: evaluate, print with the fitted scaling, run what was printed."""
    target = 2.5 * TABLE[0] * TABLE[1] - 7
    genome = parse("x0*x1")
    result = Evaluator(datafile(list(TABLE), target)).evaluate(*batch([genome]))[0]
    source = to_python(genome, slope=float(result["slope"]), intercept=float(result["intercept"]))
    np.testing.assert_allclose(run_python(source, genome, TABLE), target, rtol=1e-9)
    shown = to_text(genome, slope=float(result["slope"]), intercept=float(result["intercept"]), digits=6)
    assert shown == "2.5*x0*x1 - 7"


def chain(levels, body):
    family = [parse("x0")]
    for _ in range(levels):
        family.append(parse(body.replace("f", f"@{genome_id(family[-1]):x}")))
    return family


TOWERS = [
    (8, "sin(f(x0))"),
    (9, "sin(f(x0))"),
    (7, "f(f(f(f(f(x0)))))"),
    (8, "f(x0)*(f(x1)+f(x2)+f)"),
    (4, "f(x0)+f(x1)+f(x2)*f(f(x0))"),
    (5, "f*f+f"),
]



@pytest.mark.parametrize(("levels", "body"), TOWERS)
def test_records_and_evaluator_agree_on_what_is_too_deep_or_too_much(evaluator, levels, body):
    """An organism that is imported can be evaluated; one that could not is refused at the door."""
    family = chain(levels, body)
    members = {genome_id(genome): genome for genome in family}
    status = Status(evaluator.evaluate(*batch(family[-1:]), resolve=members.get)[0]["status"])
    try:
        encode_bundle(*batch(family))
        reason = "ok"
    except ValueError as error:
        reason = error.reason
    assert status.name in (reason, "non_finite" if reason == "ok" else reason)
