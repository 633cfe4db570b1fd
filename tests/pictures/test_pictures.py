"""Pictures hold what they should: every point, every label, the names of the table - and say in one line what is missing."""

import io
import math
import sys
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from tests.dataset.test_history import records
from tests.pictures.models import HOSTILE, NAMES, dataset_of, entries_of, lineage_of, model_of
from vgp import pictures
from vgp.ancestors import Ancestor
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.pictures.canvas import shown
from vgp.statistics import DEATHS, TICK_RECORD

ALL = {
    "front": pictures.front,
    "predictions": lambda model: pictures.predictions(model, dataset_of(model.names, model.target), sandbox="off"),
    "residuals": lambda model: pictures.residuals(model, dataset_of(model.names, model.target), sandbox="off"),
    "convergence": pictures.convergence,
    "tree": pictures.tree,
    "family": pictures.family,
    "life": pictures.life,
}


def texts(figure):
    """Every text that is seen."""
    return [text.get_text() for text in figure.findobj(lambda part: hasattr(part, "get_text")) if text.get_text()]


def part(figure, gid):
    (found,) = figure.findobj(lambda one: one.get_gid() == gid)
    return found


def drawn(figure):
    figure.savefig(io.BytesIO(), format="png", dpi=30)
    return figure


def test_the_front_has_a_point_an_entry_and_marks_the_chosen():
    model = model_of()
    figure = drawn(pictures.front(model))
    x, y = part(figure, "front").get_data()
    assert x.tolist() == [entry.size for entry in model.entries] and y.tolist() == [entry.loss for entry in model.entries]
    chosen = model.entries[model.chosen]
    assert [float(v[0]) for v in part(figure, "chosen").get_data()] == [chosen.size, chosen.loss]
    assert figure.axes[0].get_yscale() == "log"
    assert any(chosen.formula in text for text in texts(figure)) and "squared loss" in texts(figure)


def test_a_front_of_like_losses_is_not_in_powers_of_ten():
    model = replace(model_of(), entries=entries_of(losses=(4.0, 3.0, 2.0, 1.0)))
    assert drawn(pictures.front(model)).axes[0].get_yscale() == "linear"


def test_an_exact_law_is_on_the_front_and_says_so():
    model = replace(model_of(), entries=entries_of(losses=(100.0, 1.0, 0.01, 0.0)))
    figure = drawn(pictures.front(model))
    assert part(figure, "front").get_ydata()[-1] < 0.01 and "0" in texts(figure)


def test_predictions_are_those_of_the_formula():
    model, data = model_of(), dataset_of()
    figure = drawn(pictures.predictions(model, data, 2, sandbox="off"))
    actual, predicted = part(figure, "predictions").get_data()
    assert actual.tolist() == data.y.tolist()
    np.testing.assert_allclose(predicted, 365.25 * data.X[:, 0] ** 1.5 - 1.5)
    assert {"period, actual", "period, predicted"} <= set(texts(figure))


def test_arrays_are_as_good_as_a_data_set():
    model, data = model_of(), dataset_of()
    figure = pictures.predictions(model, (data.X, data.y), 0, sandbox="off")
    np.testing.assert_allclose(part(figure, "predictions").get_ydata(), 365.25 * data.X[:, 0] - 1.5)


def test_many_rows_are_thinned_and_the_picture_says_so():
    figure = drawn(pictures.predictions(model_of(), dataset_of(rows=5000), sandbox="off"))
    assert len(part(figure, "predictions").get_xdata()) == 2000 and "2,000 of 5,000 rows" in texts(figure)


def test_residuals_and_their_histogram_count_every_row():
    data = dataset_of(rows=3000)
    figure = drawn(pictures.residuals(model_of(), data, 2, sandbox="off"))
    left = part(figure, "residuals").get_ydata()
    assert len(left) == 2000 and np.std(left) == pytest.approx(1, rel=0.1)
    assert part(figure, "histogram").get_data().values.sum() == 3000
    assert any("standard deviation" in text for text in texts(figure))


def test_residuals_of_an_exact_formula():
    X = np.arange(1.0, 9.0)[:, None] * np.ones(3)
    figure = drawn(pictures.residuals(model_of(), (X, 365.25 * X[:, 0] - 1.5), 0, sandbox="off"))
    assert part(figure, "histogram").get_data().values.sum() == 8


def test_rows_without_a_value_are_left_out():
    X = np.array([[4.0, 1, 1], [-1.0, 1, 1], [9.0, 1, 1]])
    figure = drawn(pictures.predictions(model_of(), (X, [1.0, 2.0, 3.0]), 2, sandbox="off"))
    assert part(figure, "predictions").get_xdata().tolist() == [1.0, 3.0] and "2 of 3 rows" in texts(figure)


def test_convergence_draws_the_records_and_the_eras():
    history = records(40)
    history["era"] = np.arange(40) >= 20
    history["best_loss"][3] = math.inf
    figure = drawn(pictures.convergence(model_of(history=history)))
    x, y = part(figure, "best").get_data()
    assert x.tolist() == history["evaluations"].tolist() and math.isnan(y[3]) and y[4] == history["best_loss"][4]
    assert part(figure, "median").get_ydata()[7] == history["median_loss"][7]
    assert {"best", "median of the living", "a new era"} <= set(texts(figure))


