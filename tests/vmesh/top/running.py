"""`vmesh top` on a terminal whose screen a test can read."""

import contextlib
import fcntl
import json
import os
import pty
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


class Held(running.Terminal):
    """The command on a terminal that outlives it: the leader of its session does nothing but wait, for the command, then until the
    test has looked, for when the leader ends the kernel gives a terminal its first modes again. `pid` is the command's."""

    def __init__(self, *arguments):
        told, tell = os.pipe()
        held, self._let_go = os.pipe()
        self.leader, self.fd = pty.fork()
        if self.leader == 0:
            os.close(self._let_go)
            _lead([*running.COMMAND, *map(str, arguments)], tell, held)
        os.close(tell)
        os.close(held)
        with open(told) as file:
            self.pid = int(file.readline())
        self.seen = b""
        self.reached = 0

    def modes(self):
        """Of the terminal, as termios.tcgetattr gives them."""
        return termios.tcgetattr(self.fd)

    def finish(self, seconds=60):
        """(exit status, all that was shown, the modes of the terminal when the command had ended)."""
        deadline = time.monotonic() + seconds
        while running.alive(self.pid):
            assert time.monotonic() < deadline, f"it still runs: {self.seen[-2000:].decode(errors='replace')}"
            self._read(time.monotonic() + 0.05)
        modes = self.modes()
        return self.release(), self.seen, modes

    def release(self):
        """Ends the leader and closes the terminal; the exit status of the command."""
        os.close(self._let_go)
        while self._read(time.monotonic() + 60):  # what is left, then the end of the file, for the leader has gone
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.leader, 0)[1])


def _lead(words, tell, held):
    """What the leader does; never returns."""
    pid = os.fork()
    if pid == 0:
        os.execve(words[0], words, running.ENVIRONMENT)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):  # what is typed is for the command
        signal.signal(number, signal.SIG_IGN)
    os.write(tell, b"%d\n" % pid)
    os.close(tell)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.read(held, 1)
    os._exit(status % 256)


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
        self._status = None

    def __enter__(self):
        self.terminal = Held(*self._words)
        self.before = self.terminal.modes()
        self.resize(self.screen.columns, self.screen.lines)
        return self

    def __exit__(self, *_):
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.terminal.pid, signal.SIGKILL)
            self.terminal.release()

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
        """The exit status."""
        self._status, _, self.after = self.terminal.finish(SECONDS)
        self._feed()
        return self._status

    def restored(self):
        """Whether modes, cursor, mouse and screen are those from before."""
        seen = self.terminal.seen
        last = {on: (seen.rfind(on), seen.rfind(off)) for on, off in MODES.items() if on in seen}
        return bool(last) and all(on < off for on, off in last.values()) and self.after == self.before

    def _feed(self):
        self._stream.feed(self.terminal.seen[self._fed :])
        self._fed = len(self.terminal.seen)


MODES = {b"\x1b[?1049h": b"\x1b[?1049l", b"\x1b[?1000h": b"\x1b[?1000l", b"\x1b[?2004h": b"\x1b[?2004l", b"\x1b[?25l": b"\x1b[?25h"}
