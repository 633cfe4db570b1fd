"""Problems with known answers: the formula, the range of each variable, and where they were published."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vgp.benchmarks.quality.expression import Expression, parse
from vgp.errors import InputError
from vgp.suggestions import did_you_mean

TABLE = Path(__file__).with_name("problems.csv")


@dataclass(frozen=True)
class Problem:
    """One law. Variables are drawn uniformly and independently from their ranges."""

    name: str
    family: str
    sets: tuple[str, ...]  # "formulas": the 66 of `make bench-quality`; "classics": ten much used ones; "srbench": also there
    formula: str
    variables: tuple[str, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    source: str

    @cached_property
    def law(self) -> Expression:
        """The formula over the variables by position."""
        return parse(self.formula, self.variables)


def all_problems() -> dict[str, Problem]:
    """By name, in the order of problems.csv."""
    with TABLE.open(newline="") as file:
        return {row["name"]: _problem(row) for row in csv.DictReader(file)}


def choose(wanted: Iterable[str], known: dict[str, Problem]) -> list[Problem]:
    """The problems that are named, or belong to a named family or set, once each in the table's order; "all" is all of them.

    Raises InputError for a word that names neither a problem, nor a family, nor a set.
    """
    chosen: set[str] = set()
    for word in wanted:
        found = [p.name for p in known.values() if word in ("all", p.name, p.family, *p.sets)]
        if not found:
            words = [*known, *sorted({word for p in known.values() for word in (p.family, *p.sets)}), "all"]
            raise InputError(f"there is no problem, family or set '{word}'; {did_you_mean(word, words)}")
        chosen.update(found)
    return [problem for name, problem in known.items() if name in chosen]


def _problem(row: dict[str, str]) -> Problem:
    variables = [part.split(":") for part in row["variables"].split(";")]
    return Problem(
        name=row["name"],
        family=row["family"],
        sets=tuple(row["sets"].split()),
        formula=row["formula"],
        variables=tuple(name for name, _, _ in variables),
        lows=_floats(low for _, low, _ in variables),
        highs=_floats(high for _, _, high in variables),
        source=row["source"],
    )


def _floats(texts: Iterable[str]) -> tuple[float, ...]:
    return tuple(map(float, texts))


def names(problems: Sequence[Problem]) -> list[str]:
    return [problem.name for problem in problems]
