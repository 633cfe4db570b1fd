"""Wheels of others: all that the package and its node need at run time, in the versions that this environment runs its tests with.

pip gets them from where this machine's configuration says. What was got once is kept below build/, by the versions asked for, so
that the next bundle needs neither a registry nor the time to compile them.
"""

import hashlib
import os
import re
import shutil
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

from tools.bundle.own_wheel import run_pip
from vgp.errors import InputError
from vmesh.cloud import site_tree

KEPT = "build/node-packages"
EXTRA = "node"  # of pyproject.toml: what a node needs besides
MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)")
LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


def requirements(root: Path) -> list[str]:
    """What pyproject.toml says a node needs."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"], *project["optional-dependencies"][EXTRA]]


def constraints() -> list[str]:
    """Every distribution of this environment in its version; tools of the environment are not part of it."""
    found = {(item.metadata["Name"], item.version) for item in metadata.distributions() if item.metadata["Name"]}
    return sorted(f"{name}=={version}" for name, version in found if name.lower() not in ("vcloud", "pip", "uv", "setuptools"))


def others(root: Path, tag: str) -> tuple[Path, Path]:
    """The folder of these wheels for interpreter and machine `tag`, and the one that they are unpacked in. Raises InputError."""
    wanted, pinned = requirements(root), constraints()
    name = hashlib.sha256("\n".join([tag, *wanted, *pinned]).encode()).hexdigest()[:12]
    kept = root / KEPT / name
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=kept.parent) as temporary:
            folder = Path(temporary) / "complete"
            download(wanted, pinned, folder / "wheels")
            site_tree.build((folder / "wheels").glob("*.whl"), folder / "site")
            keep(folder, kept)
    return kept / "wheels", kept / "site"


def download(wanted: list[str], pinned: list[str], folder: Path) -> None:
    folder.mkdir(parents=True)
    constraint = folder.parent / "constraints.txt"
    constraint.write_text("\n".join(pinned) + "\n")
    arguments = ["download", "--only-binary=:all:", "--dest", str(folder), "--constraint", str(constraint), *wanted]
    run_pip(arguments, "the wheels of a node cannot be got")


def keep(folder: Path, kept: Path) -> None:
    """Gives a complete folder its name; another build may have been first."""
    try:
        os.rename(folder, kept)
    except OSError as error:
        if not kept.is_dir():
            raise InputError(f"{kept} cannot be written: {error.strerror}") from None
        shutil.rmtree(folder, ignore_errors=True)


def least_glibc(names: list[str]) -> tuple[int, int]:
    """The oldest C library that all these wheels run with, by their names."""
    return max((oldest(name) for name in names), default=(0, 0))


def oldest(name: str) -> tuple[int, int]:
    tags = name.removesuffix(".whl").rpartition("-")[2]
    versions = [(int(major), int(minor)) for major, minor in MANYLINUX.findall(tags)]
    versions += [version for tag, version in LEGACY.items() if f"{tag}_" in tags]
    return min(versions, default=(0, 0))
