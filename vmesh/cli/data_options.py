"""Options that say which columns of the table are meant."""

import argparse

from vmesh.options import Columns


def add_column_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("columns")
    group.add_argument("--target", required=True, metavar="COLUMN", help="the column to explain")
    group.add_argument(
        "--columns", action="append", metavar="A,B,...", help="use only these as inputs (default: all columns of numbers)"
    )
    group.add_argument("--drop", action="append", default=[], metavar="COLUMN", help="leave this column out; may be repeated")
    group.add_argument("--weights", metavar="COLUMN", help="a column of sample weights, 0 or more (default: all rows count alike)")


def columns_of(args: argparse.Namespace) -> Columns:
    """As given: which of them are lists is decided where the table's own names are known."""
    columns = None if args.columns is None else tuple(args.columns)
    return Columns(args.target, columns, tuple(args.drop), args.weights)
