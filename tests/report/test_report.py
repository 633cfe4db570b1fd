"""The page stands alone, says everything, and believes nothing that a model file says."""

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from tests.cli.running import PLANETS
from tests.dataset.test_history import HOSTILE as ANYTHING
from tests.dataset.test_history import records
from tests.pictures.models import HOSTILE, NAMES, dataset_of, entries_of, lineage_of, model_of
from vgp import pictures
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError
from vgp.export import to_mathml
from vgp.hashing import content_hash
from vgp.model import Model, fitted
from vgp.parameters import ALONE
from vgp.pictures.svg import svg
from vgp.provenance import provenance
from vgp.report import write_report
from vgp.report.front_section import formula
from vgp.report.reproduction import differing, snippet
from vgp.tables import read_table

VOID = {"meta", "br", "link", "img", "input", "hr"}
LEADS_AWAY = ("src", "href", "action", "data", "poster", "srcset", "xlink:href", "formaction", "background")


class Page(HTMLParser):
    """A strict reader: every element is closed in its turn, every id is one, nothing leads away."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.shown, self.leads, self.classes = [], [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open
        assert len(set(self.ids)) == len(self.ids)

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(set(names)) == len(names), tag
        self.tags.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]
        self.leads += [value for name, value in attributes if name in LEADS_AWAY]
        self.classes += [value for name, value in attributes if name == "class"]
        assert not any(name.startswith("on") for name in names), tag
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

        self.shown.append(" " if tag in ("td", "th", "tr", "p", "h1", "h2") else "")

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.shown.append(data)

    @property
    def text(self):
        return " ".join("".join(self.shown).split())


def report(model, path, dataset=None, **settings):
    notes = write_report(model, path, dataset, sandbox="off", **settings)
    return path.read_text(), notes


@pytest.fixture
def undrawn(monkeypatch):
    """Pictures are made, but not written out: that takes seconds, and some tests are about words."""
    monkeypatch.setattr("vgp.report.gallery.svg", lambda figure, prefix, title: f'<svg aria-label="{title}"></svg>')


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The page of a model that remembers everything, with its table."""
    return report(model_of(), tmp_path_factory.mktemp("report") / "r.html", dataset_of())


def test_the_page_stands_alone(whole):
    text, notes = whole
    page = Page(text)
    assert notes == [] and "missing" not in page.classes
    assert text.startswith("<!DOCTYPE html>") and page.tags.count("title") >= 1 and page.tags.count("h1") == 1
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(page.tags)
    assert page.leads and all(lead.startswith("#") for lead in page.leads)
    assert {lead[1:] for lead in page.leads} <= set(page.ids)
    outside = set(re.findall(r"(?:https?:)?//[\w.-]+[^\"'\s<)]*", text))
    assert outside <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
    assert "@import" not in text and set(re.findall(r"url\(([^)]*)\)", text)) <= {f"#{id}" for id in page.ids}
    assert "default-src 'none'" in text


def test_every_picture_is_there_and_whole(whole):
    text, _ = whole
    assert {"front", "predictions", "residuals", "tree", "convergence", "life", "family"} <= set(Page(text).ids)
    drawings = re.findall(r"<svg.*?</svg>", text, re.S)
    assert len(drawings) == 7
    for drawing in drawings:
        ElementTree.fromstring(drawing)
        assert "#1f2328" not in drawing and "currentColor" in drawing  # ink is the reader's
        assert "#fffffe" not in drawing and "<style" not in drawing and "<metadata" not in drawing
    points = re.search(r'<g id="front-front">.*?</g>', text, re.S)[0]
    assert points.count("<use") == len(model_of().entries)


def test_every_formula_is_typeset_and_written(whole):
    text, _ = whole
    model = model_of()
    for entry in model.entries:
        assert formula(entry) in text and f"<code>{entry.formula}</code>" in text
    equation = formula(model.entries[model.chosen], model.target)
    assert "<mi>period</mi>" in equation and equation in text
    assert len(re.findall("<math ", text)) == len(model.entries) + 1
    for typeset in re.findall(r"<math.*?</math>", text, re.S):
        ElementTree.fromstring(typeset)


def test_losses_errors_and_the_chosen_row(whole):
    page = Page(whole[0])
    assert page.classes.count("chosen") == 1
    for entry in model_of().entries:
        assert f"{entry.loss:.6g}" in page.text
    assert "slope 365.25 ± 1.5" in page.text and "intercept -1.5 (not determined by the data)" in page.text
    assert "c1 0.01 ± 0.001" in page.text


def test_the_data_in_numbers(whole):
    data, page = dataset_of(), Page(whole[0])
    assert "50 rows; the table of the fit" in page.text
    for column in (*data.X.T, data.y):
        assert f"{column.min():.6g} {column.mean():.6g} {column.max():.6g}" in page.text


