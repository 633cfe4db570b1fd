"""The interactive console: a terminal around a session, with completion and history; without a terminal, lines from stdin."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from vgp.cli.arguments import printable
from vmesh.admin.asking import DONE, Entrance
from vmesh.admin.completion import completions
from vmesh.admin.session import Session


def converse(door: Entrance, timeout: float) -> int:
    """Talks until the user ends it; returns the exit status: from a terminal 0, else that of the last command that failed."""
    session = Session(door, timeout, sys.stdout)
    try:
        return _interactive(session) if sys.stdin.isatty() and sys.stdout.isatty() else _read_lines(session)
    finally:
        session.close()


def _read_lines(session: Session) -> int:
    status = DONE
    for line in sys.stdin:
        status = session.obey(line) or status
        if session.ended:
            break
    return status


def _interactive(session: Session) -> int:
    print(f"{len(session.workers)} workers known; type help, or Ctrl-D to end")
    prompt: PromptSession[str] = PromptSession(
        history=_history(), completer=SessionCompleter(session), complete_while_typing=False, enable_open_in_editor=False,
        auto_suggest=AutoSuggestFromHistory(),
    )  # fmt: skip
    interrupt = Interrupt()
    while not session.ended:
        try:
            toolbar = printable(session.glance())
            # typed, Ctrl-C is a key
            line = prompt.prompt(f"{printable(session.name)}> ", handle_sigint=False, bottom_toolbar=toolbar)
        except KeyboardInterrupt:
            continue
        except EOFError:
            break
        with interrupt.ends():
            session.obey(line)
    return DONE


class Interrupt:
    """Ctrl-C at any moment. It ends a command; between commands, where an exception would end the console, it does nothing."""

    def __init__(self) -> None:
        self._armed = False
        signal.signal(signal.SIGINT, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def ends(self) -> Iterator[None]:
        """What stands in this block ends early where the user wants it to."""
        try:
            self._armed = True
            yield
            self._armed = False
        except KeyboardInterrupt:
            print("interrupted; what the worker has begun goes on", file=sys.stderr)


def _history() -> History:
    """In the user's state folder; where that cannot be written, only as long as the console."""
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "vmesh"
    path = folder / "console-history"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except (OSError, RuntimeError):
        return InMemoryHistory()
    return FileHistory(str(path))


class SessionCompleter(Completer):
    """Completes commands, arguments, settings and workers, and says beside each what it means."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        settings = self._session.settings() if "parameters" in before.split(" ") else {}
        found, length = completions(before, self._session.workers, settings)
        return [Completion(one.word, start_position=-length, display_meta=printable(one.meaning)) for one in found]
