"""A model of the logistic loss predicts probabilities, and so does whatever it is exported to."""

import jax
import numpy as np
import onnxruntime
import pytest
import sympy

from tests.formats.exported import close
from tests.formats.latex_reader import read_latex
from tests.formats.test_export import compile_c, run_c, run_python
from tests.formats.test_sql import Engine
from tests.formats.twin import edge_table, values
from vgp.errors import InputError
from vgp.export import BINARY, FORMATS, export, from_json, to_sql
from vgp.formula import parse
from vgp.front import FrontEntry
from vgp.genome import genome_id
from vgp.model import Model, predict

NAMES = ("a", "b")
TABLE = edge_table(2)
TABLE[~np.isfinite(TABLE)] = 1e3  # what vgp predict refuses
NODES = parse("a*b - 1", NAMES)
WHOLE = {"slope": -2.5, "intercept": 0.25, "link": "logistic"}


def model(loss):
    entry = FrontEntry(len(NODES), 0.1, np.nan, NODES, -2.5, 0.25, genome_id(NODES), NAMES)
    return Model(NAMES, "y", (entry,), 0, {"loss": loss})


WANTED = predict(model("logistic"), dict(zip(NAMES, TABLE, strict=True)), sandbox="off")


def test_only_the_logistic_loss_has_a_link():
    assert [model(loss).link for loss in ("squared", "absolute", "huber", "logistic")] == [*["identity"] * 3, "logistic"]
    assert np.nanmin(WANTED) >= 0 and np.nanmax(WANTED) <= 1


def python():
    return run_python(export(NODES, "python", NAMES, **WHOLE), NODES, TABLE)


def from_jax():
    scope = {}
    exec(export(NODES, "jax", NAMES, **WHOLE), scope)
    with jax.enable_x64(True):
        return np.asarray(scope["predict"](*TABLE))


def text():
    return values(parse(export(NODES, "text", NAMES, **WHOLE), NAMES), TABLE)


def latex():
    return values(read_latex(export(NODES, "latex", NAMES, **WHOLE), "ab"), TABLE)


def json():
    return values(from_json(export(NODES, "json", NAMES, **WHOLE), NAMES), TABLE)


def onnx():
    session = onnxruntime.InferenceSession(BINARY["onnx"](NODES, NAMES, **WHOLE), providers=["CPUExecutionProvider"])
    return session.run(["variable"], {"X": np.ascontiguousarray(TABLE.T)})[0].ravel()


@pytest.mark.parametrize("evaluate", [python, from_jax, text, latex, json, onnx])
def test_probabilities_in(evaluate):
    close(evaluate(), WANTED)


def test_probabilities_in_c(tmp_path):
    library = compile_c(tmp_path, [export(NODES, "c", NAMES, **WHOLE)])
    close(run_c(library, "predict", NODES, TABLE), WANTED)


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_probabilities_in_sql(dialect):
    close(Engine(dialect, NAMES, TABLE).select(to_sql(NODES, NAMES, **WHOLE, dialect=dialect)), WANTED)


def test_probabilities_in_sympy():
    scope = {}
    exec(export(NODES, "sympy", NAMES, **WHOLE), scope)
    a, b = (sympy.Symbol(name, real=True) for name in NAMES)
    for x, y in [(0.5, 2.0), (-1.0, 3.0), (0.25, 0.5)]:
        assert float(scope["formula"].subs({a: x, b: y})) == pytest.approx(1 / (1 + np.exp(2.5 * (x * y - 1) - 0.25)), rel=1e-14)


@pytest.mark.parametrize("format", [*FORMATS, *BINARY])
def test_unknown_links_are_refused_everywhere(format):
    with pytest.raises(InputError, match="choose one of identity, logistic"):
        (FORMATS | BINARY)[format](NODES, NAMES, link="probit")