def test_what_cannot_be_had_is_left_out_and_said(undrawn, tmp_path):
    text, notes = report(model_of(history=None, lineage=()), tmp_path / "r.html")
    page = Page(text)
    assert {"front", "tree"} <= set(page.ids) and not {"predictions", "convergence", "family"} & set(page.ids)
    assert len(notes) == 3 and all("\n" not in line for line in notes)
    assert "not there" in notes[0] and "no history" in notes[1] and "no ancestors" in notes[2]
    assert all(" ".join(line.split()) in page.text for line in notes)
    assert page.classes.count("missing") == 3  # convergence and life lack the same


def test_names_of_a_table_are_text(tmp_path):
    names = (HOSTILE, "</style><b>", "x onload=alert(1)")
    target, bad = '"><img src=x onerror=alert(1)>', "<script>bad()</script>"
    data = dataset_of(names, target)
    model = model_of(names, target, dataset=data, lineage=lineage_of(formula=bad), run=provenance(1.0, command=f"vgp '{bad}'"))
    model = replace(model, parameters={"loss": bad, bad: bad, "functions": [bad]}, data=dict(model.data) | {"source": bad})
    text, _ = report(model, tmp_path / "r.html", data)
    page = Page(text)
    assert not {"script", "img", "b"} & set(page.tags) and all(lead.startswith("#") for lead in page.leads)
    assert bad not in text and "\x00" not in text and "\x1b" not in text
    assert '<script>alert("x")</script>' in page.text and target in page.text and f"vgp '{bad}'" in page.text
    for drawing in re.findall(r"<svg.*?</svg>", text, re.S):
        ElementTree.fromstring(drawing)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_loads_can_be_reported(undrawn, tmp_path, data):
    """A part of a model file is replaced by anything, under a right checksum."""
    path = tmp_path / "model.json"
    model_of(run=provenance(3.5, python="from vgp import Island")).save(path)
    content = json.loads(path.read_bytes())
    body = content["model"]
    for key in data.draw(st.lists(st.sampled_from(["parameters", "data", "run", "seed", "evaluations", "front"]), max_size=3)):
        place = body["front"][0] if key == "front" else body[key] if isinstance(body[key], dict) else body
        inside = data.draw(st.sampled_from(sorted(place)))
        place[inside] = data.draw(ANYTHING | st.floats(allow_nan=False, allow_infinity=False))
    try:
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        content["checksum"] = f"{content_hash(text.encode()):016x}"
        path.write_text(json.dumps(content))
        model = Model.load(path)
    except (ValueError, CheckpointError):
        return
    Page(report(model, tmp_path / "r.html")[0])


@pytest.mark.parametrize("value", [np.inf, 1e308, 5e-324])
def test_numbers_that_nobody_could_draw_are_no_reason_to_fail(tmp_path, value):
    history = records(30)
    for name in ("best_loss", "median_loss", "diversity"):
        history[name][::3] = value
    history["evaluations"] = np.arange(30)[::-1]
    model = model_of(history=history)
    if np.isfinite(value):
        model = replace(model, entries=entries_of(losses=(1e308, 1e300, 1.0, value)))
    Page(report(model, tmp_path / "r.html", dataset_of())[0])


def test_a_table_with_gaps_is_read_and_the_gaps_are_counted(undrawn, tmp_path):
    data = dataset_of()
    cells = np.column_stack([data.X, data.y]).astype(object)
    cells[3, 0], cells[5, 3], cells[7, 1] = "", "", "n/a"
    rows = "\n".join(",".join(map(str, row)) for row in [[*NAMES, "period"], *cells])
    (tmp_path / "gaps.csv").write_text(rows + "\n")
    page = Page(report(model_of(), tmp_path / "r.html", read_table(tmp_path / "gaps.csv"))[0])
    assert "not the table of the fit" in page.text and "47 of 50 rows" in page.text
    assert re.search(r"axis used [^a-z]* 1 mass used? ?[^a-z]* 1 spin", page.text)


def test_the_table_of_the_fit_is_found_again_and_no_other(undrawn, tmp_path):
    table = tmp_path / "planets.csv"
    shutil.copy(PLANETS, table)
    dataset = Dataset.from_table(read_table(table).choose(drop=["name"]), "orbital_period_days")
    names = ("semi_major_axis_au", *[name for name in dataset.names if name != "semi_major_axis_au"])
    assert names == dataset.names
    model = fitted([replace(entry, names=names) for entry in entries_of()], dataset, ALONE.as_dict())
    text, notes = report(model, tmp_path / "r.html")
    assert "8 rows; the table of the fit" in Page(text).text and "predictions" in Page(text).ids
    assert not any("table" in line for line in notes)
    table.write_text(table.read_text().replace("0.387", "0.388"))
    text, notes = report(model, tmp_path / "r.html")
    assert "no longer, the table of the fit" in notes[0] and "predictions" not in Page(text).ids
    table.write_text("secret,line\n1,2\n")
    text, notes = report(model, tmp_path / "r.html")
    assert "secret" not in text and "no longer" in notes[0]


