"""vgp predict: apply a model to a table."""

import argparse
import sys
from pathlib import Path

import numpy as np

from vgp.cli.outputs import check_writable
from vgp.cli.streams import tell
from vgp.cli.table_options import all_labels
from vgp.data_checks import Floats
from vgp.errors import InputError
from vgp.front import FrontEntry
from vgp.model import Model, predict
from vgp.suggestions import listed
from vgp.table_writing import WRITERS, Writer, write_csv_text
from vgp.tables import Table, read_table

SUMMARY = "Apply a fitted model to a table."
DESCRIPTION = """\
Writes a table with the columns of text, the target if the table has it, and the column predicted_TARGET. Only the columns that the
formula uses are needed. Where the formula has no value (a logarithm of 0, say) the prediction is nan."""
EXAMPLES = """\
  vgp predict kepler.json examples/moons.csv
  vgp predict model.json new.parquet --out predicted.parquet
  vgp predict model.json new.csv --size 7 | head"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a file written by vgp fit --save")
    parser.add_argument("table", metavar="TABLE", help="a .csv, .tsv, .txt or .parquet file with the columns that the formula uses")
    parser.add_argument("--out", metavar="FILE", help="where to: .csv, .tsv or .parquet (default: CSV on stdout)")
    add_entry_options(parser)
    parser.add_argument(
        "--sandbox", choices=("on", "off"), default="on", help="run the formula in a locked-down process (default: on)"
    )
    parser.add_argument("--quiet", action="store_true", help="no notes on stderr")


def add_entry_options(parser: argparse.ArgumentParser) -> None:
    """Which formula of a model; also for vgp show."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--index", type=int, metavar="N", help="the formula with this number in vgp show (default: the one marked >)"
    )
    which.add_argument("--size", type=int, metavar="N", help="the formula of this size")


def run(args: argparse.Namespace) -> int:
    """Raises InputError, CheckpointError (the model file), SandboxError."""
    writer = _writer(args.out)
    model = Model.load(args.model)
    entry = model.entry(index=args.index, size=args.size)
    table = read_table(args.table)
    columns = {name: table.column(name, needed=True) for name in _present(model, entry, table)}
    values = predict(model, columns, entry, sandbox=args.sandbox, n_rows=table.n_rows)
    known = _target(model, table)
    output = all_labels(table) | ({} if known is None else {model.target: known}) | {f"predicted_{model.target}": values}
    if writer is None:
        write_csv_text(sys.stdout, output)
    else:
        writer(args.out, output)
    if not args.quiet:
        tell(_notes(model, entry, table, values, known))
    return 0


def _writer(path: str | None) -> Writer | None:
    """What writes files with this ending; None: to stdout."""
    if path is None:
        return None
    check_writable("--out", path)
    ending = Path(path).suffix.lower()
    if ending not in WRITERS:
        raise InputError(f"--out {path}: is of unknown kind; it may end in {listed(list(WRITERS))}")
    return WRITERS[ending]


def _present(model: Model, entry: FrontEntry, table: Table) -> tuple[str, ...]:
    """The columns that the formula uses. Raises InputError naming all that the table lacks."""
    needed = model.inputs(entry)
    missing = [name for name in needed if name not in table.all_names]
    if missing:
        names = ", ".join(repr(name) for name in missing)
        raise InputError(f"{table.origin} has no column {names}, which the formula needs; it has {listed(table.all_names)}")
    return needed


def _target(model: Model, table: Table) -> Floats | None:
    """The target's column, if the table has a complete one."""
    try:
        return table.column(model.target)
    except InputError:
        return None


def _notes(model: Model, entry: FrontEntry, table: Table, values: Floats, known: Floats | None) -> list[str]:
    notes = [f"{model.target} = {entry.formula}"]
    finite = np.isfinite(values)
    if not finite.all():
        first = table.origin.place(int(np.argmin(finite)))
        notes.append(f"{first}: the formula has no value here ({int((~finite).sum())} of {table.n_rows} rows)")
    if known is not None:
        compared = finite & (known != 0)
        errors = np.abs(values[compared] / known[compared] - 1)
        if len(errors):
            worst = table.origin.place(int(np.flatnonzero(compared)[np.argmax(errors)]))
            shares = f"{np.median(errors):.2g} of its value (median), at most {errors.max():.2g} ({worst})"
            notes.append(f"differs from column '{model.target}' by {shares}")
    return notes
