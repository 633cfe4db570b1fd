"""stdout and stderr when somebody may have stopped listening."""

import contextlib
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from vgp.cli.arguments import printable


def tell(lines: Iterable[str], most: int = 10, program: str = "vgp") -> None:
    """Notes on stderr, one per line, not a screenful. That nobody reads them is no error."""
    lines = list(lines)
    if len(lines) > most + 1:
        lines = [*lines[:most], f"and {len(lines) - most} more notes like these"]
    with contextlib.suppress(OSError):
        for line in lines:
            print(f"{program}: {printable(line)}", file=sys.stderr, flush=True)


def settle(stream: TextIO) -> None:
    """Flushes a stream, or sends what nobody takes nowhere: Python flushes once more at exit and would complain then."""
    try:
        stream.flush()
    except OSError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Points a stream's descriptor at /dev/null."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
