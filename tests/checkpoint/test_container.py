"""Whatever a checkpoint file holds, reading it gives what was written or an error that names the file."""

import os
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgp.checkpoint_file import MAGIC, TRAILER, VERSION, WHOLE, read_checkpoint, write_checkpoint
from vgp.errors import CheckpointError

SECTIONS = st.dictionaries(st.text(max_size=20), st.binary(max_size=300), max_size=6)


def contents(path):
    return {name: bytes(view) for name, view in read_checkpoint(path).items()}


def reseal(data):
    """Gives altered bytes the checksum they ask for, so that the decoder behind the checksum is reached."""
    summed = data[: -TRAILER.size + 8]
    return summed + struct.pack("<I", zlib.crc32(summed)) + WHOLE


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("checkpoint") / "island.ckpt"


@settings(deadline=None)
@given(SECTIONS)
def test_sections_come_back_as_written_and_in_order(path, sections):
    write_checkpoint(path, sections)
    assert list(contents(path).items()) == list(sections.items())


def test_arrays_and_streams_come_back_aligned(path):
    nodes = np.zeros(1001, dtype=[("op", "u1"), ("payload", "u8")])
    nodes["payload"] = np.arange(1001)
    matrix = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    write_checkpoint(path, {"nodes": nodes, "stream": (bytes([i]) * i for i in range(100)), "matrix": matrix, "none": b""})
    sections = read_checkpoint(path)
    assert np.array_equal(np.frombuffer(sections["nodes"], nodes.dtype), nodes)
    assert bytes(sections["stream"]) == b"".join(bytes([i]) * i for i in range(100))
    assert np.array_equal(np.frombuffer(sections["matrix"]), matrix.ravel(order="F"))
    assert all(np.frombuffer(view, np.uint8).ctypes.data % 64 == 0 for view in sections.values())
    assert all(view.readonly for view in sections.values())


def test_sections_larger_than_a_piece(path):
    random = np.random.default_rng(1).integers(0, 256, 40_000_001, dtype=np.uint8)
    write_checkpoint(path, {"a": random, "b": random[: 1 << 20]})
    sections = read_checkpoint(path)
    assert sections["a"] == random.data and sections["b"] == random[: 1 << 20].data


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused(path, data):
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="island.ckpt"):
        read_checkpoint(path)


@settings(deadline=None)
@given(SECTIONS, st.data())
def test_every_truncation_and_extension_is_refused(path, sections, data):
    write_checkpoint(path, sections)
    whole = path.read_bytes()
    length = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:length])
    with pytest.raises(CheckpointError, match="island.ckpt"):
        read_checkpoint(path)
    path.write_bytes(whole + data.draw(st.binary(min_size=1, max_size=100)))
    with pytest.raises(CheckpointError, match="island.ckpt"):
        read_checkpoint(path)


def test_every_flipped_bit_is_found(path):
    write_checkpoint(path, {"parameters": b"{}", "nodes": bytes(range(70))})
    whole = path.read_bytes()
    with open(path, "r+b") as file:
        for bit in range(len(whole) * 8):
            os.pwrite(file.fileno(), bytes([whole[bit // 8] ^ 1 << bit % 8]), bit // 8)
            with pytest.raises(CheckpointError, match="island.ckpt"):
                read_checkpoint(path)
            os.pwrite(file.fileno(), whole[bit // 8 : bit // 8 + 1], bit // 8)
    assert read_checkpoint(path).keys() == {"parameters", "nodes"}


@settings(max_examples=200, deadline=None)
@given(SECTIONS, st.data())
def test_the_decoder_is_total_behind_a_valid_checksum(path, sections, data):
    """A file made by a faulty writer, not by a faulty disk: its checksum holds, its table lies."""
    write_checkpoint(path, sections)
    altered = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        altered[data.draw(st.integers(64, len(altered) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(reseal(bytes(altered)))
    try:
        read_checkpoint(path)
    except CheckpointError as error:
        refusal = str(error)
    else:
        return
    assert "island.ckpt" in refusal and "\n" not in refusal


def test_another_format_version_is_named(path):
    write_checkpoint(path, {})
    altered = bytearray(path.read_bytes())
    altered[8] = 9
    path.write_bytes(reseal(bytes(altered)))
    with pytest.raises(CheckpointError, match="format 9"):
        read_checkpoint(path)


def test_what_is_no_file_is_refused_at_once(tmp_path):
    """Opening a pipe nobody writes to would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("pipe", "ordinary file"), (".", "ordinary file"), ("missing", "No such file")):
        with pytest.raises(CheckpointError, match=reason):
            read_checkpoint(tmp_path / name)


def test_a_huge_sparse_file_takes_no_memory(tmp_path):
    for mark in (b"", MAGIC + bytes([VERSION])):
        with open(tmp_path / "sparse", "wb") as file:
            file.write(mark)
            file.truncate(1 << 40)
        with pytest.raises(CheckpointError, match="no checkpoint|end mark"):
            read_checkpoint(tmp_path / "sparse")


def test_writes_that_the_system_cuts_short_are_continued(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:7]))
    write_checkpoint(tmp_path / "a", {"state": bytes(range(100))})
    assert contents(tmp_path / "a") == {"state": bytes(range(100))}
