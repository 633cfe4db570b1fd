"""The file before the newest one is kept, and used when the newest is damaged, which is said."""

import multiprocessing
import os
import stat

import pytest

from vgp.atomic_file import atomic_write
from vgp.checkpoint_file import newest_valid, read_checkpoint, write_checkpoint
from vgp.errors import CheckpointError


def write(path, tick, **options):
    write_checkpoint(path, {"tick": str(tick).encode()}, **options)


def tick(path):
    return int(bytes(read_checkpoint(path)["tick"]))


def names(folder):
    return sorted(os.listdir(folder))


def test_one_before_is_kept(tmp_path):
    for number in range(4):
        write(tmp_path / "a", number)
    assert names(tmp_path) == ["a", "a.1"]
    assert (tick(tmp_path / "a"), tick(tmp_path / "a.1")) == (3, 2)


def test_as_many_are_kept_as_asked_for(tmp_path):
    for number in range(6):
        write(tmp_path / "a", number, keep=3)
    assert [tick(tmp_path / name) for name in ("a", "a.1", "a.2", "a.3")] == [5, 4, 3, 2]
    assert names(tmp_path) == ["a", "a.1", "a.2", "a.3"]
    write(tmp_path / "b", 1, keep=0)
    write(tmp_path / "b", 2, keep=0)
    assert "b.1" not in names(tmp_path)


def test_a_damaged_file_is_named_and_the_one_before_it_used(tmp_path):
    path = tmp_path / "a"
    for number in range(3):
        write(path, number, keep=2)
    path.write_bytes(path.read_bytes()[:-1])
    recovered = newest_valid(path)
    assert bytes(recovered.sections["tick"]) == b"1"
    assert recovered.path == f"{path}.1"
    assert [str(error).split(": ")[0] for error in recovered.damaged] == [str(path)]
    (tmp_path / "a.1").write_bytes(b"")
    assert bytes(newest_valid(path).sections["tick"]) == b"0"
    (tmp_path / "a.2").unlink()
    with pytest.raises(CheckpointError, match=r"a: .*; .*a\.1: "):
        newest_valid(path)


def test_a_gap_in_the_numbers_hides_nothing(tmp_path):
    write(tmp_path / "a", 7)
    os.rename(tmp_path / "a", tmp_path / "a.12")
    assert newest_valid(tmp_path / "a").path.endswith("a.12")


def test_no_checkpoint_at_all(tmp_path):
    for path in (tmp_path / "a", tmp_path / "nowhere" / "a"):
        with pytest.raises(CheckpointError, match="no such checkpoint"):
            newest_valid(path)


def test_leftovers_of_dead_writers_are_removed_and_nothing_else(tmp_path):
    leftover, others = ".a.0123456789abcdef.tmp", [".a.tmp", ".a.0123.tmp", ".b.0123456789abcdef.tmp", "a.tmp"]
    for name in [leftover, *others]:
        (tmp_path / name).write_bytes(b"half a file")
    write(tmp_path / "a", 1)
    assert names(tmp_path) == sorted(["a", *others])


def slow_sections(started, go_on):
    yield b"1"
    started.set()
    go_on.wait(30)


def slow_writer(path, started, go_on):
    write_checkpoint(path, {"tick": slow_sections(started, go_on)})


def test_the_living_keep_their_temporary_files(tmp_path):
    context = multiprocessing.get_context("fork")
    started, go_on = context.Event(), context.Event()
    writer = context.Process(target=slow_writer, args=(tmp_path / "a", started, go_on))
    writer.start()
    assert started.wait(30)
    write(tmp_path / "a", 2)
    go_on.set()
    writer.join(30)
    assert writer.exitcode == 0
    assert (tick(tmp_path / "a"), tick(tmp_path / "a.1")) == (1, 2)
    assert names(tmp_path) == ["a", "a.1"]


def test_an_interrupted_writer_leaves_the_old_file_and_no_other(tmp_path):
    def interrupted():
        yield b"x"
        raise KeyboardInterrupt

    write(tmp_path / "a", 1)
    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(tmp_path / "a", {"tick": interrupted()})
    assert names(tmp_path) == ["a"] and tick(tmp_path / "a") == 1


def test_atomic_write_replaces_and_leaves_nothing_beside(tmp_path):
    atomic_write(tmp_path / "model", b"one")
    atomic_write(tmp_path / "model", memoryview(b"two"))
    assert (tmp_path / "model").read_bytes() == b"two"
    assert names(tmp_path) == ["model"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == 0o666 & ~umask


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "model").symlink_to("disk/real")
    atomic_write(tmp_path / "model", b"one")
    assert (tmp_path / "model").is_symlink() and (tmp_path / "disk" / "real").read_bytes() == b"one"


def test_devices_and_folders_are_not_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(CheckpointError, match="not an ordinary file"):
            atomic_write(tmp_path / name, b"x")


@pytest.mark.parametrize(("name", "reason"), [("missing/model", "make the folder"), ("file/model", "is a file, not a folder")])
def test_a_wrong_folder_is_said_in_one_line(tmp_path, name, reason):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CheckpointError, match=reason) as caught:
        atomic_write(tmp_path / name, b"x")
    assert str(tmp_path / name) in str(caught.value) and "\n" not in str(caught.value)
