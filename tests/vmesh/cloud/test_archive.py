"""Archives: the same content makes the same bytes, other tools read them, and no bytes do harm to the reader."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgp.errors import InputError
from vmesh.cloud import archive
from vmesh.cloud.archive import BLOCK, Member

FILES = {"a/b.txt": b"content", "a/empty": b"", "run": bytes(range(256)) * 5, "z" * 90 + "/" + "y" * 99: b"long name"}


def packed(files=FILES, links=()):
    tar = io.BytesIO()
    members = [(Member(name, name == "run", len(data)), io.BytesIO(data)) for name, data in files.items()]
    archive.write(tar, [*members, *((Member(name, False, 0, target), None) for name, target in links)])
    return tar.getvalue()


def content(tar):
    return {member.name: tar[member.offset : member.offset + member.size] for member in archive.read(io.BytesIO(tar))}


def test_what_is_written_is_read_here_and_by_tar():
    tar = packed(links=[("link", "a/b.txt")])
    assert content(tar) == FILES | {"link": b""}
    with tarfile.open(fileobj=io.BytesIO(tar)) as other:
        assert {item.name: other.extractfile(item).read() for item in other if item.isfile()} == FILES
        assert other.getmember("link").linkname == "a/b.txt"
        assert [item.name for item in other if item.mode & 0o100] == ["run"]
        assert {item.mtime for item in other} == {archive.MTIME}


def test_a_file_that_grows_or_shrinks_while_it_is_read_is_refused():
    for size in (3, 5):
        with pytest.raises(InputError, match=r"^f changed while it was read"):
            archive.write(io.BytesIO(), [(Member("f", False, size), io.BytesIO(b"1234"))])


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a//b", "a/../../b", "", ".", "a\nb", "a\\..\\b", "a/\x1b[2J"])
def test_names_that_lead_elsewhere_are_neither_written_nor_read(name):
    with pytest.raises(InputError, match="no path in it"):
        packed({name: b""})
    with pytest.raises(InputError, match=r"^the archive is damaged"):
        content(by_tarfile(tarfile.TarInfo(name)))


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_other_kinds_of_members_are_refused(kind):
    info = tarfile.TarInfo("device")
    info.type, info.linkname = kind, "x" if kind == tarfile.LNKTYPE else ""
    with pytest.raises(InputError, match="neither a file nor a link|is no path in it"):
        content(by_tarfile(info))


def by_tarfile(info):
    return info.tobuf(tarfile.USTAR_FORMAT) + bytes(2 * BLOCK)


def test_extensions_of_the_format_are_refused():
    """They hold names and sizes that contradict the header, which readers resolve differently."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as other:
        info = tarfile.TarInfo("ü" * 200)
        other.addfile(info)
    with pytest.raises(InputError, match=r"^the archive is damaged"):
        content(tar.getvalue())


def test_the_same_name_twice_is_refused():
    one = packed({"f": b"1"})[: -2 * BLOCK]
    with pytest.raises(InputError, match="one member too many"):
        content(one + packed({"f": b"2"}))


def test_nothing_may_follow_the_end():
    for more in (b"x", bytes(BLOCK)):
        with pytest.raises(InputError, match="something follows its end"):
            content(packed() + more)


def test_breaking_off_anywhere_is_seen():
    tar = packed()
    for length in range(0, len(tar), 100):
        with pytest.raises(InputError):
            content(tar[:length])


@given(st.binary(max_size=3 * BLOCK))
def test_the_reader_is_total(data):
    with pytest.raises(InputError):
        content(data + b"end")


@given(st.data())
def test_the_reader_is_total_for_damaged_archives(data):
    """Flipped bytes leave a sound archive, or are an error of ours: nothing else happens."""
    tar = bytearray(packed())
    for _ in range(data.draw(st.integers(1, 4))):
        tar[data.draw(st.integers(0, len(tar) - 1))] = data.draw(st.integers(0, 255))
    try:
        for name in content(bytes(tar)):
            archive.check_name(name)
    except InputError as error:
        assert "\n" not in str(error)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5}){0,3}", fullmatch=True), st.binary(max_size=1200), max_size=5))
def test_any_files_come_back(files):
    assert content(packed(files)) == files
