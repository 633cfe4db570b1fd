"""vgp predict and vgp show: a saved model gives the values of its formula, in a form that other programs read."""

import csv
import io
import os
import sqlite3
import subprocess
import sys

import duckdb
import numpy as np
import onnxruntime
import pytest
from pyarrow import parquet

from tests.cli.running import COMMAND, ENVIRONMENT, MOONS, PLANETS, Terminal, called, start
from vgp.dataset import Dataset
from vgp.export import from_json, to_text
from vgp.formula import parse
from vgp.front import FrontEntry
from vgp.genome import genome_id
from vgp.layout import CONSTANT
from vgp.model import Model, fitted
from vgp.tables import read_table

NAMES = ("semi_major_axis_au", "eccentricity", "mass_1e24_kg")


def entry(formula, r2, slope=365.0, intercept=0.0):
    nodes = parse(formula, NAMES)
    return FrontEntry(len(nodes), 1 - r2, r2, nodes, slope, intercept, genome_id(nodes), NAMES)


@pytest.fixture
def model(tmp_path):
    """Kepler's law between a constant and a formula of another column."""
    table = read_table(PLANETS)
    dataset = Dataset.from_arrays(
        np.column_stack([table.column(name) for name in NAMES]),
        table.column("orbital_period_days"),
        names=NAMES,
        target="orbital_period_days",
    )
    entries = (
        entry("1", 0.0),
        entry("semi_major_axis_au*sqrt(semi_major_axis_au)", 0.9999999),
        entry("log(eccentricity - 0.05) + log(mass_1e24_kg)*log(mass_1e24_kg)", 0.99999995),
    )
    path = tmp_path / "model.json"
    fitted(entries, dataset, {"loss": "squared"}, seed=3, evaluations=1000).save(path)
    return path


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_values_labels_and_known_target(model):
    result = called("predict", model, MOONS)
    assert result.returncode == 0, result.stderr
    rows = rows_of(result.stdout)
    assert list(rows[0]) == ["name", "central_body", "orbital_period_days", "predicted_orbital_period_days"]
    assert [row["name"] for row in rows[:2]] == ["Ceres", "Pluto"]
    axes = read_table(MOONS).column("semi_major_axis_au")
    predicted = [float(row["predicted_orbital_period_days"]) for row in rows]
    np.testing.assert_allclose(predicted, 365 * axes * np.sqrt(axes), rtol=1e-14)
    assert "differs from column 'orbital_period_days'" in result.stderr


def test_only_the_columns_of_the_formula_are_needed(model, tmp_path):
    (tmp_path / "t.csv").write_text("semi_major_axis_au,junk\n4,x\n")
    result = called("predict", model, tmp_path / "t.csv", "--quiet")
    assert rows_of(result.stdout) == [{"junk": "x", "predicted_orbital_period_days": "2920.0"}]
    assert result.stderr == ""


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_a_constant_formula_needs_no_column(model, tmp_path, sandbox):
    (tmp_path / "t.csv").write_text("name\na\nb\n")
    result = called("predict", model, tmp_path / "t.csv", "--size", "1", "--sandbox", sandbox)
    assert [row["predicted_orbital_period_days"] for row in rows_of(result.stdout)] == ["365.0", "365.0"]


def test_missing_columns_are_named(model, tmp_path):
    (tmp_path / "t.csv").write_text("semi_major_axis_au,excentricity\n1,2\n")
    result = called("predict", model, tmp_path / "t.csv", "--index", "3")
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1
    assert "'eccentricity', 'mass_1e24_kg'" in result.stderr


def test_rows_without_a_value_are_told(model, tmp_path):
    (tmp_path / "t.csv").write_text("eccentricity,mass_1e24_kg\n0.1,1\n0.01,1\n")
    result = called("predict", model, tmp_path / "t.csv", "--index", "3")
    assert result.returncode == 0
    assert rows_of(result.stdout)[1]["predicted_orbital_period_days"] == "nan"
    assert "line 3: the formula has no value here (1 of 2 rows)" in result.stderr


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.parquet"])
def test_files_are_written_and_read_back(model, tmp_path, name):
    assert called("predict", model, MOONS, "--out", tmp_path / name).returncode == 0
    table = read_table(tmp_path / name)
    assert table.label("name")[0] == "Ceres"
    assert table.column("predicted_orbital_period_days")[0] == pytest.approx(1683, rel=2e-3)
    if name.endswith(".parquet"):
        assert parquet.read_schema(tmp_path / name).names[-1] == "predicted_orbital_period_days"


def test_out_of_an_unknown_kind_is_refused_at_once(model, tmp_path):
    result = called("predict", model, MOONS, "--out", tmp_path / "out.xlsx")
    assert result.returncode == 2 and ".parquet" in result.stderr


@pytest.mark.parametrize(("option", "value"), [("--index", 0), ("--index", 4), ("--size", 99)])
def test_a_formula_that_the_model_does_not_have(model, option, value):
    for command in (["show", model], ["predict", model, MOONS]):
        result = called(*command, option, value)
        assert result.returncode == 2 and len(result.stderr.splitlines()) == 1


def test_show_lists_the_front(model):
    lines = called("show", model).stdout.splitlines()
    assert lines[0].split() == ["no", "size", "loss", "R2", "formula"]
    assert [line.split()[0] for line in lines[1:4]] == ["1", ">", "3"]
    assert "8 rows" in lines[-1] and "seed 3" in lines[-1]


