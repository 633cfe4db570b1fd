"""Prints the requirements of pyproject.toml, one a line: `tools/requirements.py build` (what a build needs) or an extra's name."""

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def requirements(group: str) -> list[str]:
    settings = tomllib.loads(PROJECT.read_text())
    return settings["build-system"]["requires"] if group == "build" else settings["project"]["optional-dependencies"][group]


if __name__ == "__main__":
    print(*(line for group in sys.argv[1:] for line in requirements(group)), sep="\n")
