"""A history survives what happens to files, stays small, and plays back what was."""

import gzip
import logging
import math
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.running import ROOT
from tests.vmesh.watch.feeds import ROW, figures
from vgp.errors import InputError
from vmesh.history import recorder as recording
from vmesh.history.leavings import leavings
from vmesh.history.reader import History, histories
from vmesh.history.recorder import Recorder, opened
from vmesh.history.schema import LARGEST, packed, unpacked
from vmesh.history.thinning import thin
from vmesh.watch.replayed import Replayed


class Worker:
    """What a recorder is given: figures that grow with each look."""

    def __init__(self, name="host/0", began=1000.0, every=5.0):
        self.name, self.time, self.every, self.looks = name, began, every, 0

    def figures(self, known):
        self.looks += 1
        self.time += self.every
        version = f"v{self.looks // 4}"
        row = () if version == known else (ROW,)
        return figures(
            self.name, written=self.time, tick=10 * self.looks, best_loss=1 / self.looks, front_version=version,
            front=row or None, evaluations_per_second=math.nan if self.looks == 1 else 50.0,
        )  # fmt: skip


def recorded(path, rows, worker=None, interval=5.0):
    worker = worker or Worker()
    recorder = Recorder(path, worker.figures, lambda: interval)
    for k in range(rows):
        recorder.advance(k * interval)
    recorder._let_go()
    return worker


def test_rows_come_at_their_interval_and_only_then(tmp_path):
    path = tmp_path / "worker-0.history.sqlite"
    worker = Worker()
    recorder = Recorder(path, worker.figures, lambda: 5.0)
    for now in (0.0, 1.0, 4.9, 5.0, 5.1, 10.0):
        recorder.advance(now)
    assert worker.looks == 3 and recorder.next_timer() == 15.0
    recorder.close()
    assert worker.looks == 4  # the last state, on leaving
    off = Recorder(path, worker.figures, lambda: 0.0)
    off.advance(99.0)
    assert worker.looks == 4 and off.next_timer() == math.inf


def test_what_is_read_is_what_was_told(tmp_path):
    path = tmp_path / "worker-0.history.sqlite"
    recorded(path, 9)
    history = History(path)
    assert history.times == [1005.0 + 5 * k for k in range(9)]
    seen = history.at(1017.0)
    assert (seen.tick, seen.written, seen.name, seen.deaths) == (30, 1015.0, "host/0", {"starved": 3})
    assert seen.front == (ROW,) and seen.age.counts == (60, 30)
    assert history.at(1000.0) is None and history.at(math.inf).tick == 90
    curves = history.curves(3)
    assert curves["tick"] == [30, 60, 90] and curves["best_loss"][-1] == pytest.approx(1 / 9)
    assert history.curves(100)["pace"][:2] == [None, 50.0]
    assert history.curves(100, since=1040.0)["tick"] == [80, 90]
    history.close()


def test_the_same_file_goes_on_in_another_life(tmp_path):
    path = tmp_path / "worker-0.history.sqlite"
    worker = recorded(path, 3)
    recorded(path, 3, worker)
    assert len(History(path).times) == 6


def test_a_worker_that_is_killed_keeps_what_it_wrote(tmp_path):
    path = tmp_path / "worker-0.history.sqlite"
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom tests.vmesh.history.test_history import Worker\n"
        "from vmesh.history.recorder import Recorder\nrecorder = Recorder(Path(sys.argv[1]), Worker().figures, lambda: 5.0)\n"
        "for k in range(7): recorder.advance(5.0 * k)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", program, path], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(History(path).times) == 7
    recorded(path, 1)
    assert len(History(path).times) == 8


def test_old_rows_become_fewer_and_the_newest_stay(tmp_path):
    connection = opened(tmp_path / "worker-0.history.sqlite")
    day, now = 86_400, 100 * 86_400.0
    moments = [now - second for second in range(0, 3 * day, 5)]
    connection.executemany("INSERT INTO figures (time, incarnation, record) VALUES (?, 1, x'00')", [(m,) for m in moments])
    thin(connection, now)
    kept = sorted(now - time for (time,) in connection.execute("SELECT time FROM figures"))
    assert kept[:700] == [5.0 * k for k in range(700)]
    assert len(kept) < 720 + 2880 + 2 * 288 + 10
    assert max(kept) > 3 * day - 400
    before = len(kept)
    thin(connection, now)
    assert connection.execute("SELECT count(*) FROM figures").fetchone()[0] == before
    connection.close()


