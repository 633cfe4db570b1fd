"""ONNX models pass onnx's own checker and are run by onnxruntime, in float64."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest

from tests.formats.exported import DEEPEST, EVERYTHING, HOSTILE, TABLE, agree, application, close, sample
from tests.formats.strategies import NAMES, genomes, mild_constant
from tests.formats.twin import values
from vgp.errors import GenomeError, InputError
from vgp.export.onnx import to_onnx
from vgp.formula import parse
from vgp.layout import FUNCTIONS


def run(genome, table=TABLE, names=NAMES, **settings):
    model = to_onnx(genome, names, **settings)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (result,) = session.run(["variable"], {"X": np.ascontiguousarray(table.T)})
    assert result.shape == (table.shape[1], 1) and result.dtype == np.float64
    return result.ravel()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_with_its_edges(name):
    close(run(application(name)), values(application(name), TABLE))


def test_random_formulas_have_their_values():
    for genome in [parse(EVERYTHING), *sample(genomes(mild_constant, max_leaves=12), 150)]:
        agree(run(genome), genome)


@pytest.mark.parametrize(
    "formula",
    [
        *("1.00000001*x0", "x0/1.00000001", "x1 + 1e-50", "x1 - 1e-50", "1.000005/x0*x1", "x0*(1 + 1e-9)", "x0^1.00000001", "1/3"),
        *("0.1 + x0", "x0^2.000000001", "if(1, -2.9e-207, 2) + x1*0", "x0*0.5*(1 + tanh(0.7978845608*(x0 + 0.044715*x0^3)))", "-0"),
    ],
)
def test_constants_keep_all_their_bits(formula):
    """An optimizer of onnxruntime looks at them in float32: 1.00000001*x would be x, the last one its Gelu."""
    table = np.abs(np.random.default_rng(1).normal(0, 2, (5, 20)))
    np.testing.assert_allclose(run(parse(formula), table), values(parse(formula), table), rtol=1e-14)


def test_the_tangent_by_sine_and_cosine_is_right_to_some_last_bits():
    table = np.random.default_rng(2).uniform(-1e6, 1e6, (1, 100_000))
    np.testing.assert_allclose(run(parse("tan(x0)"), table, ["x0"]), np.tan(table[0]), rtol=1e-15)


@pytest.mark.parametrize("shape", DEEPEST.values(), ids=DEEPEST)
def test_the_deepest_genomes_run(shape):
    close(run(parse(shape)), values(parse(shape), TABLE))


def test_formulas_without_columns_have_a_value_for_each_row():
    assert (run(parse("2*3")) == 6).all()
    assert (run(parse("2"), np.zeros((1, 3)), None) == 2).all()


def test_no_rows_give_no_values():
    assert len(run(parse("x0 + 1"), np.zeros((5, 0)))) == 0


def test_slope_and_intercept_are_part_of_it():
    close(run(parse("x0*0"), slope=-2.5, intercept=0.1), values(parse("0.1 + -2.5*(x0*0)"), TABLE))


def test_the_input_is_the_whole_table_and_its_columns_are_told():
    model = to_onnx(parse("x3 + x1"), HOSTILE)
    shape = model.graph.input[0].type.tensor_type.shape
    assert shape.dim[1].dim_value == len(HOSTILE)
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(told["columns"]) == HOSTILE
    assert to_onnx(parse("x3 + x1")).graph.input[0].type.tensor_type.shape.dim[1].dim_value == 4


def test_what_cannot_be_a_model_is_refused():
    with pytest.raises(GenomeError, match="flatten it"):
        to_onnx(parse("@ff + 1"))
    with pytest.raises(InputError, match="names for 1 columns"):
        to_onnx(parse("x1"), ["a"])
