"""The functions of a run: vgp's default ones, for everyone who has them."""

from collections.abc import Mapping

from vgp.parameters import DEFAULT_FUNCTIONS


def common(names: Mapping[str, str]) -> list[str]:
    """An engine's names for vgp's default functions. `names`: those that differ; an empty one means it lacks the function."""
    translated = [names.get(function, function) for function in DEFAULT_FUNCTIONS]
    return [name for name in translated if name]
