"""Copying never holds evolution up, whatever S3 does; what it could not do is told in the status."""

import os
import threading
import time

import pytest

from vmesh.checkpoints import Copier
from vmesh.checkpoints import copying as copying_module


@pytest.fixture
def checkpoint(files):
    def write(content):
        aside = files.checkpoint.with_name("aside")
        aside.write_bytes(content)
        aside.rename(files.checkpoint)
        return files.checkpoint

    return write


@pytest.fixture
def copier(copies, s3):
    copier = Copier(copies, 7, first_pause=0.01)
    yield copier
    s3.reset()
    copier.close(10)


def contents(bucket):
    keys = bucket.keys()
    return [bucket.get(key) for key in keys]


def until(condition):
    """Waits for what another thread does."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_a_checkpoint_is_copied(copier, checkpoint, bucket):
    copier.submit(checkpoint(b"one"))
    assert copier.flush(30) and contents(bucket) == [b"one"]
    status = copier.status()
    assert status["error"] == "" and not status["pending"] and 0 <= status["age"] < 60
    assert status["url"] == f"s3://{bucket.name}/run/host/worker-3/"


def test_of_those_that_wait_the_newest_is_copied(copier, checkpoint, bucket, s3):
    s3.gate.clear()
    copier.submit(checkpoint(b"0"))
    assert s3.arrived.wait(30)
    for number in range(1, 50):
        copier.submit(checkpoint(b"%d" % number))
    assert copier.status()["pending"]
    s3.gate.set()
    assert copier.flush(30)
    assert contents(bucket) == [b"0", b"49"]


def test_what_is_copied_is_what_was_submitted(copier, checkpoint, bucket, s3, files):
    """The next checkpoint takes its name while it is under way."""
    s3.gate.clear()
    copier.submit(checkpoint(b"first"))
    assert s3.arrived.wait(30)
    checkpoint(b"second")
    files.checkpoint.unlink()
    s3.gate.set()
    assert copier.flush(30) and contents(bucket) == [b"first"]


def test_evolution_goes_on_while_s3_is_silent(copier, island, files, s3):
    s3.gate.clear()
    for _ in range(5):
        island.advance(1)
        island.checkpoint(files.checkpoint, keep=2)
        copier.submit(files.checkpoint)
    assert s3.arrived.wait(30)
    assert island.tick == 5 and copier.status()["pending"]
    assert not copier.close(0.01), "and the end does not wait for it either"


@pytest.mark.parametrize("fault", [500, "drop", 403])
def test_s3_down_shows_in_the_status_and_is_tried_again(copier, checkpoint, bucket, s3, fault):
    s3.fault = lambda method, number: fault
    copier.submit(checkpoint(b"one"))
    until(lambda: copier.status()["failures"] >= 3)
    status = copier.status()
    assert status["error"].startswith(f"s3://{bucket.name}/run/host/worker-3/") and "\n" not in status["error"]
    assert status["pending"] and status["age"] is None
    s3.reset()
    assert copier.flush(30) and contents(bucket) == [b"one"]
    assert copier.status()["error"] == "" and copier.status()["failures"] == 0


def test_s3_fails_half_of_the_time(copier, checkpoint, bucket, s3):
    s3.fault = lambda method, number: 503 if number % 2 else None
    for number in range(4):
        copier.submit(checkpoint(b"%d" % number))
        assert copier.flush(30)
    assert contents(bucket)[-1] == b"3"


def test_old_copies_are_removed(copier, checkpoint, bucket):
    for number in range(5):
        copier.submit(checkpoint(b"%d" % number))
        assert copier.flush(30)
    assert contents(bucket) == [b"3", b"4"]


def test_a_clock_that_is_set_back_does_not_make_older_ones_newer(copier, checkpoint, bucket, copies):
    for number in range(4):
        path = checkpoint(b"%d" % number)
        os.utime(path, (10_000 - number, 10_000 - number))
        copier.submit(path)
        assert copier.flush(30)
    assert contents(bucket) == [b"2", b"3"]
    newest = copies.newest_first()[0]
    assert newest.stamp.written == path.stat().st_mtime_ns, "the local file is as new as its copy"


def test_copies_that_cannot_be_removed_are_told(copier, checkpoint, bucket, s3):
    s3.fault = lambda method, number: 403 if method == "DELETE" else None
    for number in range(4):
        copier.submit(checkpoint(b"%d" % number))
        assert copier.flush(30)
    assert contents(bucket) == [b"0", b"1", b"2", b"3"]
    assert copier.status()["error"].startswith("old copies are not removed") and copier.status()["failures"] == 0


def test_a_checkpoint_that_is_gone_is_told(copier, files):
    copier.submit(files.folder / "nothing")
    assert "No such file" in copier.status()["error"]


def test_closing_copies_what_waits(copier, checkpoint, bucket):
    copier.submit(checkpoint(b"last"))
    assert copier.close(30) and contents(bucket) == [b"last"]


def test_closing_does_not_wait_longer_than_it_may(copier, checkpoint, s3):
    s3.fault = lambda method, number: "drop"
    copier.submit(checkpoint(b"last"))
    before = time.monotonic()
    assert not copier.close(0.05)
    assert time.monotonic() - before < 3


def test_closing_tries_once_more_and_does_not_sit_out_a_long_pause(copies, checkpoint, bucket, s3):
    """S3 is there again when the worker leaves: its last checkpoint is copied."""
    copier = Copier(copies, 7, first_pause=60.0)
    s3.fault = lambda method, number: 500
    copier.submit(checkpoint(b"last"))
    until(lambda: copier.status()["failures"] == 1)
    s3.reset()
    assert copier.close(30) and contents(bucket) == [b"last"]


def test_what_a_library_raises_does_not_end_the_copying(copier, checkpoint, bucket, monkeypatch):
    raised = []
    put = copying_module.Copies.put

    def broken(self, *arguments):
        if not raised:
            raised.append(1)
            raise RuntimeError("two\nlines")
        put(self, *arguments)

    monkeypatch.setattr(copying_module.Copies, "put", broken)
    copier.submit(checkpoint(b"one"))
    assert copier.flush(30) and contents(bucket) == [b"one"] and raised


def test_a_process_ends_although_a_copy_is_under_way(s3, files, bucket, checkpoint):
    """The thread is a daemon: a worker that has to go in 5 s goes."""
    import subprocess
    import sys

    checkpoint(b"x")
    program = (
        "import sys; from pathlib import Path; from vmesh.checkpoints import *\n"
        "files = Files(Path(sys.argv[1]), 'host', 3)\n"
        "copier = Copier(Copies(sys.argv[2], files), 7)\n"
        "copier.submit(files.checkpoint)\n"
        "print(copier.close(0.5))\n"
    )
    s3.gate.clear()
    words = [sys.executable, "-c", program, files.folder, f"s3://{bucket.name}/run"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "False\n" and done.returncode == 0 and not done.stderr
