"""The values of a fitted model, also where its formula has none: on new rows a logarithm or a quotient may be undefined."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vgp.data_checks import Floats
from vgp.errors import InputError
from vgp.front import FrontEntry
from vgp.model import Model, values_of

WAYS = ("smaller", "nan")


def predicted(model: Model, columns: Mapping[str, Floats], entry: FrontEntry, *, otherwise: str, mean: float, rows: int) -> Floats:
    """intercept + slope * f on columns by name, float64 [rows].

    otherwise: "nan" leaves values as they are, NaN or infinite where the formula has none. "smaller": there the next smaller
    formula of the front speaks, and in the end `mean`. Raises InputError for another word.
    """
    if otherwise not in WAYS:
        raise InputError(f"where_undefined is {otherwise!r}; choose one of {', '.join(WAYS)}")
    values = values_of(model, columns, entry, sandbox="off", n_rows=rows)
    if otherwise == "nan":
        return values
    for smaller in reversed([other for other in model.entries if other.size < entry.size]):
        undefined = ~np.isfinite(values)
        if not undefined.any():
            return values
        there = {name: column[undefined] for name, column in columns.items()}
        values[undefined] = values_of(model, there, smaller, sandbox="off", n_rows=int(undefined.sum()))
    values[~np.isfinite(values)] = mean
    return values
