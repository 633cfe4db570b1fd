"""Runs a writer under strace, which kills it, or makes a system call fail, at a chosen moment.

strace attaches to a process that has everything imported and waits: its counters then see the write and nothing else.
"""

import multiprocessing
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

KILLED = -9
FAILED = 3


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    injected: bool
    calls: frozenset[str]  # names of the system calls seen


def unavailable() -> str:
    """Why strace cannot be used here; empty if it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    probe = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return f"strace does not work here: {probe.stderr.strip()}" if probe.returncode else ""


def run_under(write, arguments, log: Path, *options: str) -> Outcome:
    """Calls write(*arguments) in a process of its own, traced from just before the call; `options` say what to inject."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=wait_and_write, args=(there, write, arguments))
    process.start()
    tracer = subprocess.Popen(["strace", "-o", str(log), *options, "-p", str(process.pid)], stderr=subprocess.PIPE, text=True)
    attached = tracer.stderr.readline()
    assert "attached" in attached, attached
    here.send(True)
    process.join(60)
    tracer.communicate(timeout=60)
    lines = log.read_text()
    return Outcome(
        process.exitcode, "INJECTED" in lines or process.exitcode == KILLED, frozenset(re.findall(r"^(\w+)\(", lines, re.M))
    )


def wait_and_write(pipe, write, arguments) -> None:
    pipe.recv()
    try:
        write(*arguments)
    except Exception as error:
        Path(arguments[-1]).write_text(f"{type(error).__name__}: {error}\n")
        os._exit(FAILED)
    os._exit(0)
