"""vgp show: print a model's formulas."""

import argparse
import math
import sys
from typing import Any

from vgp.cli.predict import add_entry_options
from vgp.errors import InputError
from vgp.export import BINARY, FORMATS, export, to_sql
from vgp.export.sql import DIALECTS
from vgp.front import FrontEntry
from vgp.front_table import print_front
from vgp.model import Model

SUMMARY = "Print the formulas of a fitted model."
DESCRIPTION = """\
Without options: the best formula of each size, the recommended one marked ">" and its fitted constants c1, c2, ... in the order in
which they stand in the formula f of intercept + slope*f. With --format, --size or --index: that one formula,
with all digits, as text, LaTeX, MathML, a Python function (NumPy or JAX), a C function, an SQL expression, a JSON tree, Python
source of a SymPy expression, or an ONNX model, which is bytes for a file. What is exported gives what vgp predict gives: with the
logistic loss, probabilities."""
EXAMPLES = """\
  vgp show kepler.json
  vgp show kepler.json --format python > kepler.py
  vgp show kepler.json --format latex --size 6
  vgp show kepler.json --format sql --dialect sqlite
  vgp show kepler.json --format onnx > kepler.onnx"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a file written by vgp fit --save")
    parser.add_argument("--format", choices=(*FORMATS, *BINARY), help="how to write the formula (default: text)")
    parser.add_argument("--dialect", choices=tuple(DIALECTS), help="of SQL (default: duckdb)")
    add_entry_options(parser)


def run(args: argparse.Namespace) -> int:
    """Raises CheckpointError for an unusable file, InputError for a formula that it does not have or that cannot be written so."""
    model = Model.load(args.model)
    if args.format is None and args.index is None and args.size is None and args.dialect is None:
        _overview(model)
        return 0
    _write(model, model.entry(index=args.index, size=args.size), args.format or "text", args.dialect)
    return 0


def _write(model: Model, entry: FrontEntry, format: str, dialect: str | None) -> None:
    if dialect and format != "sql":
        raise InputError("--dialect is for --format sql only")
    whole: dict[str, Any] = {"slope": entry.slope, "intercept": entry.intercept, "link": model.link}
    if format in BINARY:
        if sys.stdout.isatty():
            raise InputError(f"--format {format} writes bytes, which are not for a terminal: put > FILE behind the command")
        sys.stdout.buffer.write(BINARY[format](entry.nodes, model.names, **whole))
        return
    if dialect:
        text = to_sql(entry.nodes, model.names, **whole, dialect=dialect)
    else:
        text = export(entry.nodes, format, model.names, **whole)
    print(text, end="" if text.endswith("\n") else "\n")


def _overview(model: Model) -> None:
    print_front(model.entries, model.chosen, sys.stdout)
    chosen = model.entries[model.chosen]
    print(f"\n{model.target} = {chosen.formula}")
    if chosen.uncertain:
        print(f"\nfitted, with standard errors: {', '.join(_with_error(*part) for part in chosen.uncertain)}")
    if model.units is not None:
        print(f"\nunits: {model.units.describe(model.target)}")
    rows, source = model.data.get("rows", "?"), model.data.get("source", "?")
    print(f"\nfitted to {rows} rows of {source}; loss {model.loss}, {model.evaluations} evaluations, seed {model.seed}")


def _with_error(name: str, value: float, error: float) -> str:
    return f"{name} {value:.6g} +- {error:.2g}" if math.isfinite(error) else f"{name} {value:.6g} (not determined by the data)"
