"""Logs: a line each, with time, worker, level and message, on stderr; under systemd the journal keeps the time and gets the level.

    2026-11-23T01:02:03.456Z host/0 INFO message
    <6>host/0 INFO message

An exception that was foreseen is a message; any other one is told in one line, with its traceback only at level debug.
"""

import contextlib
import logging
import os
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import NamedTuple

from vgp.cli.arguments import printable

PRIORITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}
ROOT = "vmesh"
REMEMBERED = 500  # lines
MOST_TEXT = 2000  # characters of one that is remembered


class LineFormatter(logging.Formatter):
    """One line for each record, and at level debug one more for each line of a traceback."""

    def __init__(self, name: str, journal: bool) -> None:
        super().__init__()
        self.name, self.journal = name, journal

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        lines = [self._line(record, record.levelname, message)]
        if record.exc_info and record.exc_info[1] is not None:
            lines = [self._line(record, record.levelname, f"{message}: {described(record.exc_info[1])}")]
            if logging.getLogger(ROOT).isEnabledFor(logging.DEBUG):
                trace = "".join(traceback.format_exception(*record.exc_info)).splitlines()
                lines += [self._line(record, "DEBUG", line) for line in trace]
        return "\n".join(lines)

    def _line(self, record: logging.LogRecord, level: str, message: str) -> str:
        text = f"{self.name} {level} {printable(message)}"
        if self.journal:
            return f"<{PRIORITIES.get(level, 6)}>{text}"
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return f"{seconds}.{int(record.msecs):03}Z {text}"


class LineHandler(logging.Handler):
    """Gives each line to a function. That nobody reads them is no error."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._write(self.format(record))
        except (OSError, ValueError):
            pass  # the terminal was closed, or the stream was
        except Exception:
            self.handleError(record)


class Logged(NamedTuple):
    """A line as administrators get it."""

    number: int  # counts from 1
    time: float  # seconds since 1970
    level: str
    text: str


class Tail(logging.Handler):
    """Remembers the last lines."""

    def __init__(self, most: int = REMEMBERED) -> None:
        super().__init__()
        self._lines: deque[Logged] = deque(maxlen=most)
        self.last = 0  # number of the last line

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                text = f"{text}: {described(record.exc_info[1])}"
            self._lines.append(Logged(self.last + 1, record.created, record.levelname, printable(text[:MOST_TEXT])))
            self.last += 1
        except Exception:
            self.handleError(record)

    def after(self, number: int, most: int) -> list[Logged]:
        """The lines with larger numbers, the last `most` of them."""
        found: list[Logged] = []
        with self.lock or contextlib.nullcontext():
            for line in reversed(self._lines):
                if line.number <= number or len(found) == most:
                    break
                found.append(line)
        return found[::-1]


def start(name: str, level: str = "info", write: Callable[[str], None] | None = None) -> logging.Logger:
    """Begins logging as `name`, also what would otherwise be a traceback on stderr; returns the logger of everything here."""
    logger = logging.getLogger(ROOT)
    handler = LineHandler(write or to_stderr)
    handler.setFormatter(LineFormatter(name, is_journal(os.environ)))
    logger.handlers[:] = [handler, Tail()]
    logger.propagate = False
    set_level(level)
    sys.excepthook = _report
    threading.excepthook = _report_thread
    return logger


def set_level(level: str) -> None:
    """debug, info, warning or error: from now on."""
    logging.getLogger(ROOT).setLevel(level.upper())


def level() -> str:
    """The level in force."""
    return logging.getLevelName(logging.getLogger(ROOT).getEffectiveLevel()).lower()


def tail() -> Tail:
    """What remembers the last lines since `start`; an empty one before."""
    return next((handler for handler in logging.getLogger(ROOT).handlers if isinstance(handler, Tail)), None) or Tail(0)


def is_journal(environment: Mapping[str, str], fd: int = 2) -> bool:
    """Whether that descriptor leads to systemd's journal, which JOURNAL_STREAM names by device and inode."""
    try:
        status = os.fstat(fd)
    except OSError:
        return False
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def described(error: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def to_stderr(line: str) -> None:
    """One write for each line, so that lines of several processes do not mix."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(ROOT).critical("unforeseen error", exc_info=(kind, error, trace))


def _report_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        _report(args.exc_type, args.exc_value, args.exc_traceback)
