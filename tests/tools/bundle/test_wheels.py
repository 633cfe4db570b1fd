"""Wheels of others: the versions that were tested, no more than a node needs, kept for the next time."""

import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from tools.bundle import wheels
from vgp.errors import InputError

ROOT = Path(__file__).parents[3]


def test_a_node_gets_what_the_package_needs_and_ansible_core():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = wheels.requirements(ROOT)
    assert set(project["dependencies"]) < set(wanted)
    names = [requirement.split(">")[0] for requirement in wanted]
    assert "ansible-core" in names
    assert not {"ansible", "pytest", "moto", "ruff", "mypy"} & set(names)


def test_versions_are_those_of_this_environment():
    pinned = wheels.constraints()
    assert f"numpy=={metadata.version('numpy')}" in pinned
    assert not [line for line in pinned if line.startswith("vcloud==")]


@pytest.mark.parametrize(
    ("name", "oldest"),
    [
        ("six-1.17.0-py2.py3-none-any.whl", (0, 0)),
        ("numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", (2, 27)),
        ("cffi-2.1.1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", (2, 17)),
        ("cryptography-50.0.2-cp311-abi3-manylinux_2_34_aarch64.whl", (2, 34)),
        ("vcloud-0.1.0-cp311-cp311-linux_x86_64.whl", (0, 0)),
    ],
)
def test_the_oldest_c_library_of_a_wheel_is_in_its_name(name, oldest):
    assert wheels.least_glibc([name]) == oldest
    assert wheels.least_glibc([name, "a-1-cp311-cp311-manylinux_2_20_x86_64.whl"]) == max(oldest, (2, 20))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that needs one package, and a pip that finds packages nowhere."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["no-such-package-here>=1,<2"]\n[project.optional-dependencies]\nnode = []\n'
    )
    (tmp_path / "empty").mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    return tmp_path


def test_a_wheel_that_cannot_be_got_is_named_and_nothing_is_kept(project):
    with pytest.raises(InputError, match=r"^the wheels of a node cannot be got: .*no-such-package-here") as caught:
        wheels.others(project, "cp311-x86_64")
    assert "\n" not in str(caught.value)
    assert not list((project / wheels.KEPT).iterdir())
