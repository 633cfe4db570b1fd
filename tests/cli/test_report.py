"""vgp report: a run, its model, its page, as a user makes them."""

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from tests.cli.running import FIT, MOONS, PLANETS, called
from tests.report.test_report import Page
from vgp.model import Model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "kepler.json"
    result = called(*FIT, "--evaluations", "30k", "--seed", "5", "--set", "tournament_size=3", "--quiet", "--save", path)
    assert result.returncode == 0, result.stderr
    return path


def test_a_run_leaves_what_a_report_needs(model):
    kept = Model.load(model)
    assert kept.history["evaluations"][-1] == kept.evaluations and kept.history["tick"][0] == 0
    assert kept.run["command"].startswith(f"vgp fit {PLANETS} --target orbital_period_days --evaluations 30k --seed 5")
    assert kept.run["seconds"] > 0 and kept.run["version"]


def test_the_page_is_written_beside_the_model(model):
    result = called("report", model)
    assert (result.returncode, result.stdout) == (0, "")
    lines = result.stderr.splitlines()
    assert lines[-1] == f"vgp: report written to {model.with_suffix('.html')}" and all(line.startswith("vgp: ") for line in lines)
    page = Page(model.with_suffix(".html").read_text())
    assert {"front", "predictions", "residuals", "tree", "convergence", "life"} <= set(page.ids)
    for entry in Model.load(model).entries:
        assert entry.formula in page.text
    assert Model.load(model).run["command"] in page.text and "tournament_size 3 4" in page.text
    assert all(lead.startswith("#") for lead in page.leads)


def test_another_table_and_another_name(model, tmp_path):
    out = tmp_path / "moons.html"
    result = called("report", model, "--data", MOONS, "--out", out, "--quiet")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert "not the table of the fit" in Page(out.read_text()).text


def test_a_model_whose_table_is_gone_still_has_a_page(model, tmp_path):
    kept = Model.load(model)
    object.__setattr__(kept, "data", {**kept.data, "source": str(tmp_path / "gone.csv")})
    kept.save(tmp_path / "model.json")
    result = called("report", tmp_path / "model.json", "--sandbox", "off")
    assert result.returncode == 0 and "gone.csv) is not there" in result.stderr
    assert "predictions" not in Page((tmp_path / "model.html").read_text()).ids


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--data", "missing.csv"], "missing.csv"),
        (["--out", "missing/r.html"], "no folder"),
        (["--out", "."], "folder"),
        (["--data", "other.csv"], "has no column"),
        (["--colour"], "--colour"),
    ],
)
def test_wrong_input_is_one_line(model, tmp_path, options, expected):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    result = called("report", model, *options, cwd=tmp_path)
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert expected in result.stderr and result.stderr.startswith("vgp: ")


def test_the_model_itself_is_not_written_over(model, tmp_path):
    path = tmp_path / "model.html"
    path.write_bytes(model.read_bytes())
    result = called("report", path)
    assert result.returncode == 2 and "is the model itself" in result.stderr and path.read_bytes() == model.read_bytes()


@pytest.mark.parametrize("name", ["missing.json", ".", str(PLANETS)])
def test_what_is_no_model(name):
    result = called("report", name)
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1
