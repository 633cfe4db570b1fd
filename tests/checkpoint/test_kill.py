"""A writer killed at any system call leaves the old checkpoint or the new one, whole; one that cannot write says so."""

import re
from itertools import count

import pytest

from tests.checkpoint import strace
from vgp.atomic_file import atomic_write
from vgp.checkpoint_file import newest_valid, read_checkpoint, write_checkpoint
from vgp.errors import CheckpointError

UNAVAILABLE = strace.unavailable()
pytestmark = pytest.mark.skipif(bool(UNAVAILABLE), reason=UNAVAILABLE)

OLDER, OLD, NEW = b"older", b"old" * 1000, b"new" * 1_000_000
AFTER_THE_WRITE = {"exit_group", "restart_syscall"}


def save(path, report):
    write_checkpoint(path, {"parameters": b"{}", "state": (NEW[:1_500_000], NEW[1_500_000:])})


def save_model(path, report):
    atomic_write(path, NEW)


def prepared(folder):
    """Two generations of checkpoints, and a temporary file of a writer that died earlier."""
    folder.mkdir()
    path = folder / "island.ckpt"
    write_checkpoint(path, {"state": OLDER})
    write_checkpoint(path, {"state": OLD})
    (folder / ".island.ckpt.0123456789abcdef.tmp").write_bytes(b"half")
    return path


def calls_of(write, folder):
    """Names of the system calls that a complete write makes."""
    outcome = strace.run_under(write, (prepared(folder), folder / "report"), folder.parent / "calls.log")
    assert outcome.exit_code == 0
    assert {"write", "fsync", "openat"} <= outcome.calls
    return sorted(outcome.calls - AFTER_THE_WRITE)


def state(path):
    return bytes(read_checkpoint(path)["state"])


def check_after_kill(path):
    assert state(path) in (OLD, NEW)
    assert state(path.with_name("island.ckpt.1")) in ((OLDER, OLD) if state(path) == NEW else (OLDER,))
    assert not newest_valid(path).damaged


def check_next_write(path):
    """Whatever the dead writer left, the next one works, and leaves no other file than the two."""
    write_checkpoint(path, {"state": b"next"})
    assert newest_valid(path).path == str(path)
    assert sorted(file.name for file in path.parent.iterdir()) == ["island.ckpt", "island.ckpt.1"]


def test_killed_at_every_system_call(tmp_path):
    kills = 0
    seen = set()
    for call in calls_of(save, tmp_path / "whole"):
        for number in count(1):
            folder = tmp_path / f"{call}-{number}"
            path = prepared(folder)
            inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
            outcome = strace.run_under(save, (path, folder / "report"), tmp_path / "log", *inject)
            if outcome.exit_code == 0:
                break
            assert outcome.exit_code == strace.KILLED
            kills += 1
            check_after_kill(path)
            seen.add(state(path))
            check_next_write(path)
    assert seen == {OLD, NEW}
    assert kills > 20, "the write makes more system calls than that"


def test_a_model_killed_at_every_system_call(tmp_path):
    seen = set()
    for call in calls_of(save_model, tmp_path / "whole"):
        for number in count(1):
            (tmp_path / f"{call}-{number}").mkdir()
            path = tmp_path / f"{call}-{number}" / "model"
            path.write_bytes(OLD)
            inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
            outcome = strace.run_under(save_model, (path, tmp_path / "report"), tmp_path / "log", *inject)
            if outcome.exit_code == 0:
                break
            seen.add(path.read_bytes())
    assert seen == {OLD, NEW}


@pytest.mark.parametrize("call", ["write", "fsync", "rename", "link", "openat", "flock", "unlink"])
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_failing_disk_is_said_and_costs_no_checkpoint(tmp_path, call, error):
    failures = 0
    for number in count(1):
        folder = tmp_path / str(number)
        path = prepared(folder)
        report = tmp_path / "report"
        report.unlink(missing_ok=True)
        inject = ["-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={number}"]
        outcome = strace.run_under(save, (path, report), tmp_path / "log", *inject)
        if not outcome.injected:
            break
        check_after_failure(path, outcome, report, error)
        failures += outcome.exit_code == strace.FAILED
        check_next_write(path)
    assert failures or call in ("flock", "unlink"), "locks and clean-up may fail in silence, nothing else"


def check_after_failure(path, outcome, report, error):
    assert outcome.exit_code in (0, strace.FAILED)
    assert state(path) in (OLD, NEW)
    assert not newest_valid(path).damaged
    if outcome.exit_code == strace.FAILED:
        text = report.read_text()
        assert text.startswith(f"{CheckpointError.__name__}: {path}: ")
        assert text.count("\n") == 1
        assert ("No space left on device; free some space" if error == "ENOSPC" else "Input/output error") in text


def test_without_hard_links_the_one_before_is_kept_too(tmp_path):
    path = prepared(tmp_path / "a")
    inject = ["-e", "trace=link,linkat", "-e", "inject=link,linkat:error=EPERM"]
    outcome = strace.run_under(save, (path, tmp_path / "report"), tmp_path / "log", *inject)
    assert outcome.exit_code == 0
    assert outcome.injected
    assert (state(path), state(path.with_name("island.ckpt.1"))) == (NEW, OLD)


def test_data_reach_the_disk_before_the_name_and_the_name_before_the_end(tmp_path):
    """What a kill cannot show, a power cut would: file synced, renamed, folder synced, only then the old one renamed."""
    path = prepared(tmp_path / "a")
    log = tmp_path / "log"
    assert strace.run_under(save, (path, tmp_path / "report"), log, "-y", "-e", "trace=write,fsync,rename").exit_code == 0
    calls = [re.sub(r"\.[0-9a-f]{16}\.tmp", ".NEW", line) for line in log.read_text().splitlines() if str(path.parent) in line]
    folder = re.escape(str(path.parent))
    phases = [
        rf"fsync\(\d+<{folder}/\.island\.ckpt\.NEW>",
        rf'rename\("{folder}/\.island\.ckpt\.NEW", "{folder}/island\.ckpt"\)',
        rf"fsync\(\d+<{folder}>",
        rf'rename\("{folder}/\.island\.ckpt\.NEW", "{folder}/island\.ckpt\.1"\)',
        rf"fsync\(\d+<{folder}>",
    ]
    after_the_data = calls[next(i for i, line in enumerate(calls) if line.startswith("fsync")) :]
    assert len(after_the_data) == len(phases), after_the_data
    for line, phase in zip(after_the_data, phases, strict=True):
        assert re.match(phase, line), (line, phase)
