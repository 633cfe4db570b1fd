"""A page about a model: one HTML file that needs nothing else, and no network.

    page.py           the whole page                    readings.py    numbers of a table, with what is missing
    front_section.py  formulas, losses, constants       own_table.py   the table of the fit, if it is still there
    data_section.py   columns in numbers                stylesheet.py  how it looks, by day, by night and on paper
    gallery.py        the pictures                      markup.py      text that stays text
    reproduction.py   how to do the run again

A model file may come from anybody: whatever stands in it is text on the page, and the page forbids itself scripts and anything from
outside.
"""

import os

from vgp.atomic_file import atomic_write
from vgp.dataset import Dataset
from vgp.model import Model
from vgp.report.own_table import table_of_fit
from vgp.report.page import page
from vgp.report.readings import Readings, of_dataset, of_table
from vgp.tables import Table

__all__ = ["write_report"]


def write_report(
    model: Model, path: str | os.PathLike[str], dataset: Dataset | Table | None = None, *, sandbox: str = "on"
) -> list[str]:
    """Writes the page about a model to `path`, whole or not at all; returns, a line each, what had to be left out.

    dataset: the table to compare with, with the formula's columns and the target: a Dataset, or what vgp.tables.read_table gives,
    where cells may be empty. Without one the table of the fit is read again, if it is still there and has not changed.
    sandbox: "on" runs the formula in the locked-down process, "off" in this one.

    Raises InputError (matplotlib is missing; the table lacks a column), CheckpointError (the file cannot be written), SandboxError.
    """
    readings, notes = _readings(model, dataset)
    content, more = page(model, readings, notes, sandbox)
    atomic_write(path, content.encode())
    return more


def _readings(model: Model, dataset: Dataset | Table | None) -> tuple[Readings | None, list[str]]:
    if isinstance(dataset, Dataset):
        return of_dataset(model, dataset), []
    if dataset is not None:
        return of_table(model, dataset), []
    table, reason = table_of_fit(model)
    return (None, [reason]) if table is None else (of_table(model, table), [])