def test_weights_are_part_of_the_table_of_the_fit(undrawn, tmp_path):
    dataset = Dataset.from_table(read_table(PLANETS).choose(drop=["name"]), "orbital_period_days", weights="mass_1e24_kg")
    told = {"run": provenance(1.0, command="vgp fit", weights="mass_1e24_kg")}
    model = fitted([replace(entry, names=dataset.names) for entry in entries_of()], dataset, {}, **told)
    assert "8 rows; the table of the fit" in Page(report(model, tmp_path / "r.html")[0]).text


def test_wrong_tables_are_refused(undrawn, tmp_path):
    for X, names, y, expected in (
        (np.ones((3, 1)), ["other"], [1.0, 2.0, 3.0], "has no column 'axis'"),
        (np.ones((3, 1)), ["axis"], None, "has no target"),
    ):
        with pytest.raises(InputError, match=expected):
            report(model_of(), tmp_path / "r.html", Dataset.from_arrays(X, y, names=names))
    (tmp_path / "t.csv").write_text("axis,mass\n1,2\n")
    with pytest.raises(InputError, match="has no column 'period'"):
        report(model_of(), tmp_path / "r.html", read_table(tmp_path / "t.csv"))
    assert not (tmp_path / "r.html").exists()


def test_units_are_told(undrawn, tmp_path):
    pytest.importorskip("pint", reason="pint is not installed")
    data = dataset_of().with_units({"axis": "au", "mass": "kg"}, "day")
    page = Page(report(model_of(dataset=data), tmp_path / "r.html", data)[0])
    assert all(unit in page.text for unit in ("unit", "au", "kg", "day"))
    assert "Units: period [day], axis [au]" in Page(report(model_of(dataset=data), tmp_path / "r.html")[0]).text


def test_only_parameters_that_differ_are_listed():
    model = replace(model_of(), parameters=ALONE.replace(population_size=777, functions=("add", "mul")).as_dict())
    assert [name for name, _, _ in differing(model)] == ["functions", "population_size"]
    assert differing(replace(model, parameters=ALONE.as_dict())) == []


def test_how_to_do_it_again_is_what_was_typed(undrawn, tmp_path):
    page = Page(report(model_of(run=provenance(2.0, command="vgp fit 'a b.csv' --target y")), tmp_path / "r.html")[0])
    assert "vgp fit 'a b.csv' --target y" in page.text and "It was given seconds" in page.text
    page = Page(report(model_of(run=provenance(2.0, command="vgp fit t.csv --evaluations 5k")), tmp_path / "r.html")[0])
    assert "It was given seconds" not in page.text
    page = Page(report(model_of(run=provenance(2.0, python="SymbolicRegressor(seed=1)\n.fit(X, y)")), tmp_path / "r.html")[0])
    assert "SymbolicRegressor(seed=1) .fit(X, y)" in page.text and "seed 7" in page.text.lower()


def test_lines_of_python_evolve_a_model_like_it(capsys):
    dataset = Dataset.from_table(read_table(PLANETS).choose(["semi_major_axis_au", "mass_1e24_kg"], (), ["orbital_period_days"]),
                                 "orbital_period_days")  # fmt: skip
    parameters = ALONE.replace(population_size=50, births_per_tick=50, functions=("mul", "sqrt")).as_dict()
    entries = [replace(entry, names=dataset.names) for entry in entries_of(formulas=FLAT)]
    model = fitted(entries, dataset, parameters, seed=3, evaluations=400)
    exec(compile(snippet(model), "snippet", "exec"), {})
    assert "semi_major_axis_au" in capsys.readouterr().out


FLAT = ("axis", "axis*axis", "axis*sqrt(axis)", "axis*sqrt(axis*mass)")


def test_the_same_model_gives_the_same_picture():
    assert svg(pictures.tree(model_of()), "t", "a tree") == svg(pictures.tree(model_of()), "t", "a tree")


def test_a_page_that_cannot_be_written_is_one_line(undrawn, tmp_path):
    with pytest.raises(CheckpointError, match="cannot be written"):
        report(model_of(), tmp_path / "missing" / "r.html")


def test_typeset_names_are_escaped_in_the_equation():
    assert "&lt;b&gt;" in to_mathml(entries_of()[0].nodes, ["<b>", "c", "d"])
