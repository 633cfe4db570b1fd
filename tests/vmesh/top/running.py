"""`vmesh top` on a terminal whose screen a test can read."""

import fcntl
import json
import os
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pyte

from tests.cli import running
from tests.vmesh.admin.running import environment

START = (sys.executable, str(Path(__file__).with_name("start.py")))
SECONDS = 60
UP, DOWN, PAGE_DOWN, END, ESCAPE, ENTER = "\x1b[A", "\x1b[B", "\x1b[6~", "\x1b[F", "\x1b", "\r"


class Screen:
    """A context manager around the program on a terminal of its own; at its end the program is killed, if it still runs."""

    def __init__(self, monkeypatch, home, *words, command=START, size=(80, 24), feed=(), settings=()):
        self.told = home / "told"
        self.told.touch()
        told = {"FEED": json.dumps({"told": str(self.told), **dict(feed)}), "TERM": "xterm-256color", **dict(settings)}
        clean = {name: value for name, value in environment(home).items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        monkeypatch.setattr(running, "COMMAND", command)
        monkeypatch.setattr(running, "ENVIRONMENT", {**clean, **told})
        self._words = words
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._fed = 0

    def __enter__(self):
        self.terminal = running.Terminal(*self._words)
        self.before = termios.tcgetattr(self.terminal.fd)
        self.resize(self.screen.columns, self.screen.lines)
        return self

    def __exit__(self, *_):
        if running.alive(self.terminal.pid):
            os.kill(self.terminal.pid, signal.SIGKILL)

    def resize(self, columns, lines):
        fcntl.ioctl(self.terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    @property
    def rows(self):
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self):
        return "\n".join(self.rows)

    @property
    def last(self):
        """The program's last row."""
        return self.rows[-1]

    def selected(self):
        """The worker whose row is drawn in reverse."""
        rows = [row for number, row in enumerate(self.rows) if self.screen.buffer[number][0].reverse]
        return rows[0].split()[0] if rows else None

    def wait(self, condition):
        """Until this is so of what the screen shows; fails with the screen if it never is."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.text
            self.terminal._read(min(time.monotonic() + 0.2, deadline))
            self._feed()

    def shows(self, text):
        self.wait(lambda: text in self.text)

    def type(self, text):
        self.terminal.type(text)

    def obeyed(self):
        """What the mesh was told to do."""
        return [json.loads(line) for line in self.told.read_text().splitlines()]

    def finish(self):
        """The exit status, when the terminal has been left as it was found."""
        self.after = None
        deadline = time.monotonic() + SECONDS
        while self.terminal._read(deadline):
            self.after = termios.tcgetattr(self.terminal.fd)
            self._feed()
        os.close(self.terminal.fd)
        status = os.waitstatus_to_exitcode(os.waitpid(self.terminal.pid, 0)[1])
        return status

    def restored(self):
        """Whether modes, cursor, mouse and screen are those from before."""
        seen = self.terminal.seen
        last = {on: (seen.rfind(on), seen.rfind(off)) for on, off in MODES.items() if on in seen}
        return bool(last) and all(on < off for on, off in last.values()) and self.after == self.before

    def _feed(self):
        self._stream.feed(self.terminal.seen[self._fed :])
        self._fed = len(self.terminal.seen)


MODES = {b"\x1b[?1049h": b"\x1b[?1049l", b"\x1b[?1000h": b"\x1b[?1000l", b"\x1b[?2004h": b"\x1b[?2004l", b"\x1b[?25l": b"\x1b[?25h"}
