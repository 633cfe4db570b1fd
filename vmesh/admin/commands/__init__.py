"""What an administrator can ask for: one file per command, with its arguments, what it does in the worker and how it is printed.

A command that is missing in this table does not exist.
"""

from vmesh.admin.commands import (
    advance,
    best,
    checkpoint,
    data,
    drain,
    export,
    figures,
    front,
    history,
    inject,
    keys,
    log_level,
    migrate,
    parameters,
    pause,
    peers,
    resume,
    shutdown,
    status,
)
from vmesh.admin.commands.command import Answers, Command

__all__ = ["COMMANDS", "Answers", "Command"]

COMMANDS: dict[str, Command] = {
    "status": status,
    "figures": figures,
    "history": history,
    "peers": peers,
    "best": best,
    "front": front,
    "parameters": parameters,
    "pause": pause,
    "resume": resume,
    "advance": advance,
    "checkpoint": checkpoint,
    "export": export,
    "inject": inject,
    "migrate": migrate,
    "data": data,
    "log-level": log_level,
    "drain": drain,
    "shutdown": shutdown,
    "keys": keys,
}
