"""--units, --target-unit, --start and --constrain from the command line to the model that is shown."""

import json

import numpy as np
import pytest

from vgp.cli import main
from vgp.model import Model


@pytest.fixture
def fall(tmp_path):
    rng = np.random.default_rng(4)
    m1, m2, r = rng.uniform(1, 5, (3, 80))
    path = tmp_path / "fall.csv"
    rows = np.column_stack([m1, m2, r, 6.674 * m1 * m2 / r**2])
    path.write_text("m1,m2,r,F\n" + "\n".join(",".join(map(repr, map(float, row))) for row in rows) + "\n")
    return path


UNITS = ("--units", "m1=kg,m2=kg,r=m,F=N")


def fit(path, *more, evaluations="4000"):
    return main(["fit", str(path), "--target", "F", "--evaluations", evaluations, "--sandbox", "off", "--population", "200", *more])


def test_units_and_a_start_come_through_to_the_model(fall, tmp_path, capsys):
    model = tmp_path / "model.json"
    assert fit(fall, *UNITS, "--start", "m1*m2/r^2", "--save", str(model)) == 0
    shown = capsys.readouterr()
    assert "units: F [N], m1 [kg], m2 [kg], r [m]" in shown.err
    assert Model.load(model).units.texts == ("kg", "kg", "m")
    assert Model.load(model).entries[-1].r2 > 0.9999999
    assert main(["show", str(model)]) == 0
    assert "units: F [N], m1 [kg], m2 [kg], r [m]" in capsys.readouterr().out


def test_a_resumed_run_holds_to_its_units(fall, tmp_path, capsys):
    state = str(tmp_path / "state")
    assert fit(fall, *UNITS, "--checkpoint", state) == 0
    model = tmp_path / "model.json"
    assert fit(fall, "--resume", state, "--save", str(model)) == 0
    assert Model.load(model).units is not None
    assert fit(fall, "--resume", state, "--units", "m1=m") == 2
    assert "other units" in capsys.readouterr().err
    assert fit(fall, "--resume", state, "--start", "m1") == 2


def test_constraints_are_parameters(fall, tmp_path):
    model = tmp_path / "model.json"
    words = ("--functions", "all", "--constrain", "no sin in sin", "--constrain", "at most 1 nodes in pow 2")
    assert fit(fall, *words, "--save", str(model)) == 0
    assert json.loads(model.read_text())["model"]["parameters"]["constraints"] == "no sin in sin; at most 1 nodes in pow 2"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--units", "m1"), "COLUMN=UNIT"),
        (("--units", "m3=kg"), "no column 'm3'; there are: m1"),
        (("--units", "m1=kg**"), "the unit 'kg**' of m1"),
        (("--units", "F=N", "--target-unit", "J"), "two units"),
        ((*UNITS, "--start", "m1 + r", "--set", "linear_scaling=off"), "units do not hold"),
        (("--start", "m1 *"), "missing"),
        (("--constrain", "no sinh in sin"), "no function 'sinh'"),
    ],
)
def test_what_is_wrong_is_one_line(fall, capsys, words, said):
    assert fit(fall, *words) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("vgp: ") and said in error


def test_a_dimension_of_ones_own_is_pointed_out(fall, capsys):
    assert fit(fall, "--units", "m1=USD,F=USD") == 0
    assert "dimensions of your own: USD" in capsys.readouterr().err
