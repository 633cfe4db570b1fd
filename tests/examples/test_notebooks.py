"""The example notebooks run from the first cell to the last, and come to what their text says."""

import re
from pathlib import Path

import nbclient
import nbformat
import pytest
import sympy

EXAMPLES = Path(__file__).parents[2] / "examples"
# notebook: what its results must have somewhere
COMES_TO = {
    "planets.ipynb": ["365*semi_major_axis_au**(3/2)", "Pluto", "image/png"],
    "diabetes.ipynb": ["linear regression    0.48", "image/png"],
    "gravity_with_units.ipynb": ["recommended", "image/png"],
}
LONG = {"diabetes.ipynb"}
# the law that is recommended, but for an intercept: processors that round otherwise write it in another order
RECOMMENDS = {"gravity_with_units.ipynb": "m1*m2*(G/r2 - G/r1)"}


def said(notebook):
    """Everything that the cells put out, as text, with the kinds of data."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(str({k: v for k, v in output.items() if k != "metadata"}) for output in outputs)


def recommended(text):
    """The formulas that cells recommend, as SymPy's expressions."""
    return [sympy.sympify(formula) for formula in re.findall(r"recommended ([^;>']+)>", text)]


def test_all_notebooks_are_run():
    assert {path.name for path in EXAMPLES.glob("*.ipynb")} == set(COMES_TO)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.long if name in LONG else ()) for name in COMES_TO])
def test_a_notebook_runs_and_comes_to_what_it_says(name):
    notebook = nbformat.read(EXAMPLES / name, nbformat.NO_CONVERT)
    kept = said(notebook)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": EXAMPLES}}).execute()
    for wanted in COMES_TO[name]:
        assert wanted in kept
        assert wanted in said(notebook)
    if name in RECOMMENDS:
        law = sympy.sympify(RECOMMENDS[name])
        for text in (kept, said(notebook)):
            assert any(sympy.simplify(formula - law).is_number for formula in recommended(text)), recommended(text)
