"""A worker goes on from the newest checkpoint that is whole, wherever it is, and never takes one of another table for its own."""

import os
import resource
import time

import pytest

from vgp import Island
from vgp.errors import InputError
from vmesh.checkpoints import Copier, Copies, Files, begin
from vmesh.checkpoints import beginning as beginning_module
from vmesh.checkpoints.incarnation import last_incarnation

NOW = 1_780_000_000.0


def start(files, dataset, copies=None, clock=NOW):
    return begin(files, dataset, copies, keep=2, clock=clock)


def write(island, files, times=1):
    for _ in range(times):
        island.advance(1)
        island.checkpoint(files.checkpoint, keep=2)


def copied(copies, files, life):
    copier = Copier(copies, life)
    copier.submit(files.checkpoint)
    assert copier.close(30)
    assert copier.status()["error"] == ""


def ticks(found, dataset):
    with Island.resume(found.checkpoint, dataset, sandbox="off") as island:
        return island.tick


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def elsewhere(files, tmp_path, name="elsewhere"):
    """The same worker on another machine."""
    other = Files(tmp_path / name, files.hostname, files.index)
    other.make_folder()
    return other


def test_without_a_checkpoint_a_population_is_created(files, dataset):
    found = start(files, dataset)
    assert (found.checkpoint, found.source, found.moved, found.notes) == (None, "", False, ())
    assert found.incarnation == int(NOW * 1000)


def test_the_newest_one_is_gone_on_from(files, dataset, island):
    write(island, files, 3)
    found = start(files, dataset)
    assert found.source == "local" and ticks(found, dataset) == 3 and not found.moved and not found.notes


def test_a_damaged_newest_one_is_named_and_the_one_before_used(files, dataset, island):
    write(island, files, 3)
    damage(files.checkpoint)
    found = start(files, dataset)
    assert ticks(found, dataset) == 2
    (note,) = found.notes
    assert str(files.checkpoint) in note and "checksum is wrong" in note


def test_all_damaged_begins_anew_and_says_so(files, dataset, island):
    write(island, files, 3)
    for number in ("", ".1", ".2"):
        damage(files.checkpoint.with_name(files.checkpoint.name + number))
    found = start(files, dataset)
    assert found.checkpoint is None and len(found.notes) == 3


def test_other_rows_of_the_same_columns_are_moved_to(files, dataset, other_rows, island):
    write(island, files)
    assert start(files, other_rows).moved
    assert not start(files, dataset).moved


def test_another_table_is_refused_so_that_its_run_is_not_lost(files, other_columns, island):
    write(island, files)
    with pytest.raises(InputError) as error:
        start(files, other_columns)
    assert str(error.value) == (
        f"{files.checkpoint}: belongs to another table (target y, columns a, b); give another --checkpoint-dir, or remove it"
    )


def test_only_in_s3(files, dataset, island, copies, tmp_path):
    other = elsewhere(files, tmp_path)
    write(island, other, 2)
    copied(copies, other, 7)
    found = start(files, dataset, copies)
    assert found.source == "copy" and found.checkpoint == files.checkpoint and ticks(found, dataset) == 2
    assert start(files, dataset).source == "local", "it is a local file from now on"


def test_a_later_life_elsewhere_is_newer_whatever_the_clocks_say(files, dataset, island, copies, tmp_path):
    here = start(files, dataset)
    write(island, files)
    other = elsewhere(files, tmp_path)
    there = start(other, dataset, clock=NOW + 100)
    write(island, other, 4)
    os.utime(other.checkpoint, (1000, 1000))  # its clock was wrong
    copied(copies, other, there.incarnation)
    found = start(files, dataset, copies, clock=NOW - 10_000)
    assert found.source == "copy" and ticks(found, dataset) == 5
    assert found.incarnation > there.incarnation > here.incarnation
    again = start(files, dataset, copies, clock=NOW - 10_000)
    assert again.source == "local" and again.incarnation > found.incarnation


def test_a_copy_of_this_life_is_not_newer_than_its_original(files, dataset, island, copies, s3):
    life = start(files, dataset, copies).incarnation
    write(island, files)
    copied(copies, files, life)
    s3.requests.clear()
    assert start(files, dataset, copies).source == "local"
    assert s3.requests == ["GET"], "the list, and no copy"


