"""The table that a model was fitted to: found again by its name, believed by its fingerprint."""

import os

import numpy as np

from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.model import Model
from vgp.tables import Table, read_table


def table_of_fit(model: Model) -> tuple[Table | None, str]:
    """The table, or None and the reason in one line. A path in a model is anybody's: of another file nothing is shown."""
    source = model.data.get("source")
    if not isinstance(source, str) or not os.path.isfile(source):
        return None, f"The table of the fit ({source or 'not recorded'}) is not there: give it, or another one, with --data."
    try:
        table = read_table(source)
    except InputError:
        return None, f"The table of the fit ({source}) cannot be read any more: give another one with --data."
    if not is_table_of_fit(model, table):
        return None, f"{source} is not, or no longer, the table of the fit: give it with --data to compare with it all the same."
    return table, ""


def is_table_of_fit(model: Model, table: Table) -> bool:
    """Whether the columns of a table have the model's fingerprint."""
    weights = model.run.get("weights")
    try:
        dataset = Dataset.from_arrays(
            np.column_stack([table.column(name) for name in model.names]),
            table.column(model.target),
            names=model.names,
            target=model.target,
            weights=None if weights is None else table.column(str(weights)),
            origin=table.origin,
        )
    except InputError:
        return False
    return dataset.fingerprint() == model.data.get("fingerprint")
