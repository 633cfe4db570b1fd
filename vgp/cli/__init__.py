"""The command `vgp`.

    command_line.py   which command; errors become one line and an exit status     arguments.py   kinds of values
    fit.py            evolve formulas: table_options.py, parameter_options.py, budget.py, interrupts.py
    predict.py        apply a model to a table                                     outputs.py     files to be written
    show.py           print a model's formulas
    bench.py          run benchmarks

A subcommand's file has SUMMARY, DESCRIPTION, EXAMPLES, `add_arguments(parser)` and `run(args) -> exit status`.
"""

import sys
from collections.abc import Sequence

INTERRUPTED = 130  # as shells count: 128 + the signal


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status. Everything else is loaded in here, so that Ctrl-C is answered from the start."""
    try:
        from vgp.cli.command_line import run

        return run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        print("vgp: interrupted", file=sys.stderr)
        return INTERRUPTED