def test_a_disk_that_is_full_is_told_about_once_and_ends_nothing(tmp_path, monkeypatch, caplog):
    def refuses(path):
        raise sqlite3.OperationalError("database or disk is full")

    worker = Worker()
    recorder = Recorder(tmp_path / "worker-0.history.sqlite", worker.figures, lambda: 5.0)
    with caplog.at_level(logging.WARNING), monkeypatch.context() as patched:
        patched.setattr(recording, "opened", refuses)
        for k in range(100):
            recorder.advance(5.0 * k)
    assert [record.message for record in caplog.records if "disk is full" in record.message] == [caplog.records[0].message]
    recorder.advance(1000.0)
    recorder.close()
    assert len(History(recorder.path).times) == 2


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path, caplog):
    path = tmp_path / "worker-0.history.sqlite"
    path.write_bytes(b"this is no database at all, however long it may be" * 100)
    with caplog.at_level(logging.WARNING):
        recorded(path, 2)
    assert "damaged" in caplog.text
    assert len(History(path).times) == 2
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "worker-0.history.sqlite"
    worker = Worker()
    recorder = Recorder(path, worker.figures, lambda: 5.0)
    for k in range(40):
        recorder.advance(5.0 * k)
    recorder.close()
    return path.read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 1 << 20), changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=30))
def test_damaged_files_are_read_or_refused_in_one_line(tmp_path, whole, cut, changes):
    content = bytearray(whole[: max(len(whole) - cut, 0)] if cut < len(whole) else whole)
    for place, byte in changes:
        if content:
            content[place % len(content)] = byte
    path = tmp_path / "worker-0.history.sqlite"
    path.write_bytes(content)
    try:
        history = History(path)
    except InputError as error:
        assert "\n" not in str(error)
        return
    history.at(math.inf)
    history.at(1100.0)
    history.curves(10)
    history.close()


@given(st.binary(max_size=200))
def test_bytes_that_nobody_packed_are_nothing(blob):
    assert unpacked(blob) is None or blob


def test_a_record_that_would_fill_the_memory_is_refused():
    assert unpacked(packed("x" * 1000)) == "x" * 1000
    assert unpacked(packed("x" * (LARGEST + 1))) is None
    assert unpacked(None) is None


def run_of(folder, workers=3):
    for k in range(workers):
        recorded(folder / f"worker-{k}.history.sqlite", 10 + k, Worker(f"host/{k}", 1000.0 + 100 * k))


def test_a_run_is_seen_at_its_end_and_at_any_moment(tmp_path):
    run_of(tmp_path)
    run = Replayed(tmp_path)
    assert (run.began, run.ended) == (1005.0, 1260.0)
    view = run.look()
    assert list(view.workers) == ["host/0", "host/1", "host/2"]
    assert "ended" in view.workers["host/0"].silent and not view.workers["host/2"].silent
    assert view.front[0].row.formula == ROW.formula and view.front[0].row.chosen
    early = run.at(1020.0)
    assert list(early.workers) == ["host/0"] and early.silent == {"host/1": "had not begun", "host/2": "had not begun"}
    assert set(run.past(5).curves) == set(view.workers) and len(run.past(5).curves["host/0"].time) == 5
    with pytest.raises(InputError, match="has ended"):
        run.do("pause", {}, None)
    run.close()


def test_copies_count_once_and_what_is_damaged_is_left_out(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    recorded(tmp_path / "a" / "worker-0.history.sqlite", 5)
    recorded(tmp_path / "b" / "worker-0.history.sqlite", 9)
    (tmp_path / "worker-1.history.sqlite").write_bytes(b"nothing")
    assert len(histories(tmp_path)) == 3
    run = Replayed(tmp_path)
    assert run.look().workers["host/0"].figures.tick == 90
    assert len(run.problems) == 1
    run.close()


def test_a_folder_without_histories_is_told_about(tmp_path):
    with pytest.raises(InputError, match="holds no history"):
        Replayed(tmp_path)
    with pytest.raises(InputError, match="holds no history"):
        Replayed(tmp_path / "nowhere")
    (tmp_path / "worker-0.history.sqlite").write_bytes(b"")
    with pytest.raises(InputError, match="is no history"):
        Replayed(tmp_path)


def test_what_a_killed_worker_left_is_one_file_with_all_its_rows(tmp_path, caplog):
    path = tmp_path / "worker-0.history.sqlite"
    script = (
        "import os, sys; from pathlib import Path; from tests.vmesh.history.test_history import Worker; "
        "from vmesh.history.recorder import Recorder; w = Worker(); r = Recorder(Path(sys.argv[1]), w.figures, lambda: 5.0); "
        "[r.advance(k * 5.0) for k in range(7)]; os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL and path.with_name(f"{path.name}-wal").stat().st_size > 0
    (tmp_path / "worker-1.history.sqlite").write_bytes(b"nonsense")
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    [(name, content)] = leavings(tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before
    assert "worker-1.history.sqlite is not sent" in caplog.text
    came = tmp_path / "there" / name
    came.parent.mkdir()
    came.write_bytes(gzip.decompress(content))
    history = History(came)
    assert len(history.times) == 7
    history.close()
    assert [one.name for one in came.parent.iterdir()] == [name]
