"""Where rows came from, so that a message can point at them."""

from dataclasses import dataclass
from typing import Protocol


class Origin(Protocol):
    """A named place that rows were read from; str() of it is the name."""

    def place(self, row: int) -> str:
        """Names row `row` (counted from 0) as the user sees it: "planets.csv, line 5"."""


@dataclass(frozen=True)
class InMemory:
    """The origin of arrays. Rows are counted from 1 in messages."""

    name: str = "the data"

    def place(self, row: int) -> str:
        return f"{self.name}, row {row + 1}"

    def __str__(self) -> str:
        return self.name
