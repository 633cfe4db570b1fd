"""The command as a user runs it: a process of its own, on pipes or on a terminal."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.loaded import loaded

ROOT = Path(__file__).parents[2]
PLANETS = ROOT / "examples" / "planets.csv"
MOONS = ROOT / "examples" / "dwarf_planets_and_moons.csv"
COMMAND = (sys.executable, "-m", "vgp")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "TERM": "xterm"}
FIT = ("fit", str(PLANETS), "--target", "orbital_period_days")


def vgp(*arguments, timeout=120, **settings):
    """Runs the command to its end: .returncode, .stdout, .stderr."""
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=timeout, env=ENVIRONMENT, check=False, **settings)


def called(*arguments, **settings):
    """The same much sooner, for a test that is not about the start of a process: its modules are there (loaded.py)."""
    return loaded(tuple(ENVIRONMENT.items())).run([str(word) for word in arguments], **settings)


def start(*arguments, environment=(), **settings):
    """Starts the command on pipes."""
    words = [*COMMAND, *map(str, arguments)]
    whole = {**ENVIRONMENT, **dict(environment)}
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=whole, **settings)


class Terminal:
    """The command on a terminal of its own, as leader of its session: what is typed reaches all its processes."""

    def __init__(self, *arguments):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, [*COMMAND, *map(str, arguments)], ENVIRONMENT)
        self.seen = b""
        self.reached = 0

    def read_next(self, text, seconds=60):
        """Waits until the text has been shown behind what the last read_next waited for, and fails if it never is."""
        deadline = time.monotonic() + seconds
        while (at := self.seen.find(text.encode(), self.reached)) < 0:
            assert self._read(deadline), f"{text!r} was not shown: {self.seen[-2000:].decode(errors='replace')}"
        self.reached = at + len(text)

    def read_until(self, text, seconds=60):
        """Waits until the text has been shown, and fails if it never is."""
        deadline = time.monotonic() + seconds
        while text.encode() not in self.seen:
            assert self._read(deadline), f"{text!r} was not shown: {self.seen[-2000:].decode(errors='replace')}"
        return self.seen.decode(errors="replace")

    def type(self, text):
        os.write(self.fd, text.encode())

    def finish(self, seconds=60):
        """Reads to the end: (exit status, everything shown)."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), self.seen.decode(errors="replace")

    def _read(self, deadline):
        ready, _, _ = select.select([self.fd], [], [], max(deadline - time.monotonic(), 0))
        try:
            piece = os.read(self.fd, 1 << 16) if ready else b""
        except OSError:  # the other end is closed: how terminals say end of file
            piece = b""
        self.seen += piece
        return bool(piece)


def children(pid):
    """Pids of the living children of a process."""
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in listing.read_text().split()] if listing.exists() else []


def alive(pid):
    """Whether the process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
