"""The wheel: what is in it, what it asks of a system, and that it works where nothing else of this checkout is.

It is made of the objects that `make build` left, so that nothing is compiled; test_sdist.py compiles everything (long).
"""

import os
import re
import sys
import sysconfig
import zipfile

import pytest

from tests.packaging.checkout import ROOT, copied, wheel_of
from tests.packaging.elf import Wants, wants
from tests.packaging.environment import Environment, finds_the_law
from tools.bundle.compiled import SUFFIX, table

SANDBOX = "vgp/sandbox/vgp-sandbox"
OLDEST = (2, 36)  # of glibc, Debian 12's
GCC_12 = {"GLIBCXX_3.4": 30, "CXXABI_1.3": 13, "GCC": 12}  # last number of the youngest symbol of each kind that it has
SYSTEM = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Where an earlier build left a module that is gone since."""
    copy = copied(tmp_path_factory.mktemp("wheel"))
    gone = copy / f"build/lib.{sysconfig.get_platform()}-{sys.implementation.cache_tag}/vgp/gone.py"
    gone.parent.mkdir(parents=True)
    gone.write_text("")
    return copy


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    return wheel_of(checkout, tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def packed(wheel):
    """Every file of the wheel by its name, and which of them are executable."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}, {
            info.filename for info in archive.infolist() if info.external_attr >> 16 & 0o111
        }


@pytest.fixture(scope="module")
def compiled(packed):
    """What the system's loader would load, by name."""
    return {name: wants(data) for name, data in packed[0].items() if name.endswith(".so")}


def test_every_module_and_the_sandbox_are_in_it(packed):
    files, executable = packed
    modules = {name.replace(".", "/") + SUFFIX for name in table(ROOT, "MODULES")}
    assert {name for name in files if name.endswith(".so")} == modules
    assert files[SANDBOX].startswith(b"\x7fELF")
    assert SANDBOX in executable


def test_every_python_file_and_nothing_else_is_in_it(packed):
    """No sources of what is compiled, no test, no file of an earlier build; what others compile against stays."""
    own = {name for name in packed[0] if ".dist-info/" not in name}
    there = {str(path.relative_to(ROOT)) for top in ("vgp", "vmesh") for path in (ROOT / top).rglob("*") if path.is_file()}
    kept = (".py", ".pyi", ".pxd", ".hpp", ".def", ".csv", "py.typed", SUFFIX, SANDBOX)
    page = {name for name in there if name.startswith("vmesh/page/assets/")}
    assert own == {name for name in there if name.endswith(kept)} | page
    assert not [name for name in own if name.endswith((".cpp", ".pyx", ".c", ".o", ".a"))]


def test_all_kernels_are_in_it(packed):
    """The machine that builds has a processor of one kind, the one that runs of another."""
    kernels = table(ROOT, "KERNEL_SOURCES")
    assert kernels
    named = re.findall(r'"(x86_64_v\d|aarch64)": \["-march', (ROOT / "setup.py").read_text())
    sets = [name for name in named if name.startswith(os.uname().machine)]
    assert len(sets) == (3 if os.uname().machine == "x86_64" else 1)
    for name in sets:
        assert f"_ZN3vgp{len(name)}{name}7kernelsEPKcj".encode() in packed[0][f"vgp/evaluator{SUFFIX}"]
        assert name.replace("_", "-").encode() + b"\0" in packed[0][SANDBOX]


def test_it_runs_with_the_c_library_of_debian_12(compiled):
    for name, wanted in compiled.items():
        for version in wanted.versions:
            kind, _, number = version.partition("_")
            if kind == "GLIBC":
                assert tuple(map(int, number.split(".")[:2])) <= OLDEST, f"{name} needs {version}"


def test_it_runs_with_the_c_plus_plus_library_of_gcc_12(compiled):
    kinds = set()
    for name, wanted in compiled.items():
        for version in wanted.versions - {other for other in wanted.versions if other.startswith("GLIBC_")}:
            kind = next(kind for kind in GCC_12 if version.startswith(kind))
            kinds.add(kind)
            last = version.removeprefix(kind).lstrip("._").split(".")[0] or "0"
            assert int(last) <= GCC_12[kind], f"{name} needs {version}"
    assert "GLIBCXX_3.4" in kinds


def test_its_tag_says_what_its_modules_need(wheel, compiled):
    """pip on an older system says so, instead of an import error there."""
    tag = re.search(rf"-manylinux_(\d+)_(\d+)_{os.uname().machine}\.whl$", wheel.name)
    assert tag, wheel.name
    told = (int(tag[1]), int(tag[2]))
    names = {version for wanted in compiled.values() for version in wanted.versions}
    needed = max(tuple(map(int, name[6:].split(".")[:2])) for name in names if name.startswith("GLIBC_"))
    assert needed <= told <= OLDEST


def test_it_loads_libraries_of_the_system_only_and_from_nowhere_else(compiled):
    for name, wanted in compiled.items():
        assert set(wanted.libraries) <= SYSTEM, name
        assert not wanted.search_paths, name


def test_the_sandbox_loads_nothing(packed):
    assert wants(packed[0][SANDBOX]) == Wants((), frozenset(), ())


def test_no_path_of_the_machine_that_built_it_is_in_it(checkout, packed):
    paths = [os.fsencode(path) for path in (checkout, ROOT, sys.prefix, sysconfig.get_path("include"))]
    assert not [(name, path) for name, data in packed[0].items() for path in paths if path in data]


def test_it_finds_a_law_in_a_sandbox_outside_of_the_source_tree(wheel, tmp_path):
    fresh = Environment(tmp_path)
    fresh.borrow()
    fresh.install("--no-deps", "--no-index", str(wheel))
    finds_the_law(fresh)
