"""Wrong input of every kind gives one line on stderr that names the place and the remedy, exit status 2, and no traceback."""

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.cli.running import FIT, MOONS, PLANETS, called

GOOD = "name,a,b,y\nu,1,2,3\nv,4,5,6\nw,7,8,10\n"


def refused(*arguments, status=2, run=called, **settings):
    """The one line of a refusal."""
    result = run(*arguments, **settings)
    assert result.returncode == status, result.stderr
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("vgp: ")
    return lines[0]


@pytest.fixture
def fit(tmp_path):
    """Refusal of a fit of column y of a table with the given content."""

    def run(content, *options, target="y", name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return refused("fit", path, "--target", target, "--seconds", "1", "--quiet", *options, cwd=tmp_path)

    return run


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (GOOD.replace("5", "five"), [], ["t.csv, line 3", "'b'", "'five'", "--drop"]),
        (GOOD.replace("5", "nan"), [], ["t.csv, line 3", "'b'", "nan", "--drop"]),
        (GOOD.replace("5", "-inf"), [], ["t.csv, line 3", "'b'", "inf"]),
        (GOOD.replace("5", ""), [], ["t.csv, line 3", "'b'", "empty", "--drop"]),
        (GOOD.replace("6", "six"), [], ["t.csv, line 3", "'y'", "'six'", "remove the row"]),
        (GOOD.replace("5", "1e39"), [], ["t.csv, line 3", "'b'", "float32", "--precision float64"]),
        ("a,y\n1,2\n", [], ["t.csv, line 2", "only row"]),
        ("a,y\n", [], ["t.csv", "no rows"]),
        ("a,y\n1,2\n3,2\n", [], ["t.csv", "'y'", "2 in every row"]),
        ("a,a,y\n1,2,3\n4,5,6\n", [], ["t.csv", "columns 1 and 2", "'a'"]),
        ("a,y\n1,2\n3\n", [], ["t.csv, line 3", "1 cells"]),
        ("name,y\nu,1\nv,2\n", [], ["t.csv", "no numeric column"]),
        ("", [], ["t.csv", "empty"]),
        (b"\x00\x01\x02\n\xff\xfe\n", [], ["t.csv"]),
        (GOOD, ["--target", "z"], ["t.csv", "'z'", "there are: name, a, b, y"]),
        (GOOD, ["--target", "name"], ["t.csv, line 2", "'name'", "'u'", "text"]),
        (GOOD, ["--columns", "a,c"], ["'c'"]),
        (GOOD, ["--columns", "name"], ["'name'", "text"]),
        (GOOD, ["--drop", "A1"], ["'A1'"]),
        (GOOD, ["--drop", "y"], ["'y'", "needed"]),
        (GOOD, ["--weights", "w"], ["'w'"]),
        (GOOD.replace("5", "-5"), ["--weights", "b"], ["t.csv, line 3", "-5", "negative"]),
        (GOOD, ["--loss", "logistic"], ["t.csv, line 2", "'y'", "3", "0 nor 1"]),
        (GOOD, ["--loss", "cubic"], ["cubic", "squared"]),
        (GOOD, ["--functions", "add,sinus"], ["'sinus'", "did you mean 'sin'"]),
        (GOOD, ["--functions", ""], ["function"]),
        (GOOD, ["--set", "tournament_sise=3"], ["tournament_sise", "did you mean 'tournament_size'"]),
        (GOOD, ["--set", "tournament_size=many"], ["'many'", "whole number"]),
        (GOOD, ["--set", "tournament_size=0"], ["tournament_size", "0"]),
        (GOOD, ["--set", "tournament_size"], ["NAME=VALUE"]),
        (GOOD, ["--max-size", "0"], ["'0'", "above 0"]),
        (GOOD, ["--population", "1"], ["population_size", "1"]),
        (GOOD, ["--evaluations", "5"], ["--evaluations", "--seconds"]),
        (GOOD, ["--jobs", "two"], ["'two'"]),
        (GOOD, ["--seed", "-1"], ["'-1'"]),
        (GOOD, ["--save", "missing/model.json"], ["--save missing/model.json", "no folder"]),
        (GOOD, ["--save", "."], ["--save .", "folder"]),
        (GOOD, ["--checkpoint", "missing/state"], ["--checkpoint", "no folder"]),
        (GOOD, ["--resume", "missing.state"], ["missing.state"]),
        (GOOD, ["--resume", "t.csv"], ["t.csv"]),
        (GOOD, ["--resume", "t.csv", "--seed", "3"], ["--seed"]),
        (GOOD, ["--targget", "y"], ["--targget", "did you mean '--target'"]),
        (GOOD, ["extra"], ["'extra'"]),
    ],
)
def test_fit(fit, content, options, expected):
    line = fit(content, *options)
    assert all(part in line for part in expected), line


def test_duration_that_is_none():
    assert "'soon' is no duration" in refused(*FIT, "--seconds", "soon")


@pytest.mark.parametrize("name", ["missing.csv", "folder.csv", "t.xlsx"])
def test_files_that_are_no_tables(tmp_path, name):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "t.xlsx").write_text("x")
    assert name in refused("fit", tmp_path / name, "--target", "y")


def test_truncated_parquet(tmp_path):
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": [1.0, 2.0], "y": [3.0, 4.0]}), path)
    path.write_bytes(path.read_bytes()[:-5])
    assert "t.parquet is not a whole Parquet file" in refused("fit", path, "--target", "y")


def test_names_that_would_break_the_line_are_tamed(fit):
    line = fit(GOOD, "--target", "\x1b[31mred\nname")
    assert line.isprintable()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "COMMAND"),
        (["fitt"], "'fitt'"),
        (["fit"], "TABLE"),
        (["fit", str(PLANETS)], "--target"),
        (["predict", "missing.json", str(MOONS)], "missing.json"),
        (["show", "missing.json"], "missing.json"),
        (["show", str(PLANETS)], "planets.csv: is no model"),
        (["show", "."], "."),
        (["bench", "nothing"], "no benchmark 'nothing'"),
    ],
)
def test_other_commands(arguments, expected):
    assert expected in refused(*arguments)
