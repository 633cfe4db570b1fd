"""The table in numbers: what each column holds, and what is missing."""

import numpy as np

from vgp.data_checks import Floats
from vgp.model import Model
from vgp.report.markup import number, section, table, text
from vgp.report.readings import Readings

MOST_COLUMNS = 200


def data_section(model: Model, readings: Readings | None) -> str:
    """Rows, and per column least, mean, greatest, missing; units where there are any."""
    if readings is None:
        return section("Data", f"<p>{_fitted_to(model)}</p>", _columns_alone(model))
    same = "the table of the fit" if readings.of_fit else f"not the table of the fit, which was {_fitted_to(model)}"
    intro = f"<p><code>{text(readings.source)}</code>: {readings.n_rows:,} rows; {same}.</p>"
    used = set(model.inputs(model.entries[model.chosen]))
    shown = [(model.target, readings.target, "target")]
    shown += [(name, column, "used" if name in used else "") for name, column in readings.columns.items()]
    rows = [_row(model, name, column, role) for name, column, role in shown[: MOST_COLUMNS + 1]]
    headings = ("column", "", *(["unit"] if model.units else []), "least", "mean", "greatest", "missing")
    kinds = ("name", "", *([""] if model.units else []), "number", "number", "number", "number")
    more = len(shown) - len(rows)
    return section("Data", intro, table(headings, rows, kinds), f"<p>and {more:,} more columns</p>" if more else "")


def _fitted_to(model: Model) -> str:
    return f"{text(model.data.get('rows', '?'))} rows of <code>{text(model.data.get('source', '?'))}</code>"


def _columns_alone(model: Model) -> str:
    names = ", ".join(f"<code>{text(name)}</code>" for name in model.names[:MOST_COLUMNS])
    units = f"<p>Units: {text(model.units.describe(model.target))}</p>" if model.units else ""
    return f"<p>Columns: {names}</p>{units}"


def _row(model: Model, name: str, column: Floats, role: str) -> tuple[str, ...]:
    present = column[np.isfinite(column)]
    figures = [number(float(f(present))) if len(present) else "–" for f in (np.min, np.mean, np.max)]
    missing = len(column) - len(present)
    unit = [text(_unit(model, name))] if model.units else []
    return (f"<code>{text(name)}</code>", role, *unit, *figures, f"{missing:,}" if missing else "")


def _unit(model: Model, name: str) -> str:
    assert model.units is not None
    if name == model.target:
        return "" if model.units.target is None else model.units.target or "1"
    return model.units.texts[model.units.names.index(name)] or "1"
