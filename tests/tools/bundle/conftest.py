"""The bundle of this very checkout, built once for all tests of a process."""

from pathlib import Path

import pytest

from tools.bundle.build import build
from vgp.errors import InputError
from vmesh.cloud.bundle import verify
from vmesh.cloud.source import from_checkout

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def source():
    try:
        return from_checkout(ROOT)
    except InputError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def bundle(source, tmp_path_factory):
    """The path of bundle.tar and what `verify` says of it."""
    out = tmp_path_factory.mktemp("bundle")
    try:
        path = build(ROOT, source, out, as_compiled=True, note=print)
    except InputError as error:
        if "the wheels of a node cannot be got" in str(error):
            pytest.skip(str(error))  # a machine without a registry; whoever could run `make test` has one
        raise
    return path, verify(path)
