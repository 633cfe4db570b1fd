"""What a bundle says of its compiled modules comes from them."""

import os
import re
from pathlib import Path

import pytest

from tools.bundle import compiled
from vgp.errors import InputError
from vgp.evaluator import instruction_sets as usable_here

ROOT = Path(__file__).parents[3]
SETUP = 'MODULES: dict[str, list[str]] = {"vgp.evaluator": ["x"], "vgp.genome": []}\nNOT_IN_WHEELS = (".so", ".pyx")\n'


@pytest.fixture
def root(tmp_path):
    """A checkout that `make build` has just compiled."""
    (tmp_path / "setup.py").write_text(SETUP)
    for name in ("vgp/genome.pyx", "vgp/core/loss.cpp", *(f"vgp/{name}{compiled.SUFFIX}" for name in ("evaluator", "genome"))):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "vgp/sandbox").mkdir()
    (tmp_path / "vgp/sandbox/vgp-sandbox").write_text("")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/compiled").write_text("")
    return tmp_path


def test_every_module_of_this_checkout_is_found_and_is_there():
    files = compiled.compiled_files(ROOT)
    beside = {str(path.relative_to(ROOT)) for path in (ROOT / "vgp").rglob(f"*{compiled.SUFFIX}")}
    assert set(files) == beside | {"vgp/sandbox/vgp-sandbox"}


def test_the_instruction_sets_are_those_of_the_build_and_what_runs_here_is_among_them():
    built = compiled.instruction_sets(ROOT)
    assert set(usable_here()) <= set(built)
    of_setup = re.findall(r'"(x86_64_v\d|aarch64)": \["-march', (ROOT / "setup.py").read_text())
    assert sorted(built) == sorted(name.replace("_", "-") for name in of_setup if name.startswith(os.uname().machine))


def test_the_oldest_c_library_is_read_from_the_modules(tmp_path):
    (tmp_path / "a").write_bytes(b"\0GLIBC_2.2.5\0GLIBC_2.17\0GLIBC_2.9\0GLIBC_PRIVATE")
    (tmp_path / "b").write_bytes(b"nothing")
    assert compiled.least_glibc([tmp_path / "a", tmp_path / "b"]) == (2, 17)
    real = compiled.least_glibc([ROOT / name for name in compiled.compiled_files(ROOT)])
    assert (2, 17) <= real <= tuple(map(int, os.confstr("CS_GNU_LIBC_VERSION").split()[1].split(".")[:2]))


def test_a_module_that_is_missing_is_named(root):
    (root / f"vgp/genome{compiled.SUFFIX}").unlink()
    with pytest.raises(InputError, match=r"vgp/genome\S+ is not there: run `make build`"):
        compiled.compiled_files(root)


def test_modules_without_kernels_are_refused(root):
    with pytest.raises(InputError, match="no instruction set in common"):
        compiled.instruction_sets(root)


def test_sources_that_changed_since_are_named(root):
    compiled.check_current(root)
    future = (root / "build/compiled").stat().st_mtime + 10
    os.utime(root / "vgp/core/loss.cpp", (future, future))
    with pytest.raises(InputError, match=r"loss.cpp was changed since it was compiled: run `make build`"):
        compiled.check_current(root)
    (root / "build/compiled").unlink()
    with pytest.raises(InputError, match=r"was not compiled by `make build`"):
        compiled.check_current(root)
