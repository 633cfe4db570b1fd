"""The daemon's door for the administrator: a Unix socket that only root can open. One line of JSON there, one line back."""

import contextlib
import json
import os
import socket
import socketserver
from collections.abc import Callable
from pathlib import Path

from tools.local_cloud.errors import LocalCloudError

Command = Callable[..., object]


class Control(socketserver.ThreadingUnixStreamServer):
    """Runs commands by name: {"command": name, other names and values} gives {"answer": ...} or {"error": sentence}."""

    daemon_threads = True

    def __init__(self, path: Path, commands: dict[str, Command]) -> None:
        path.unlink(missing_ok=True)
        self.commands = commands
        with short_name(path) as name:
            super().__init__(name, Handler)
        path.chmod(0o600)


class Handler(socketserver.StreamRequestHandler):
    server: Control

    def handle(self) -> None:
        try:
            request = json.loads(self.rfile.readline())
            answer: dict[str, object] = {"answer": self.server.commands[request.pop("command")](**request)}
        except LocalCloudError as error:
            answer = {"error": str(error)}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def ask(path: Path, command: str, **values: object) -> object:
    """What a command answers; raises LocalCloudError: it failed, or no daemon listens."""
    try:
        with socket.socket(socket.AF_UNIX) as connection, short_name(path) as name:
            connection.connect(name)
            connection.sendall(json.dumps({"command": command, **values}).encode() + b"\n")
            line = connection.makefile("rb").readline()
    except (FileNotFoundError, ConnectionError):
        raise LocalCloudError("the local cloud is not up; start it with: up") from None
    answer = json.loads(line or b'{"error": "the daemon failed; see its log"}')
    if "error" in answer:
        raise LocalCloudError(answer["error"])
    return answer["answer"]


@contextlib.contextmanager
def short_name(path: Path):
    """A name for a socket whose path may be longer than the 107 characters that a socket's name can have."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
