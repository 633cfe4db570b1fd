"""Options that say which columns of a table are meant, and the data set they make."""

import argparse
from collections.abc import Iterable, Iterator, Sequence

from vgp.cli.streams import tell
from vgp.data_checks import check_binary
from vgp.dataset import Dataset
from vgp.tables import Table, read_table
from vgp.units import assignments


def add_table_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "table", metavar="TABLE", help="a .csv, .tsv, .txt or .parquet file; CSV with a header line, separated by , ; or tab"
    )
    group = parser.add_argument_group("columns")
    group.add_argument("--target", required=True, metavar="COLUMN", help="the column to explain")
    group.add_argument(
        "--columns", action="append", metavar="A,B,...", help="use only these as inputs (default: all columns of numbers)"
    )
    group.add_argument("--drop", action="append", default=[], metavar="COLUMN", help="leave this column out; may be repeated")
    group.add_argument("--weights", metavar="COLUMN", help="a column of sample weights, 0 or more (default: all rows count alike)")
    group.add_argument(
        "--units",
        action="append",
        metavar="A=U,...",
        help="units of columns, and of the target by its name: m=kg,r=m,F=N. Formulas are then held to them; a column without one "
        "is a plain number. Only dimensions count",
    )
    group.add_argument("--target-unit", metavar="U", help="the target's unit: N, kg*m/s^2, 1; [word] is a dimension of your own")


def read_dataset(args: argparse.Namespace, *, loss: str) -> Dataset:
    """The data set that the options describe; what was left out is told on stderr. Raises InputError."""
    table = read_table(args.table)
    needed = [name for name in (args.target, args.weights) if name is not None]
    columns = None if args.columns is None else names_among(args.columns, table.all_names)
    chosen = table.choose(columns, names_among(args.drop, table.all_names), needed)
    if not args.quiet:
        tell(chosen.notices)
    dataset = Dataset.from_table(chosen, args.target, weights=args.weights)
    if loss == "logistic":
        assert dataset.y is not None
        check_binary(dataset.y, args.target, dataset.origin)
    if args.units is None and args.target_unit is None:
        return dataset
    known = [*dataset.names, args.target]
    dataset = dataset.with_units(assignments(args.units or [], known), args.target_unit)
    if not args.quiet:
        tell(notes(dataset))
    return dataset


def notes(dataset: Dataset) -> Iterator[str]:
    """How units were understood: a misspelled one would otherwise be a dimension of its own unseen."""
    units = dataset.units
    assert units is not None
    yield f"units: {units.describe(dataset.target)}"
    if units.own_bases:
        yield f"dimensions of your own: {', '.join(units.own_bases)}"


def names_among(values: Sequence[str], known: Iterable[str]) -> list[str]:
    """Column names from option values: a value that is a column's name is one, any other is a list separated by commas."""
    known = set(known)
    return [name for value in values for name in ([value] if value in known else [part.strip() for part in value.split(",")])]


def all_labels(table: Table) -> dict[str, list[str]]:
    """The columns of text, which name the rows."""
    return {name: table.label(name) for name in table.labels}
