"""Which command is meant, and what becomes of its errors.

Exit status: 0 done; 2 wrong input, told in one line on stderr; 1 anything else that failed; 130, 143, 129 ended by Ctrl-C,
SIGTERM, SIGHUP; 141 the reader of the output went away.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

from vgp.cli.arguments import OneLineParser
from vgp.cli.streams import settle, silence, tell
from vgp.errors import SandboxError, VgpError
from vgp.provenance import version

COMMANDS = ("fit", "predict", "show", "report", "bench")
BROKEN_PIPE, WRONG_INPUT, FAILED = 141, 2, 1

DESCRIPTION = """\
Evolves programs from data: finds formulas that predict one column of a table from the others.

  vgp fit planets.csv --target orbital_period_days --save kepler.json
  vgp show kepler.json --format latex
  vgp predict kepler.json moons.csv
  vgp report kepler.json
"""


def run(top: OneLineParser, words: Sequence[str]) -> int:
    """Runs one command; returns its exit status. Errors of the user become one line on stderr."""
    try:
        args = top.parse_strictly(words)
        args.words = tuple(words)
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        silence(sys.stdout)
        return BROKEN_PIPE
    except VgpError as error:
        tell([str(error)])
        return FAILED if isinstance(error, SandboxError) else WRONG_INPUT
    except MemoryError:
        tell(["out of memory; use a smaller --population or table"])
        return FAILED
    finally:
        settle(sys.stderr)


def parser(words: Sequence[str] = ()) -> OneLineParser:
    """The parser of the whole command line; where the first word is a command, of that one, and only its modules are loaded."""
    top = OneLineParser(prog="vgp", description=DESCRIPTION)
    top.add_argument("--version", action="version", version=f"vgp {version()}")
    slot = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in words[:1] if words and words[0] in COMMANDS else COMMANDS:
        command = import_module(f"vgp.cli.{name}")
        sub = slot.add_parser(
            name,
            help=command.SUMMARY,
            description=f"{command.SUMMARY}\n\n{command.DESCRIPTION}",
            epilog=f"examples:\n{command.EXAMPLES}",
        )
        sub.set_defaults(run=command.run, parser=sub)
        command.add_arguments(sub)
    return top
