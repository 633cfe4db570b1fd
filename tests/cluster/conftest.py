"""A local cloud of its own for the tests of a module, ended at their end whatever they did."""

import os
import shutil
import uuid

import pytest

from tests.cluster.playing import ROOT, Cluster, built_bundle


def missing():
    """Why hosts cannot be run here, or nothing."""
    if os.geteuid() != 0:
        return "systemd hosts are run by root"
    programs = [name for name in ("systemd-nspawn", "debootstrap", "ip", "ssh") if shutil.which(name) is None]
    return f"not installed: {', '.join(programs)}; make deps installs them" if programs else ""


def pytest_collection_modifyitems(items):
    reason = missing()
    for item in items:
        if reason and ROOT / "tests" / "cluster" in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    one = Cluster(tmp_path_factory.mktemp("cluster"), f"t{uuid.uuid4().hex[:6]}")
    yield one
    one.local("down", check=False)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory):
    """The deploy bundle of this checkout, built from the modules that are compiled in it."""
    return built_bundle(tmp_path_factory.mktemp("bundle"))
