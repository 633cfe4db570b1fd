"""The source distribution holds what a build needs, and `python -m build` makes a wheel of it that works (long)."""

import subprocess
import sys
import tarfile

import pytest

from tests.packaging.checkout import ROOT, copied
from tests.packaging.environment import Environment, finds_the_law
from tools.bundle.compiled import table

SOURCES = (".py", ".pyi", ".pyx", ".pxd", ".cpp", ".hpp", ".def")


def build(checkout, folder, *options):
    """What `python -m build` leaves in `folder`: the source first."""
    command = [sys.executable, "-m", "build", "--outdir", folder, *options]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(folder.iterdir(), key=lambda path: path.suffix)


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdist")
    (path,) = build(copied(folder), folder / "dist", "--sdist", "--no-isolation")
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_every_source_is_in_it(packed):
    there = {str(path.relative_to(ROOT)) for top in ("vgp", "vmesh") for path in (ROOT / top).rglob("*") if path.suffix in SOURCES}
    assert there <= packed
    assert {f"vgp/core/{name}" for name in table(ROOT, "CORE_SOURCES")} <= packed


def test_nothing_compiled_is_in_it(packed):
    assert not [name for name in packed if name.endswith((".so", ".o", ".a", ".pyc", "vgp-sandbox"))]
    assert not [name for name in packed if name.startswith(("build/", ".venv/", "dist/"))]


@pytest.mark.parametrize("name", ["setup.py", "pyproject.toml", "Makefile", "LICENSE", "README.md", "mkdocs.yml", "docs/README.md"])
def test_what_a_reader_and_a_build_need_is_in_it(packed, name):
    assert name in packed


@pytest.mark.long
def test_built_in_isolation_and_installed_with_its_dependencies_it_finds_a_law(tmp_path):
    """Everything is compiled anew, with what pyproject.toml asks for and nothing else."""
    source, wheel = build(copied(tmp_path), tmp_path / "dist")
    assert source.name.endswith(".tar.gz")
    assert "manylinux_2_" in wheel.name
    fresh = Environment(tmp_path)
    fresh.install(str(wheel))
    finds_the_law(fresh)
