"""The command `vgp`.

    command_line.py   which command; errors become one line and an exit status     arguments.py   kinds of values
    fit.py            evolve formulas: table_options.py, parameter_options.py, budget.py, interrupts.py
    predict.py        apply a model to a table                                     outputs.py     files to be written
    show.py           print a model's formulas
    report.py         write a page about a model
    bench.py          run benchmarks

A subcommand's file has SUMMARY, DESCRIPTION, EXAMPLES, `add_arguments(parser)` and `run(args) -> exit status`.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence

INTERRUPTED = 130  # as shells count: 128 + the signal


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    words = sys.argv[1:] if argv is None else argv
    keep_libraries_to_one_thread()
    with ended_by_ctrl_c():
        from vgp.cli.command_line import parser, run

        top = parser(words)
    try:
        return run(top, words)
    except KeyboardInterrupt:
        print("vgp: interrupted", file=sys.stderr)
        return INTERRUPTED


def keep_libraries_to_one_thread() -> None:
    """A core is a population's; each further thread of theirs would keep 32 MiB, too. To be called before NumPy is loaded."""
    for library in ("OPENBLAS", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


@contextlib.contextmanager
def ended_by_ctrl_c() -> Iterator[None]:
    """While modules load there is nothing to clean up: Ctrl-C just ends the process; an exception could come out as a traceback."""
    before = signal.getsignal(signal.SIGINT)
    with contextlib.suppress(ValueError):  # not the main thread: then Ctrl-C is none of ours
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, before)
