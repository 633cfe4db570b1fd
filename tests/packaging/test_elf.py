"""The reader of compiled modules reads what readelf reads, and any bytes give an answer or its own error."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packaging.elf import NoElfError, wants
from tools.bundle.compiled import SUFFIX

ROOT = Path(__file__).parents[2]
MODULE = ROOT / f"vgp/ranks{SUFFIX}"


@pytest.mark.skipif(not shutil.which("readelf"), reason="binutils are not installed")
@pytest.mark.parametrize("name", ["vgp/sandbox/process", "vgp/ranks", "vgp/evaluator"])
def test_it_reads_what_readelf_reads(name):
    path = ROOT / f"{name}{SUFFIX}"
    told = subprocess.run(["readelf", "--wide", "-d", "-V", path], capture_output=True, text=True, check=True).stdout
    read = wants(path.read_bytes())
    assert list(read.libraries) == re.findall(r"\(NEEDED\).*\[(.*)\]", told)
    assert read.versions == set(re.findall(r"Name: (\w+_[\d.]+)\s+Flags", told))
    assert not read.search_paths


@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
def test_it_sees_a_search_path(tmp_path):
    """What the wheel is checked for does show where it is there."""
    for flag in ("--enable-new-dtags", "--disable-new-dtags"):
        command = ["g++", "-shared", "-xc++", "-", "-o", tmp_path / "a.so", f"-Wl,{flag},-rpath,/of/the/builder"]
        subprocess.run(command, input="int a;", text=True, check=True)
        assert wants((tmp_path / "a.so").read_bytes()).search_paths == ("/of/the/builder",)


def answered(data):
    try:
        wants(data)
    except NoElfError:
        return


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data):
    answered(data)
    answered(b"\x7fELF\x02\x01" + data)


@given(st.data())
def test_a_damaged_module_is_answered(data):
    """One word of the header, of the table of sections or of what these lead to is another."""
    module = bytearray(MODULE.read_bytes())
    table = int.from_bytes(module[40:48], "little")
    at = data.draw(st.one_of(st.integers(0, 63), st.integers(table, len(module) - 1), st.integers(0, len(module) - 1)))
    module[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    answered(bytes(module[: data.draw(st.integers(0, len(module)))] if data.draw(st.booleans()) else module))
