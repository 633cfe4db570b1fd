"""Names for sets of functions that are wanted together."""

from collections.abc import Iterable

from vgp.errors import InputError
from vgp.layout import FUNCTIONS
from vgp.suggestions import did_you_mean

FUNCTION_SETS = {
    "arithmetic": ("add", "sub", "mul", "div"),
    "powers": ("square", "sqrt", "pow"),
    "exponential": ("exp", "log"),
    "trigonometric": ("sin", "cos", "tan"),
    "conditional": ("less", "greater", "if", "min", "max"),
    "all": FUNCTIONS,
}


def function_names(words: Iterable[str]) -> tuple[str, ...]:
    """The functions that words - functions and sets of them - name, each once. Raises InputError for an unknown one."""
    names: list[str] = []
    for word in words:
        if word not in FUNCTION_SETS and word not in FUNCTIONS:
            raise InputError(f"there is no function '{word}'; {did_you_mean(word, (*FUNCTIONS, *FUNCTION_SETS))}")
        names += FUNCTION_SETS.get(word, (word,))
    return tuple(dict.fromkeys(names))
