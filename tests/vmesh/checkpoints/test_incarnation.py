"""Incarnations grow whatever happens to the clock, and a damaged file does not keep a worker from starting."""

import itertools
import os
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vmesh.checkpoints import next_incarnation
from vmesh.checkpoints.incarnation import LARGEST, LEAP, last_incarnation

NOW = 1_780_000_000.0


@settings(max_examples=25)  # each life waits for the disk
@given(st.lists(st.floats(-1e9, 1e11), min_size=2, max_size=8))
def test_they_grow_whatever_the_clock_does(clocks):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "incarnation")
        lives = [next_incarnation(path, clock) for clock in clocks]
        numbers = [number for number, _ in lives]
        assert all(later - earlier >= LEAP for earlier, later in itertools.pairwise(numbers)) or max(numbers) == LARGEST
        assert all(0 < number <= LARGEST and notes == () for number, notes in lives)


def test_a_new_disk_begins_at_the_clock(tmp_path):
    assert next_incarnation(tmp_path / "i", NOW) == (int(NOW * 1000), ())
    assert next_incarnation(tmp_path / "j", NOW, above=int(NOW * 2000))[0] == int(NOW * 2000) + LEAP


@settings(max_examples=25)
@given(st.binary(max_size=40))
def test_any_damage_is_noticed_and_the_file_before_counts(content):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "incarnation")
        first, _ = next_incarnation(path, NOW)
        second, _ = next_incarnation(path, NOW)
        with open(path, "wb") as file:
            file.write(content)
        third, notes = next_incarnation(path, NOW - 1e6)
        assert third >= second + LEAP > first
        assert len(notes) == 1 and "is damaged" in notes[0]
        assert next_incarnation(path, NOW - 1e6)[0] > third


def test_both_files_damaged_leaves_the_clock(tmp_path):
    path = tmp_path / "i"
    for candidate in (path, tmp_path / "i.1"):
        candidate.write_bytes(b"12345 00000000\n")
    number, notes = next_incarnation(path, NOW)
    assert number == int(NOW * 1000) and len(notes) == 2
    assert last_incarnation(path) == number


def test_a_number_too_large_to_go_on_from_is_damage(tmp_path):
    """Whoever writes 2^64 - 1 into the file would else end the worker's right to refute."""
    from vmesh.checkpoints.incarnation import line

    (tmp_path / "i").write_bytes(line(2**63 - 1))
    number, notes = next_incarnation(tmp_path / "i", NOW)
    assert number == int(NOW * 1000) and len(notes) == 1


@pytest.mark.parametrize("kind", ["folder", "missing"])
def test_a_file_that_cannot_be_written_is_a_note(tmp_path, kind):
    path = tmp_path / "i" if kind == "folder" else tmp_path / "nowhere" / "i"
    if kind == "folder":
        path.mkdir()
    number, notes = next_incarnation(path, NOW)
    assert number == int(NOW * 1000) and notes and all("\n" not in note for note in notes)
