"""Progress in a notebook's cell, and what a notebook shows of models: run in a real kernel."""

import re
from html.parser import HTMLParser

import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest

from vgp import SymbolicClassifier, SymbolicRegressor
from vgp.display import Snapshot
from vgp.front_html import front_html
from vgp.notebook import in_notebook, progress_html

SNAPSHOT = Snapshot(5.0, 0.25, 15.0, 12_345, 67, 0.5, 0.9, "a < b & c")


def run(*sources):
    """A notebook of these cells after it ran in a kernel, and all that was shown on the way."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client, shown = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3"), []
    process = client.process_message

    def watch(message, cell, index):
        shown.append((message["header"]["msg_type"], message["content"]))
        return process(message, cell, index)

    client.process_message = watch
    client.execute()
    return notebook, shown


@pytest.fixture(scope="module")
def fitted():
    return run(
        "import numpy as np, vgp\nX = np.random.default_rng(0).normal(size=(200, 3))",
        "y = X[:, 0] + np.random.default_rng(1).normal(size=200)",
        "model = vgp.SymbolicRegressor(seconds=3, random_state=0, verbose=1).fit(X, y)",
        "model",
    )


def test_progress_is_one_output_that_changes_and_goes(fitted):
    notebook, shown = fitted
    views = [content for kind, content in shown if kind in ("display_data", "update_display_data")]
    bars = [view for view in views if "<progress" in view["data"].get("text/html", "")]
    assert len(bars) >= 2
    assert len({view["transient"]["display_id"] for view in bars}) == 1
    values = [float(re.search(r'value="([\d.]+)"', view["data"]["text/html"])[1]) for view in bars]
    assert values == sorted(values)
    assert values[0] < values[-1]
    assert all("<progress" not in str(output) for output in notebook.cells[2].outputs)


def test_a_fitted_model_is_shown_with_its_formulas(fitted):
    notebook, _ = fitted
    html = notebook.cells[3].outputs[0]["data"]["text/html"]
    assert "<math" in html
    assert "formulas for y" in html


def test_an_estimator_that_is_not_fitted_is_shown_as_scikit_learn_does():
    assert "<math" not in SymbolicRegressor()._repr_mimebundle_()["text/html"]
    assert "SymbolicRegressor" in SymbolicRegressor()._repr_mimebundle_()["text/plain"]


def test_a_classifier_shows_the_formulas_of_each_class():
    X = np.random.default_rng(0).normal(size=(60, 2))
    three = SymbolicClassifier(evaluations=1_000, random_state=0).fit(X, np.digitize(X[:, 0], [-0.5, 0.5]))
    assert three._repr_mimebundle_()["text/html"].count("<table") >= 3


def test_figures_and_formulas_are_text_and_no_markup():
    html = progress_html(SNAPSHOT, 1000.0)
    assert "a &lt; b &amp; c" in html
    assert "12.3k" in html
    assert 'value="0.250"' in html


def test_names_of_columns_are_text_and_no_markup():
    X = np.random.default_rng(0).normal(size=(50, 1))
    hostile = pd.DataFrame(X, columns=["<script>alert(1)</script>"])
    model = SymbolicRegressor(evaluations=1_000, random_state=0).fit(hostile, pd.Series(2 * X[:, 0], name="<b>")).model_
    html = front_html(model.entries, model.chosen, model.target)

    seen = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.add(tag)

    Tags().feed(html)
    assert "math" in seen
    assert not seen & {"script", "b"}


def test_a_terminal_is_no_notebook():
    assert not in_notebook()
