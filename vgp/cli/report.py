"""vgp report: write a page about a model."""

import argparse
from pathlib import Path

from vgp.cli.outputs import check_writable
from vgp.cli.streams import tell
from vgp.errors import InputError
from vgp.model import Model
from vgp.tables import read_table

SUMMARY = "Write a page about a fitted model."
DESCRIPTION = """\
One HTML file that needs nothing else: formulas, pictures of what they explain and of the run, the data in numbers, and how to do
the run again. Without --data the table of the fit is compared with, if it is still there and has not changed."""
EXAMPLES = """\
  vgp report kepler.json
  vgp report model.json --data later.csv --out later.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a file written by vgp fit --save")
    parser.add_argument("--data", metavar="TABLE", help="compare with this table: .csv, .tsv, .txt or .parquet")
    parser.add_argument("--out", metavar="FILE", help="where to (default: MODEL with the ending .html)")
    parser.add_argument(
        "--sandbox", choices=("on", "off"), default="on", help="run the formula in a locked-down process (default: on)"
    )
    parser.add_argument("--quiet", action="store_true", help="no notes on stderr")


def run(args: argparse.Namespace) -> int:
    """Raises InputError, CheckpointError (the model file, or the page cannot be written), SandboxError."""
    from vgp.report import write_report

    check_writable("--out", args.out)
    model = Model.load(args.model)
    out = args.out if args.out is not None else str(Path(args.model).with_suffix(".html"))
    check_writable("--out", out)
    if Path(out).exists() and Path(out).samefile(args.model):
        raise InputError(f"--out {out}: is the model itself; choose another name")
    table = None if args.data is None else read_table(args.data)
    notes = write_report(model, out, table, sandbox=args.sandbox)
    if not args.quiet:
        tell([*notes, f"report written to {out}"])
    return 0