def test_show_tells_how_well_constants_are_known(tmp_path):
    path = tmp_path / "model.json"
    result = called("fit", PLANETS, "--target", "orbital_period_days", "--evaluations", "5k", "--quiet", "--save", path)
    assert result.returncode == 0, result.stderr
    kept = Model.load(path)
    assert all(len(found.errors) == 2 + np.count_nonzero(found.nodes["op"] == CONSTANT) for found in kept.entries)
    told = [line for line in called("show", path).stdout.splitlines() if line.startswith("fitted, with standard errors: ")]
    assert len(told) == bool(kept.entries[kept.chosen].uncertain)
    for name, value, _ in kept.entries[kept.chosen].uncertain:
        assert f"{name} {value:.6g} " in told[0]


def test_python_export_computes_the_same(model, tmp_path):
    source = called("show", model, "--format", "python").stdout
    values = {}
    exec(source, values)
    assert values["predict"](np.array([4.0])) == pytest.approx(2920)


def test_c_export_compiles_and_computes_the_same(model, tmp_path):
    source = called("show", model, "--format", "c").stdout
    (tmp_path / "m.c").write_text(source + '\n#include <stdio.h>\nint main(void) { printf("%.10g", predict(4.0)); return 0; }\n')
    subprocess.run(["cc", "-o", tmp_path / "m", tmp_path / "m.c", "-lm"], check=True)
    assert float(subprocess.run([tmp_path / "m"], capture_output=True, check=True).stdout) == pytest.approx(2920)


def test_sql_of_both_dialects_computes_the_same(model):
    source = called("show", model, "--format", "sql").stdout
    value = duckdb.connect().execute(f"SELECT {source} FROM (SELECT 4 AS semi_major_axis_au)").fetchone()[0]
    assert value == pytest.approx(2920)
    source = called("show", model, "--dialect", "sqlite", "--format", "sql").stdout
    value = sqlite3.connect(":memory:").execute(f"SELECT {source} FROM (SELECT 4 AS semi_major_axis_au)").fetchone()[0]
    assert value == pytest.approx(2920)


@pytest.mark.parametrize("arguments", [[], ["--format", "c"]])
def test_a_dialect_is_of_sql_only(model, arguments):
    result = called("show", model, "--dialect", "sqlite", *arguments)
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1 and "--format sql" in result.stderr


def test_jax_json_and_sympy_exports_compute_the_same(model):
    source = called("show", model, "--format", "jax").stdout + "print(predict(4.0))"
    printed = subprocess.run([sys.executable, "-c", source], capture_output=True, check=True).stdout
    assert float(printed) == pytest.approx(2920)
    values = {}
    exec(called("show", model, "--format", "sympy").stdout, values)
    assert float(values["formula"].subs(dict.fromkeys(values["formula"].free_symbols, 4))) == pytest.approx(2920)
    read = from_json(called("show", model, "--format", "json").stdout, NAMES)
    assert to_text(read, NAMES) == called("show", model, "--format", "text").stdout.strip()


def test_onnx_goes_into_a_file_but_not_on_a_terminal(model, tmp_path):
    with open(tmp_path / "m.onnx", "wb") as file:
        subprocess.run([*COMMAND, "show", model, "--format", "onnx"], stdout=file, env=ENVIRONMENT, check=True)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    assert session.run(None, {"X": np.array([[4.0, 0, 0]])})[0].tolist() == [[pytest.approx(2920)]]
    status, shown = Terminal("show", str(model), "--format", "onnx").finish()
    assert status == 2 and "put > FILE" in shown and len(shown.splitlines()) == 1


def test_a_library_that_is_missing_is_named(model, tmp_path):
    (tmp_path / "onnx.py").write_text("raise ImportError")
    path = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ENVIRONMENT['PYTHONPATH']}"}
    process = start("show", model, "--format", "onnx", environment=path)
    _, told = process.communicate()
    assert process.returncode == 2 and len(told.splitlines()) == 1 and "pip install 'vcloud[export]'" in told


def test_a_model_of_the_logistic_loss_is_shown_as_it_predicts(tmp_path):
    path = tmp_path / "model.json"
    Model(NAMES, "giant", (entry("mass_1e24_kg", 0.5, 0.25, -5.0),), 0, {"loss": "logistic"}).save(path)
    (tmp_path / "t.csv").write_text("mass_1e24_kg\n5.97\n1898\n")
    predicted = [float(row["predicted_giant"]) for row in rows_of(called("predict", path, tmp_path / "t.csv").stdout)]
    values = {}
    exec(called("show", path, "--format", "python").stdout, values)
    np.testing.assert_allclose(values["predict"](np.array([5.97, 1898])), predicted, rtol=1e-14)
    assert called("show", path, "--format", "text").stdout == "1/(1 + exp(-(-5 + 0.25*mass_1e24_kg)))\n"


def test_latex_and_text_of_one_size(model):
    assert r"\sqrt" in called("show", model, "--format", "latex").stdout
    assert "sqrt(semi_major_axis_au)" in called("show", model, "--size", "4").stdout


def test_show_into_a_closed_pipe(model):
    command = f"{sys.executable} -m vgp show {model} | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, check=False, cwd=PLANETS.parents[1])
    assert result.stderr == b""


def test_model_survives_the_round_trip(model, tmp_path):
    loaded = Model.load(model)
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == model.read_bytes()
    assert loaded.chosen == 1 and loaded.names == NAMES
