"""How a model came to be: what a reader of it needs to do the run again."""

from importlib import metadata
from typing import Any


def provenance(
    seconds: float, *, command: str | None = None, python: str | None = None, weights: str | None = None
) -> dict[str, Any]:
    """The `run` of a model: seconds of wall time, the version of vgp, and what was typed - a command line or lines of Python.

    weights: name of the column of sample weights, without which a reader could not tell whether a table is the one of the fit.
    """
    how = {"command": command, "python": python, "weights": weights}
    return {"seconds": round(seconds, 3), "version": version()} | {key: value for key, value in how.items() if value is not None}


def version() -> str:
    """The installed package's."""
    try:
        return metadata.version("vcloud")
    except metadata.PackageNotFoundError:
        return "(not installed)"
