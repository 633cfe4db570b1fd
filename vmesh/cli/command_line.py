"""Which command is meant, and what becomes of its errors.

Exit status: 0 done, also when it was asked to stop; 2 wrong input, told in one line on stderr; 1 anything else that failed;
130 ended by a second Ctrl-C; 141 the reader of the output went away.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from vgp.cli.arguments import OneLineParser
from vgp.cli.command_line import BROKEN_PIPE, FAILED, WRONG_INPUT
from vgp.cli.streams import settle, silence, tell
from vgp.errors import InputError, SandboxError, VgpError
from vgp.provenance import version as package_version
from vmesh.errors import AdminError, MeshError

PROGRAM = "vmesh"
COMMANDS = ("up", "worker", "console", "admin", "top", "page", "replay", "keys", "config", "agent", "bench")

DESCRIPTION = """\
Evolves programs from data on all cores of a machine, and of many: workers joined into a mesh that exchange what they find.

  vmesh up planets.csv --target orbital_period_days --seconds 60 --save kepler.json
  vmesh console
  vmesh admin status --all
"""


class MeshParser(OneLineParser):
    """Complains as vmesh."""

    program = PROGRAM


def run(top: OneLineParser, words: Sequence[str]) -> int:
    """Runs one command; returns its exit status. Errors of the user become one line on stderr."""
    try:
        args = top.parse_strictly(words)
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        silence(sys.stdout)
        return BROKEN_PIPE
    except OSError as error:  # a full disk behind stdout, most of all
        tell([f"{error.filename or 'the output'}: {(error.strerror or str(error)).lower()}"], program=PROGRAM)
        silence(sys.stdout)
        return FAILED
    except VgpError as error:
        tell([str(error)], program=PROGRAM)
        return FAILED if _failed(error) else WRONG_INPUT
    except MemoryError:
        tell(["out of memory; use fewer --workers, a smaller vgp.population_size or table"], program=PROGRAM)
        return FAILED
    finally:
        settle(sys.stderr)


def parser(words: Sequence[str] = ()) -> OneLineParser:
    """The parser of the whole command line; where the first word is a command, of that one, and only its modules are loaded."""
    top = MeshParser(prog=PROGRAM, description=DESCRIPTION)
    top.add_argument("--version", action="version", version=f"{PROGRAM} {package_version()}")
    slot = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in words[:1] if words and words[0] in available() else available():
        command = import_module(f"vmesh.cli.{name}")
        sub = slot.add_parser(
            name,
            help=command.SUMMARY,
            description=f"{command.SUMMARY}\n\n{command.DESCRIPTION}",
            epilog=f"examples:\n{command.EXAMPLES}",
        )
        sub.set_defaults(run=command.run, parser=sub)
        command.add_arguments(sub)
    return top


def available() -> list[str]:
    """The commands that are installed."""
    return [name for name in COMMANDS if find_spec(f"vmesh.cli.{name}") is not None]


def _failed(error: VgpError) -> bool:
    """Whether something failed, rather than that the input was wrong."""
    return isinstance(error, (SandboxError, MeshError, AdminError)) and not isinstance(error, InputError)
