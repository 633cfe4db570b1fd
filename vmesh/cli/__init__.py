"""The command `vmesh`.

    command_line.py       which command; errors become one line and an exit status
    up.py                 the mesh of this machine: vmesh/launcher
    worker.py             one worker: vmesh/node.py
    console.py admin.py   talk to a running mesh: vmesh/admin
    top.py                the mesh live in a terminal: vmesh/top
    page.py replay.py     a web page, of a running mesh or of a run that has ended: vmesh/page
    keys.py               make, allow and revoke keys: vmesh/security
    config.py             print the effective settings           settings_options.py   --config, --preset, --set
    bench.py              run benchmarks                         data_options.py       which table, which columns
    agent.py              beside the workers, on a node of a cluster: vmesh/cloud

A subcommand's file has SUMMARY, DESCRIPTION, EXAMPLES, `add_arguments(parser)` and `run(args) -> exit status`.
"""

import os
import sys
from collections.abc import Sequence

from vgp.cli import INTERRUPTED, ended_by_ctrl_c, keep_libraries_to_one_thread


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    words = sys.argv[1:] if argv is None else argv
    keep_libraries_to_one_thread()
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own takes a gigabyte at once, more than a worker's share
    open_streams()
    with ended_by_ctrl_c():
        from vmesh.cli.command_line import parser, run

        top = parser(words)
    try:
        return run(top, words)
    except KeyboardInterrupt:
        print("vmesh: interrupted", file=sys.stderr)
        return INTERRUPTED


def open_streams() -> None:
    """What was closed by whoever started this leads nowhere: a socket must not become descriptor 1, nor a print end a run."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(fd)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