def test_a_copy_replaces_a_damaged_newest_file(files, dataset, island, copies):
    life = start(files, dataset, copies).incarnation
    write(island, files, 3)
    copied(copies, files, life)
    damage(files.checkpoint)
    # the damaged file's time is that of its damage; what counts is the time of the whole one before it
    found = start(files, dataset, copies)
    assert found.source == "copy" and ticks(found, dataset) == 3 and len(found.notes) == 1


def test_a_damaged_copy_is_passed_over_for_the_one_before_it(files, dataset, island, copies, bucket, tmp_path):
    other = elsewhere(files, tmp_path)
    for _ in range(2):
        write(island, other)
        copied(copies, other, 7)
    newest = bucket.keys()[-1]
    content = bytearray(bucket.get(newest))
    content[100] ^= 1
    bucket.put(newest, bytes(content))
    found = start(files, dataset, copies)
    assert ticks(found, dataset) == 1
    assert len(found.notes) == 1 and newest in found.notes[0]
    assert [path.name for path in files.folder.iterdir() if "tmp" in path.name] == []


def test_a_copy_of_another_table_is_noted_and_not_used(files, other_columns, island, copies, tmp_path):
    other = elsewhere(files, tmp_path)
    write(island, other)
    copied(copies, other, 7)
    found = start(files, other_columns, copies)
    assert found.checkpoint is None and "belongs to another table" in found.notes[0]
    assert not files.checkpoint.exists()


def test_foreign_objects_beside_the_copies_are_ignored(files, dataset, copies, bucket):
    bucket.put(f"{copies.folder.key}notes.txt", b"x")
    bucket.put(f"{copies.folder.key}1-2.checkpoint", b"x")
    assert start(files, dataset, copies).notes == ()


def test_s3_down_does_not_keep_a_worker_from_starting(files, dataset, island, copies, s3):
    s3.fault = lambda method, number: "drop"
    found = start(files, dataset, copies)
    assert found.checkpoint is None and "copies of checkpoints were not looked for" in found.notes[0]
    write(island, files)
    found = start(files, dataset, copies)
    assert found.source == "local" and len(found.notes) == 1 and "\n" not in found.notes[0]


def test_a_silent_s3_holds_a_worker_with_a_checkpoint_up_briefly(files, dataset, island, copies, s3, monkeypatch):
    monkeypatch.setattr(beginning_module, "BRIEFLY", 0.1)
    write(island, files)
    s3.gate.clear()
    before = time.monotonic()
    found = start(files, dataset, copies)
    assert time.monotonic() - before < 4
    assert found.source == "local" and "S3 did not answer within 0.1 s" in found.notes[0]


def test_a_full_disk_while_a_copy_is_fetched_leaves_the_local_ones(files, dataset, island, copies, tmp_path):
    other = elsewhere(files, tmp_path)
    start(files, dataset)
    write(island, files)
    write(island, other)
    copied(copies, other, int(NOW * 2000))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        found = start(files, dataset, copies)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert found.source == "local" and ticks(found, dataset) == 1
    assert any("File too large" in note for note in found.notes)


def test_a_life_that_could_not_see_its_copies_does_not_destroy_them(files, dataset, island, copies, s3, tmp_path, bucket):
    other = elsewhere(files, tmp_path)
    life = start(other, dataset, copies).incarnation
    write(island, other, 2)
    copied(copies, other, life)
    (good,) = bucket.keys()
    s3.fault = lambda method, number: "drop"
    blind = start(files, dataset, copies, clock=NOW + 60)
    s3.reset()
    for _ in range(5):
        write(island, files)
        copied(copies, files, blind.incarnation)
    keys = bucket.keys()
    assert good in keys and len(keys) == 3


def test_workers_and_machines_do_not_share_copies(files, s3, bucket):
    names = {Copies(f"s3://{bucket.name}/run/", Files(files.folder, host, index)).folder for host in "ab" for index in (1, 2)}
    assert len(names) == 4
    odd = Copies(f"s3://{bucket.name}", Files(files.folder, "../x y", 1)).folder
    assert odd.key == "..%2Fx%20y/worker-1/"
    with pytest.raises(InputError, match="is no place in S3"):
        Copies("/tmp/x", files)


def test_the_incarnation_is_noted_even_without_a_checkpoint(files, dataset):
    assert last_incarnation(files.incarnation) is None
    incarnation = start(files, dataset).incarnation
    assert last_incarnation(files.incarnation) == incarnation
