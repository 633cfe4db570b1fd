"""Argument parsing that complains in one line and knows what was meant, and the kinds of values that options take."""

import argparse
import math
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from vgp.suggestions import did_you_mean

COUNT_SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
TIME_SUFFIXES = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


class OneLineParser(argparse.ArgumentParser):
    """argparse, with errors as one line, near names for unknown options, and no abbreviations (they break when options come)."""

    program = "vgp"

    def __init__(self, **settings: Any):
        super().__init__(allow_abbrev=False, formatter_class=WideFormatter, **settings)

    def parse_strictly(self, argv: Sequence[str]) -> argparse.Namespace:
        """Like parse_args; an unknown option is answered with the nearest one."""
        args, rest = self.parse_known_args(argv)
        if rest:
            getattr(args, "parser", self).refuse(rest[0])
        return args

    def refuse(self, word: str) -> NoReturn:
        """Ends with an error about a word that means nothing here."""
        option = word.partition("=")[0]
        if option.startswith("-"):
            self.error(f"there is no option {option}; {did_you_mean(option, self._option_string_actions)}")
        self.error(f"one word too many: '{word}'; names with spaces need quotes")

    def error(self, message: str) -> NoReturn:
        print(f"{self.program}: {printable(message)} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


class WideFormatter(argparse.RawDescriptionHelpFormatter):
    """Examples stay as written, and options have room."""

    def __init__(self, prog: str):
        super().__init__(prog, max_help_position=30, width=110)


def count(text: str) -> int:
    """A whole number above 0: 20000, 2e4, 20k, 1.5M."""
    number = _number(text, COUNT_SUFFIXES)
    if number is None or number < 1 or number != int(number):
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number above 0; write 20000, 2e4, 20k or 2M")
    return int(number)


def duration(text: str) -> float:
    """Seconds above 0: 90, 90s, 1.5m, 2h."""
    number = _number(text, TIME_SUFFIXES)
    if number is None or number <= 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no duration; write 90, 90s, 1.5m or 2h")
    return number


def seed(text: str) -> int:
    """A whole number from 0 to 2^64 - 1."""
    if not re.fullmatch(r"\d{1,20}", text) or int(text) >= 1 << 64:
        raise argparse.ArgumentTypeError(f"'{text}' is no seed; give a whole number from 0 to 2^64 - 1")
    return int(text)


def name_list(text: str) -> list[str]:
    """Names separated by commas."""
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of names; write A,B,C")
    return names


def printable(message: str) -> str:
    """One line without control characters, whatever names of the user's it quotes."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in message)


def _number(text: str, suffixes: dict[str, float]) -> float | None:
    match = re.fullmatch(r"(\d+(?:\.\d*)?(?:[eE]\+?\d+)?)\s*([A-Za-z]*)", text.strip().replace("_", ""))
    factor = suffixes.get(match[2].lower()) if match else None
    if match is None or factor is None:
        return None
    number = float(match[1]) * factor
    return number if math.isfinite(number) else None
