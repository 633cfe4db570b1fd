"""What a user types after a command, as the arguments of a request: for the command line and for the console alike."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from typing import Any, NoReturn

from vgp.cli.arguments import OneLineParser
from vgp.errors import InputError
from vmesh.admin.arguments import Argument
from vmesh.admin.commands import Command
from vmesh.admin.live_settings import ASSIGNMENT


class WordsParser(OneLineParser):
    """Complains by InputError: a console goes on after a word that it did not understand."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def add_command_arguments(parser: argparse.ArgumentParser, command: Command) -> None:
    """Makes a parser take what the command takes."""
    for argument in command.ARGUMENTS:
        if argument.option:
            action: dict[str, Any] = {"action": "append"} if argument.kind.gather else {}
            parser.add_argument(f"--{argument.name}", metavar=argument.metavar, help=argument.doc, **action)
        else:
            several = {(True, True): "+", (True, False): "*", (False, False): "?"}.get((argument.many, argument.required))
            shape: dict[str, Any] = {"nargs": several} if several else {}
            parser.add_argument(argument.name, metavar=argument.metavar, help=argument.doc, **shape)


def values_of(command: Command, args: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments for the worker, and those that stay here. Raises InputError for a word that makes no sense."""
    given = {argument.name: getattr(args, argument.name) for argument in command.ARGUMENTS}
    _divert_assignments(command, given)
    sent: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for argument in command.ARGUMENTS:
        words = given[argument.name]
        if words not in (None, []):
            (sent if argument.keep is None else kept)[argument.name] = _read(argument, words)
    return sent, kept


def parse(command: Command, words: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same for the words of a console's line."""
    parser = WordsParser(prog="", add_help=False)
    add_command_arguments(parser, command)
    args, rest = parser.parse_known_intermixed_args(words)  # options may stand between the others
    if rest:
        parser.refuse(rest[0])
    return values_of(command, args)


def split(line: str) -> list[str]:
    """The words of a line; quotes hold words together, # begins a comment. Raises InputError."""
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        raise InputError("a quote is not closed") from None


def _read(argument: Argument, words: Any) -> Any:
    kind = argument.kind
    if kind.gather:
        return kind.gather(kind.read(word) for word in words)
    return [kind.read(word) for word in words] if argument.many else kind.read(words)


def _divert_assignments(command: Command, given: dict[str, Any]) -> None:
    """NAME=VALUE is as good as --set NAME=VALUE."""
    settings = next((argument for argument in command.ARGUMENTS if argument.kind.gather), None)
    names = next((argument for argument in command.ARGUMENTS if argument.many and not argument.option), None)
    if settings is None or names is None:
        return
    words = given[names.name] or []
    given[names.name] = [word for word in words if not ASSIGNMENT.match(word)]
    given[settings.name] = [*(given[settings.name] or []), *(word for word in words if ASSIGNMENT.match(word))]