def test_life_has_every_cause_of_death_with_its_total():
    history = records(40)
    history["deaths_eaten_cost"] = 0
    figure = drawn(pictures.life(model_of(history=history)))
    for cause in set(DEATHS) - {"eaten_cost"}:
        total = int(history[f"deaths_{cause}"].sum())
        assert f"{cause.replace('eaten_', 'eaten: ')} ({total:,})" in texts(figure)
    assert not any("cost" in text for text in texts(figure))
    assert len(part(figure, "diversity").get_xdata()) == 40


def test_deaths_are_per_tick_however_many_ticks_a_record_stands_for():
    history = np.zeros(3, TICK_RECORD)
    history["tick"], history["evaluations"] = (1, 11, 12), (10, 110, 120)
    history["deaths_starved"] = (5, 50, 5)
    outline = part(pictures.life(model_of(history=history)), "starved").get_paths()[0].vertices
    assert set(outline[:, 1]) == {0.0, 5.0}


def test_the_tree_has_a_box_for_every_node():
    figure = drawn(pictures.tree(model_of(), 2))
    assert sorted(texts(figure)) == sorted(["−", "×", "365.2", "×", "axis", "√", "axis", "1.5"])
    assert len(figure.axes[0].lines) == 7


def test_the_family_has_a_box_for_every_ancestor_and_colours_by_loss():
    figure = drawn(pictures.family(model_of()))
    boxes = [text for text in figure.axes[0].texts if "born at tick" in text.get_text()]
    assert len(boxes) == 7 and len({box.get_bbox_patch().get_facecolor() for box in boxes}) == 4
    assert len(figure.axes[0].lines) == 2 + 2 * 4  # the oldest two have parents that are only ids


def test_a_long_family_says_how_much_is_not_shown():
    figure = drawn(pictures.family(model_of(lineage=lineage_of(30))))
    assert any("40 more ancestors are not shown" in text for text in texts(figure))


def test_ancestors_of_unknown_loss_are_drawn():
    drawn(pictures.family(model_of(lineage=(Ancestor(1, (), 0, math.nan, 1, "x"), Ancestor(2, (1,), 1, math.inf, 1, "y")))))


@pytest.mark.parametrize("name", ALL)
def test_names_are_never_markup(name):
    """matplotlib would read $...$ as mathematics, and fail where it is none."""
    names = (HOSTILE, *NAMES[1:])
    lineage = lineage_of(formula=HOSTILE * 9)
    model = model_of(names, target=HOSTILE + "t", lineage=lineage)
    figure = drawn(ALL[name](replace(model, parameters={"loss": "$\\bad{"})))
    if name not in ("convergence", "life"):
        assert any("<script>" in text for text in texts(figure))


@pytest.mark.parametrize(
    ("name", "expected"), [("convergence", "no history"), ("life", "no history"), ("family", "no ancestors")]
)
def test_what_a_model_lacks_is_said_in_one_line(name, expected):
    with pytest.raises(InputError, match=expected) as caught:
        ALL[name](model_of(history=None, lineage=()))
    assert "\n" not in str(caught.value)


def test_wrong_indexes_and_tables_are_refused():
    model = model_of()
    for index in (-1, 4):
        with pytest.raises(InputError, match="counts its 4 formulas from 0"):
            pictures.tree(model, index)
    with pytest.raises(InputError, match="no target"):
        pictures.predictions(model, Dataset.from_arrays(np.ones((3, 3)), names=NAMES))
    with pytest.raises(InputError, match="needs column 'axis'"):
        pictures.predictions(model, Dataset.from_arrays(np.ones((3, 1)), [1.0, 2.0, 3.0], names=["other"]))
    with pytest.raises(InputError, match="no value in any row"):
        pictures.residuals(model, (-np.ones((3, 3)), [1.0, 2.0, 3.0]), 2, sandbox="off")


@pytest.mark.parametrize("name", ALL)
def test_nothing_reaches_pyplot_and_all_texts_stay_inside(name):
    """A label beyond the edge would be cut off in every file."""
    figure = drawn(ALL[name](model_of()))
    seen, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert seen.x0 > -0.01 and seen.y0 > -0.01 and seen.x1 < width + 0.01 and seen.y1 < height + 0.01
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_notebooks_are_given_an_image():
    assert pictures.front(model_of())._repr_png_().startswith(b"\x89PNG")


def test_without_matplotlib_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.delitem(sys.modules, "vgp.pictures.picture", raising=False)
    with pytest.raises(InputError, match=r"pip install 'vcloud\[report\]'"):
        pictures.front(model_of())


def test_names_are_cut_to_a_printable_line():
    assert shown("a\x00b\n", 10) == "a�b�" and shown("x" * 30, 10) == "x" * 9 + "…" and shown("x" * 10, 10) == "x" * 10
