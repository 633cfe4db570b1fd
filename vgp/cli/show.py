"""vgp show: print a model's formulas."""

import argparse
import math
import sys

from vgp.cli.predict import add_entry_options
from vgp.export import FORMATS, export
from vgp.front_table import print_front
from vgp.model import Model

SUMMARY = "Print the formulas of a fitted model."
DESCRIPTION = """\
Without options: the best formula of each size, the recommended one marked ">" and its fitted constants c1, c2, ... in the order in
which they stand in the formula f of intercept + slope*f. With --format, --size or --index: that one formula,
with all digits, as text, a Python function (NumPy), LaTeX, MathML or a C function."""
EXAMPLES = """\
  vgp show kepler.json
  vgp show kepler.json --format python > kepler.py
  vgp show kepler.json --format latex --size 6"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a file written by vgp fit --save")
    parser.add_argument("--format", choices=tuple(FORMATS), help="how to write the formula (default: text)")
    add_entry_options(parser)


def run(args: argparse.Namespace) -> int:
    """Raises CheckpointError for an unusable file, InputError for a formula that it does not have."""
    model = Model.load(args.model)
    if args.format is None and args.index is None and args.size is None:
        _overview(model)
        return 0
    entry = model.entry(index=args.index, size=args.size)
    text = export(entry.nodes, args.format or "text", model.names, slope=entry.slope, intercept=entry.intercept)
    print(text, end="" if text.endswith("\n") else "\n")
    return 0


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
