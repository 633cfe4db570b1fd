"""vgp fit: the same seed gives the same result, runs go on from a checkpoint, output suits where it goes."""

import json
import os
import subprocess

import numpy as np
import pytest

from tests.cli.running import COMMAND, ENVIRONMENT, FIT, Terminal, vgp
from vgp.model import Model, predict

SHORT = (*FIT, "--evaluations", "20k", "--quiet")


def fitted(*options):
    result = vgp(*SHORT, "--json", *options)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_same_seed_same_result_and_another_seed_another():
    first, again, other = fitted("--seed", "5"), fitted("--seed", "5"), fitted("--seed", "6")
    assert first.pop("seconds") >= 0 and again.pop("seconds") >= 0
    assert first == again
    assert first["front"] != other["front"]


def test_the_budget_of_evaluations_is_kept():
    assert 20_000 <= fitted()["evaluations"] <= 22_000  # a tick evaluates newborns twice, before and after tuning


def test_keplers_law_is_found_and_recommended(tmp_path):
    result = fitted("--evaluations", "300k", "--columns", "semi_major_axis_au,eccentricity", "--functions", "arithmetic,sqrt")
    chosen = result["front"][result["chosen"]]
    assert chosen["r2"] > 0.999999
    assert chosen["formula"].count("semi_major_axis_au") == 2 and "sqrt" in chosen["formula"]


def test_a_large_table_is_fitted_on_some_rows_and_judged_on_all(tmp_path):
    """The losses printed and saved are those of what vgp predict gives for the whole table."""
    rows, saved, data = np.random.default_rng(1), tmp_path / "model.json", tmp_path / "large.csv"
    x = rows.uniform(1, 2, (3000, 2))
    y = x[:, 0] / x[:, 1] + rows.normal(0, 0.1, 3000)
    np.savetxt(data, np.c_[x, y], delimiter=",", header="a,b,y", comments="")
    options = ("--evaluations", "20k", "--set", "minibatch_rows=100", "--save", str(saved), "--quiet")
    assert vgp("fit", str(data), "--target", "y", *options).returncode == 0
    model = Model.load(saved)
    for entry in model.entries:
        predicted = predict(model, {"a": x[:, 0], "b": x[:, 1]}, entry, sandbox="off")
        assert np.mean((predicted - y) ** 2) == pytest.approx(entry.loss, rel=1e-6)


def test_a_run_goes_on_from_its_checkpoint(tmp_path):
    state = tmp_path / "run.state"
    before = fitted("--checkpoint", state)
    after = fitted("--resume", state, "--checkpoint", state)
    assert after["evaluations"] >= before["evaluations"] + 20_000
    # below what rounding leaves, the smaller formula is shown, whatever its loss
    assert after["front"][-1]["r2"] >= before["front"][-1]["r2"] - 1e-9
    straight = fitted("--evaluations", after["evaluations"])
    assert straight["front"] == after["front"]


def test_a_checkpoint_of_another_table_is_refused(tmp_path):
    state = tmp_path / "run.state"
    fitted("--checkpoint", state)
    result = vgp(*SHORT, "--resume", state, "--drop", "radius_km")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1 and "belongs to another table" in result.stderr


def test_several_populations_are_as_reproducible(tmp_path):
    first, again = fitted("--jobs", "2", "--evaluations", "60k"), fitted("--jobs", "2", "--evaluations", "60k")
    assert first["front"] == again["front"]


@pytest.mark.parametrize(
    "options", [["--loss", "absolute"], ["--precision", "float64"], ["--weights", "mass_1e24_kg"], ["--sandbox", "off"]]
)
def test_options_that_change_the_fit(options):
    assert fitted(*options)["front"]


def test_plain_lines_where_there_is_no_terminal():
    result = vgp(*FIT, "--seconds", "7")
    assert result.returncode == 0
    assert "\x1b" not in result.stderr + result.stdout
    progress = [line for line in result.stderr.splitlines() if "evaluations (" in line]
    assert progress and all("left" in line and "loss" in line and "R2" in line for line in progress)
    assert "'name' is text: left out" in result.stderr
    table, _, formula = result.stdout.rpartition("\n\n")
    assert formula.startswith("orbital_period_days = ")
    assert sum(line.startswith(">") for line in table.splitlines()) == 1


def test_on_a_terminal_the_panel_is_redrawn_and_gone_at_the_end():
    terminal = Terminal(*FIT, "--seconds", "3")
    status, shown = terminal.finish()
    assert status == 0
    assert shown.count("evaluations/s") > 2
    final = shown[shown.rindex("evaluations/s") :]
    assert "\x1b[2K" in final and "orbital_period_days = " in final


def test_quiet_says_nothing_but_the_result():
    result = vgp(*SHORT)
    assert result.stderr == ""
    assert "orbital_period_days = " in result.stdout


def test_a_reader_that_goes_away_is_no_error():
    command = [*COMMAND, *SHORT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(60) == 141
    assert err == b""


def test_progress_that_nobody_reads_does_not_end_the_run(tmp_path):
    model = tmp_path / "model.json"
    command = [*COMMAND, *FIT, "--seconds", "6", "--save", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        process.stderr.close()
        out = process.stdout.read()
        process.wait(60)
    assert b"orbital_period_days = " in out
    assert model.exists()


def test_the_result_is_printed_even_if_it_cannot_be_saved(tmp_path):
    model = tmp_path / "model.json"
    os.mkfifo(model)
    result = vgp(*SHORT, "--save", model)
    assert result.returncode == 2
    assert "orbital_period_days = " in result.stdout
    assert len(result.stderr.splitlines()) == 1 and "model.json" in result.stderr


def test_every_parameter_can_be_set():
    listed = vgp("fit", "--help-parameters")
    assert listed.returncode == 0
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert "tournament_size" in names and len(names) > 30
    assert fitted("--set", "tournament_size=2", "--set", "linear-scaling=false")["front"]
