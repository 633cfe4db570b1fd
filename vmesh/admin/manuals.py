"""What help says: the manual of each command, made from its docstring and its arguments, and of what the console itself knows."""

from __future__ import annotations

from vgp.errors import InputError
from vgp.suggestions import did_you_mean
from vmesh.admin.arguments import Argument
from vmesh.admin.commands import COMMANDS, Command

USAGE_WIDTH = 34

#: What the console itself knows: how to type it, and its manual.
OWN = {
    "chart": ("chart [loss|pace|living]",
              "Draws the history of the worker: its best loss (default), its evaluations per second, or how many live."),
    "population": ("population",
                   "Draws how old, how large and how well fed the worker's organisms are. all population: every worker's."),
    "watch": ("watch [SECONDS] COMMAND ...",
              "Does a command that changes nothing again and again, every 2 seconds or as told, until Ctrl-C: watch 5 all status"),
    "help": ("help [COMMAND]", "Lists the commands, or tells about one of them."),
    "use": ("use [WORKER]", "Talks to this worker, by name or address, from now on. Without a name, lists the workers."),
    "all": ("all COMMAND ...", "Asks every worker of the mesh instead of one."),
    "quit": ("quit", "Ends. So does Ctrl-D."),
}  # fmt: skip
PICTURES = ("chart", "population")
#: What watch does again and again.
WATCHED = (*(name for name, command in COMMANDS.items() if not command.CHANGES), "parameters", "all")

#: What one may type; the first word is the command's.
EXAMPLES = {
    "status": ("status", "all status", "status --json"),
    "peers": ("peers", "all peers"),
    "best": ("best", "all best"),
    "front": ("front", "all front"),
    "figures": ("figures --json",),
    "history": ("history --json",),
    "parameters": ("parameters", "parameters exchange.interval population_size", "all parameters exchange.interval=2s",
                   "parameters population_size=20k --all"),
    "pause": ("pause", "all pause"),
    "resume": ("resume", "all resume"),
    "advance": ("advance 100",),
    "checkpoint": ("checkpoint", "all checkpoint"),
    "export": ("export best --out best.record", "export all --out everything.record"),
    "inject": ('inject "2 * mass / radius ^ 2"', "inject --record best.record"),
    "migrate": ("migrate", "migrate host/1 host/2"),
    "data": ("data table.csv", "data s3://bucket/table.parquet"),
    "log-level": ("log-level debug", "all log-level warning"),
    "drain": ("drain",),
    "shutdown": ("shutdown", "all shutdown"),
    "keys": ("keys", "all keys --revoke PUBLIC-KEY"),
}  # fmt: skip


def known(name: str) -> Command:
    """The command of that name. Raises InputError."""
    if name not in COMMANDS:
        raise InputError(f"there is no command {name!r}; {did_you_mean(name, [*COMMANDS, *OWN])}")
    return COMMANDS[name]


def summary(name: str) -> str:
    """One line about a command, or about what the console itself knows."""
    return COMMANDS[name].SUMMARY if name in COMMANDS else OWN[name][1].partition(". ")[0].rstrip(".") + "."


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
    """The page of one command: how to type it, what it does, what its arguments mean, what it changes, and examples."""
    lines = [usage(name, command), "", *(command.__doc__ or "").strip().splitlines()]
    labels = {_label(argument): argument.doc for argument in command.ARGUMENTS}
    labels |= {"--all": "ask every worker of the mesh; in the console, so does the word all before it"}
    labels |= {"--json": "one line of JSON for each worker"}
    width = max(map(len, labels))
    lines += ["", *(f"  {label:{width}}  {doc}" for label, doc in labels.items())]
    lines += ["", _effect(command)]
    examples = EXAMPLES.get(name, ())
    return "\n".join([*lines, *(["", "For example:", *(f"  {line}" for line in examples)] if examples else [])])


def _effect(command: Command) -> str:
    changes = "It changes the worker." if command.CHANGES else "It changes nothing."
    if command.SLOW:
        return f"{changes} It may take as long as it needs; Ctrl-C ends the waiting, not the work."
    return f"{changes} It is answered at once."
