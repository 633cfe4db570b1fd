"""Options that set parameters of the evolution. Meaning, unit and default come from vgp.parameters, where they are defined."""

import argparse
import dataclasses
from collections.abc import Callable
from typing import Any

from vgp.cli.arguments import count
from vgp.errors import InputError
from vgp.function_sets import FUNCTION_SETS, function_names
from vgp.parameters import ALONE, Parameters
from vgp.suggestions import did_you_mean

# option: parameter. The rest is reached by --set.
OPTIONS = {
    "--loss": "loss",
    "--max-size": "max_size",
    "--population": "population_size",
    "--precision": "precision",
}
KNOBS = {knob.name: knob for knob in dataclasses.fields(Parameters)}
TRUTH = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}


def add_parameter_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("evolution")
    sets = "; sets: " + ", ".join(FUNCTION_SETS)
    group.add_argument("--functions", metavar="A,B,...", help=described(KNOBS["functions"], sets))
    for option, name in OPTIONS.items():
        knob = KNOBS[name]
        kind = {"choices": knob.metadata["options"]} if "options" in knob.metadata else {"type": count, "metavar": "N"}
        group.add_argument(option, dest=name, help=described(knob), **kind)
    group.add_argument(
        "--constrain",
        action="append",
        metavar="RULE",
        help='a limit: "no sin in exp", "at most 1 exp in exp", "at most 1 nodes in pow 2", "no variables in pow 2"; repeatable',
    )
    group.add_argument(
        "--block", action="append", metavar="FORMULA", help='a building block, used like a column: "x2 - x1", "v/c"; repeatable'
    )
    group.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="any other parameter; see --help-parameters"
    )
    group.add_argument("--help-parameters", action=HelpParameters, nargs=0, help="list every parameter with its default, and exit")


def described(knob: "dataclasses.Field[Any]", extra: str = "", default_of: object = None) -> str:
    """What a parameter is: doc, unit, default - or what `default_of` has for it."""
    value = knob.default if default_of is None else getattr(default_of, knob.name)
    default = ",".join(value) if isinstance(value, tuple) else str(value)
    unit = f" [{knob.metadata['unit']}]" if knob.metadata["unit"] else ""
    return f"{knob.metadata['doc']}{unit}{extra} (default: {default})".replace("%", "%%")


def given(args: argparse.Namespace) -> dict[str, Any]:
    """The parameters named on the command line, by field name. Raises InputError for a name or value that makes no sense."""
    changes = {name: getattr(args, name) for name in OPTIONS.values() if getattr(args, name) is not None}
    if args.functions is not None:
        changes["functions"] = _functions(args.functions)
    if args.constrain is not None:
        changes["constraints"] = "; ".join(args.constrain)
    if args.block is not None:
        changes["blocks"] = "; ".join(args.block)
    for assignment in args.set:
        name, equals, text = assignment.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise InputError(f"--set {assignment}: write NAME=VALUE")
        if name not in KNOBS:
            raise InputError(f"--set {assignment}: there is no parameter '{name}'; {did_you_mean(name, KNOBS)}")
        changes[name] = _functions(text) if name == "functions" else _value(KNOBS[name].default, text.strip(), assignment)
    return changes


def _functions(text: str) -> tuple[str, ...]:
    try:
        return function_names(text.replace(",", " ").split())
    except InputError as error:
        raise InputError(f"--functions: {error}") from None


def _value(default: Any, text: str, assignment: str) -> Any:
    kinds: dict[type, Callable[[str], Any]] = {bool: lambda word: TRUTH[word.lower()], int: count_or_zero, float: float, str: str}
    try:
        return kinds[type(default)](text)
    except (ValueError, KeyError, argparse.ArgumentTypeError):
        needed = {bool: "true or false", int: "a whole number from 0 on", float: "a number"}[type(default)]
        raise InputError(f"--set {assignment}: '{text}' is not {needed}") from None


def count_or_zero(text: str) -> int:
    return 0 if text == "0" else count(text)


class HelpParameters(argparse.Action):
    """Prints what every parameter means."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        width = max(map(len, KNOBS))
        for name, knob in KNOBS.items():
            print(f"{name:{width}}  {described(knob, default_of=ALONE)}".replace("%%", "%"))
        parser.exit()
