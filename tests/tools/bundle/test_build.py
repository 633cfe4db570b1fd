"""The deploy bundle of this checkout: complete, small, the same each time, and a node can use it without any network."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.test_imports import EXTRAS
from tests.tools.bundle.conftest import ROOT
from tools.bundle.build import build, check_tree
from vgp.errors import InputError
from vmesh.cloud import installing
from vmesh.cloud.archive import Member
from vmesh.cloud.source import Source, from_checkout

LARGEST = 320e6  # bytes: a bundle that grew beyond this holds what no node needs
NOT_FOR_NODES = set("pytest _pytest moto ruff mypy hypothesis atheris ansible_collections Cython setuptools pip".split())


@pytest.fixture(scope="module")
def node(bundle, tmp_path_factory):
    """A bundle installed as a node does it: its folder."""
    path, _ = bundle
    folder = tmp_path_factory.mktemp("node") / "installed"
    with open(path, "rb") as file:
        installing.unpack(file, folder)
    installing.fitting(folder)
    installing.equip(folder, folder)
    return folder


def without_network(*words, **options):
    """Runs a program where there is no network at all, not even loopback, if this user may make such a place."""
    apart = ["unshare", "--net"] if os.geteuid() == 0 and shutil.which("unshare") else []
    if apart and subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        apart = []
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(options["cwd"]), "LANG": "C.UTF-8"}
    command = [*apart, *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300, **options)


def test_it_names_its_source_and_machine(bundle, source):
    _, current = bundle
    manifest = current.manifest
    assert manifest.source == source.sha256 and manifest.version == source.version
    assert manifest.arch == os.uname().machine
    assert manifest.python == f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert manifest.id == f"{source.version}-{source.sha256[:12]}-{manifest.arch}-{manifest.python}"


def test_it_holds_what_a_node_needs_and_nothing_else(bundle):
    _, current = bundle
    names = [row.path for row in current.manifest.files]
    assert {name.split("/")[0] for name in names} == {"node", "site"}
    assert "node/node.yml" in names and "node/roles/vmesh/tasks/main.yml" in names
    assert not [name for name in names if "/molecule/" in name]
    tops = {name.split("/")[1] for name in names if name.startswith("site/")}
    assert {"vgp", "vmesh", "numpy", "zmq", "ansible", "boto3"} <= tops
    assert not tops & NOT_FOR_NODES
    assert current.size < LARGEST
    made_of = [row.path for row in current.manifest.wheels]
    tag = f"{current.manifest.python}-{current.manifest.python}-linux_{current.manifest.arch}"
    assert [name for name in made_of if name.startswith("vcloud-")] == [f"vcloud-{current.manifest.version}-{tag}.whl"]


def test_the_same_input_makes_the_same_bytes(bundle, source, tmp_path):
    _, current = bundle
    time.sleep(1.1)  # no time of the clock gets in
    os.umask(os.umask(0o077))
    again = build(ROOT, source, tmp_path, as_compiled=True, note=print)
    assert again.read_bytes() == bundle[0].read_bytes()
    assert current.size == again.stat().st_size


@pytest.mark.parametrize("program", ["vmesh", "vgp", "ansible-playbook"])
def test_programs_start_without_network(node, tmp_path, program):
    done = without_network(node / "venv/bin" / program, "--version", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_every_module_loads_from_the_bundle_alone(node, tmp_path):
    script = """
import importlib, json, pkgutil, sys
import vgp, vmesh
names = [one.name for package in (vgp, vmesh) for one in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
skip = ("__main__", "benchmarks")
extras = set(sys.argv[1].split())
for name in names:
    if not any(word in name for word in skip):
        try:
            importlib.import_module(name)
        except ImportError as error:
            if error.name not in extras and "pip install" not in str(error):
                raise
files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
foreign = [name for name in files if "site-packages" in name and not name.startswith(sys.prefix)]
import boto3
boto3.client("s3", region_name="us-east-1")
print(json.dumps([len(names), vgp.__file__, foreign]))
"""
    done = without_network(node / "venv/bin/python", "-I", "-c", script, " ".join(EXTRAS), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    count, place, foreign = json.loads(done.stdout)
    assert count > 100 and Path(place).is_relative_to(node) and foreign == []


def test_a_node_evolves_in_its_sandbox_without_network(node, tmp_path):
    shutil.copy(ROOT / "examples/planets.csv", tmp_path)
    words = ("fit", "planets.csv", "--target", "orbital_period_days", "--seconds", "2", "--save", "model.json")
    done = without_network(node / "venv/bin/vgp", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model.json").stat().st_size > 0


def test_a_node_can_read_its_playbook(node, tmp_path):
    words = ("-c", "local", "-i", "localhost,", "--syntax-check", node / "node/node.yml")
    done = without_network(node / "venv/bin/ansible-playbook", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_tree_that_is_not_the_source_is_refused(source, tmp_path):
    (tmp_path / "a").write_text("b")
    other = Source(b"x", "1.0")
    object.__setattr__(other, "members", lambda: [Member("a", False, 1)])
    object.__setattr__(other, "content", lambda member: b"a")
    with pytest.raises(InputError, match=r"/a is not as in the source bundle"):
        check_tree(tmp_path, other)
    check_tree(ROOT, from_checkout(ROOT))
