"""The command `vgp`: one file per subcommand, each with `add_arguments(parser)` and `run(args) -> exit status`.

    fit       evolve formulas for a column of a table        fit.py, with budget.py, interrupts.py, parameter_options.py
    predict   apply a model to a table                       predict.py
    show      print a model's formulas                       show.py
    bench     run benchmarks                                 bench.py

Exit status: 0 done; 2 wrong input, told in one line on stderr; 1 anything else that failed; 130, 143, 129 ended by Ctrl-C,
SIGTERM, SIGHUP; 141 the reader of the output went away.
"""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from vgp.cli import bench, fit, predict, show
from vgp.cli.arguments import OneLineParser, printable
from vgp.errors import SandboxError, VgpError

COMMANDS = (fit, predict, show, bench)
INTERRUPTED, BROKEN_PIPE, WRONG_INPUT, FAILED = 130, 141, 2, 1

DESCRIPTION = """\
Evolves programs from data: finds formulas that predict one column of a table from the others.

  vgp fit planets.csv --target orbital_period_days --save kepler.json
  vgp show kepler.json --format latex
  vgp predict kepler.json moons.csv
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status. Errors of the user become one line on stderr."""
    try:
        args = parser().parse_strictly(sys.argv[1:] if argv is None else argv)
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _silence(sys.stdout)
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except VgpError as error:
        return _complain(str(error), FAILED if isinstance(error, SandboxError) else WRONG_INPUT)
    except MemoryError:
        return _complain("out of memory; use a smaller --population or table", FAILED)


def parser() -> OneLineParser:
    """The parser of the whole command line."""
    top = OneLineParser(prog="vgp", description=DESCRIPTION)
    top.add_argument("--version", action="version", version=f"vgp {_version()}")
    slot = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = slot.add_parser(
            command.__name__.rpartition(".")[2],
            help=command.SUMMARY,
            description=f"{command.SUMMARY}\n\n{command.DESCRIPTION}",
            epilog=f"examples:\n{command.EXAMPLES}",
        )
        sub.set_defaults(run=command.run, parser=sub)
        command.add_arguments(sub)
    return top


def _version() -> str:
    try:
        return version("vcloud")
    except PackageNotFoundError:
        return "(not installed)"


def _complain(message: str, status: int) -> int:
    try:
        print(f"vgp: {printable(message)}", file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)
    return status


def _silence(stream: object) -> None:
    """Python flushes its streams once more at exit; what is left then goes nowhere instead of raising again."""
    number = stream.fileno() if hasattr(stream, "fileno") else 1
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), number)
