"""The interactive console: a terminal around a session, with completion and history; without a terminal, lines from stdin."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit import PromptSession
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
        history=_history(), completer=SessionCompleter(session), complete_while_typing=False, enable_open_in_editor=False
    )
    while not session.ended:
        try:
            line = prompt.prompt(f"{printable(session.name)}> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            break
        try:
            session.obey(line)
        except KeyboardInterrupt:
            print("interrupted; what the worker has begun goes on", file=sys.stderr)
    return DONE


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
    """Completes commands, arguments, settings and workers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        words, length = completions(document.text_before_cursor, self._session.workers)
        return [Completion(word, start_position=-length) for word in words]
