"""What help says: the manual of each command, made from its docstring and its arguments, and of what the console itself knows."""

from __future__ import annotations

from vgp.errors import InputError
from vgp.suggestions import did_you_mean
from vmesh.admin.arguments import Argument
from vmesh.admin.commands import COMMANDS, Command

USAGE_WIDTH = 34

#: What the console itself knows: how to type it, and its manual.
OWN = {
    "help": ("help [COMMAND]", "Lists the commands, or tells about one of them."),
    "use": ("use [WORKER]", "Talks to this worker, by name or address, from now on. Without a name, lists the workers."),
    "all": ("all COMMAND ...", "Asks every worker of the mesh instead of one."),
    "quit": ("quit", "Ends. So does Ctrl-D."),
}


def known(name: str) -> Command:
    """The command of that name. Raises InputError."""
    if name not in COMMANDS:
        raise InputError(f"there is no command {name!r}; {did_you_mean(name, [*COMMANDS, *OWN])}")
    return COMMANDS[name]


def help_text(name: str | None) -> str:
    """The manual of one command, made from its docstring, or the list of all. Raises InputError."""
    if name in OWN:
        return "\n\n".join(OWN[name])
    if name is not None:
        return manual(name, known(name))
    rows = [*((usage(name, command), command.SUMMARY) for name, command in COMMANDS.items()), *OWN.values()]
    return "\n".join(_row(left, right) for left, right in rows)


def _row(left: str, right: str) -> str:
    gap = f"\n{'':{USAGE_WIDTH}}" if len(left) > USAGE_WIDTH else " " * (USAGE_WIDTH - len(left))
    return f"{left}{gap}  {right}"


def usage(name: str, command: Command) -> str:
    """ "advance [TICKS]"."""
    return " ".join([name, *map(_usage, command.ARGUMENTS)])


def _usage(argument: Argument) -> str:
    word = _label(argument)
    word += " ..." if argument.many or argument.kind.gather else ""
    return word if argument.required else f"[{word}]"


def _label(argument: Argument) -> str:
    return f"--{argument.name} {argument.metavar}" if argument.option else argument.metavar


def manual(name: str, command: Command) -> str:
    """The page of one command: how to type it, what it does, what its arguments mean."""
    lines = [usage(name, command), "", *(command.__doc__ or "").strip().splitlines()]
    labels = {_label(argument): argument.doc for argument in command.ARGUMENTS}
    width = max(map(len, labels), default=0)
    return "\n".join([*lines, *([""] if labels else []), *(f"  {label:{width}}  {doc}" for label, doc in labels.items())])
