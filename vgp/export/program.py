"""What the exported functions of all programming languages share: names of arguments, steps for subtrees that nest too deep."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vgp.export.form import ATOM, UNARY, Piece
from vgp.export.names import columns_used, identifiers, name_of, quoted
from vgp.layout import NAMES, Genome


@dataclass
class Program:
    """The parts of an exported function: its arguments, the helpers that it needs, the steps before its result."""

    arguments: dict[int, str]
    helpers: list[str]
    steps: list[tuple[str, str]] = field(default_factory=list)

    def assign(self, text: str) -> str:
        """Makes the text a step of its own and returns the step's name."""
        name = f"_t{len(self.steps)}"
        self.steps.append((name, text))
        return name

    def variable(self, column: int) -> Piece:
        return Piece(self.arguments[column])


def program_of(nodes: Genome, names: Sequence[str] | None, helpers: dict[str, str]) -> Program:
    """The frame of a genome's function. `helpers`: source of the helper of each function that needs one."""
    used = {NAMES[op] for op in set(nodes["op"].tolist()) if op in NAMES}
    return Program(identifiers(columns_used(nodes), names), [helper for name, helper in helpers.items() if name in used])


def describe_arguments(program: Program, names: Sequence[str] | None) -> list[str]:
    """One line for each argument that says which column it is."""
    return [f"{identifier}: column {quoted(name_of(column, names))}" for column, identifier in program.arguments.items()]


def constant(value: float) -> Piece:
    """A float64 literal of Python and C, exact."""
    text = repr(value)
    return Piece(text, UNARY if text.startswith("-") else ATOM)


def check_identifier(name: str) -> str:
    """The name of an exported function, if it is an ASCII identifier; else ValueError."""
    if not (name.isascii() and name.isidentifier()):
        raise ValueError(f"{name!r} cannot name a function: use letters, digits and underscores")
    return name
