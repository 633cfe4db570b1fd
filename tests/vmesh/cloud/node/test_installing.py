"""A bundle's archive: plain files inside it, nothing else and nowhere else, whatever somebody put in."""

import contextlib
import io
import os
import stat
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vmesh.cloud.node.bundles import bundle
from vmesh.cloud.faults import Unfit, sentence
from vmesh.cloud.installing import unpack


def entry(name, kind=tarfile.REGTYPE, content=b"x", mode=0o644, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mode, info.linkname = kind, len(content), mode, link
    return info, content


HOSTILE = [
    entry("/etc/passwd"),
    entry("../outside"),
    entry("site/../../outside"),
    entry("link", tarfile.SYMTYPE, b"", link="/etc"),
    entry("link", tarfile.SYMTYPE, b"", link="site"),
    entry("link", tarfile.LNKTYPE, b"", link="manifest.json"),
    entry("fifo", tarfile.FIFOTYPE, b""),
    entry("device", tarfile.CHRTYPE, b""),
    entry("manifest.json"),
    entry("manifest.json/below"),
    entry("x" * 300),
    entry("a\0b/c" * 40),
]


@pytest.mark.parametrize("member", HOSTILE, ids=lambda one: ascii(one[0].name[:20]))
def test_what_does_not_belong_into_a_bundle_is_refused(tmp_path, member):
    try:
        unpack(io.BytesIO(bundle(members=[member])), tmp_path / "new")
    except Unfit as error:
        assert "build it again by devserver.yml" in str(error)
    assert {path.name for path in tmp_path.iterdir()} == {"new"}
    assert all(path.is_dir() or (path.is_file() and not path.is_symlink()) for path in (tmp_path / "new").rglob("*"))


def test_owner_and_mode_are_not_the_archives_choice(tmp_path):
    members = [entry("program", mode=0o7777), entry("file", mode=0o666)]
    unpack(io.BytesIO(bundle(members=members)), tmp_path / "new")
    modes = {name: stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) for name in ("program", "file")}
    assert modes == {"program": 0o755, "file": 0o644}
    assert (tmp_path / "new/program").stat().st_uid == os.getuid()


WHOLE = bundle()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8), st.integers(0, len(WHOLE)))
def test_any_damage_is_told_or_harmless(tmp_path_factory, changes, length):
    content = bytearray(WHOLE)
    for place, value in changes:
        content[place] = value
    folder = tmp_path_factory.mktemp("damage")
    with contextlib.suppress(Unfit):
        unpack(io.BytesIO(bytes(content[:length])), folder / "new")
    assert {path.name for path in folder.iterdir()} <= {"new"}


@given(st.binary(max_size=2000))
@settings(deadline=None)
def test_any_bytes_are_told_or_harmless(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("any")
    with contextlib.suppress(Unfit):
        unpack(io.BytesIO(content), folder / "new")
    assert {path.name for path in folder.iterdir()} <= {"new"}


def test_a_full_disk_is_a_sentence():
    assert sentence(OSError(28, "No space left on device", "/opt/vmesh/x")) == (
        "the disk is full (/opt/vmesh/x); give instances a larger disk"
    )
