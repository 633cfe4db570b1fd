"""A table, its data file, and the worker with attacks inside."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.sandbox.build import build_worker
from tests.sandbox.genomes import Nodes, of
from vgp.dataset import Dataset
from vgp.layout import CONSTANT

N_VARIABLES = 5


def table(n_rows: int) -> Dataset:
    rng = np.random.default_rng(n_rows)
    X = rng.normal(size=(n_rows, N_VARIABLES))
    return Dataset.from_arrays(X, X[:, 0] * X[:, 1] + X[:, 2])


@pytest.fixture(scope="session")
def data_path() -> Iterator[Path]:
    """100 rows, float32."""
    with table(100).temporary() as path:
        yield path


@pytest.fixture(scope="session")
def attackable() -> Path:
    """The worker compiled with -DVGP_ATTACKS."""
    return build_worker("x86_64", attacks=True)


@pytest.fixture(scope="session")
def without(attackable: Path) -> Callable[[str], Path]:
    """The attackable worker without one step of the lockdown, without "all" of them, or without "call-NAME" in its policy."""

    def link(omitted: str) -> Path:
        path = attackable.with_name(f"{attackable.name}-without-{omitted}")
        path.unlink(missing_ok=True)
        path.symlink_to(attackable)
        return path

    return link


@pytest.fixture(scope="session")
def attack(attackable: Path) -> Callable[[str | int], Nodes]:
    """The genome that makes the attackable worker perform an attack, by name, or any system call, by number."""
    listing = subprocess.run([attackable, "--attacks"], capture_output=True, text=True, check=True).stdout
    number = {name: int(k) for k, name in (line.split() for line in listing.splitlines())}

    def genome(which: str | int) -> Nodes:
        return of((CONSTANT, 0x7EADBEEF << 32 | (number[which] if isinstance(which, str) else 0x10000 + which)))

    return genome
