"""A disk without room: workers go on, say so, and keep checkpoints again as soon as there is room."""

import contextlib
import os
import resource
import shutil
import subprocess

import pytest

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, fronts, shared
from tests.vmesh.mesh.workers import Worker, eventually

SMALL = ("--set", "vgp.population_size=5000", "--set", "vgp.births_per_tick=200", "--set", "worker.checkpoint_interval=0.2")
LOG = 64 << 10  # bytes that a file may have while a worker is at its limit: its log, but no checkpoint


@contextlib.contextmanager
def small_disk(folder):
    """A file system of a few megabytes; skips where this user may not mount one."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "vmesh-test", folder], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(path):
    """Until there is no room."""
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def kept(worker):
    """Once it has kept something after this moment; its checkpoint's status."""
    began = worker.ask("status")["uptime"]

    def fresh():
        status = worker.ask("status")
        checkpoint = status["checkpoint"]
        newer = checkpoint["age"] is not None and checkpoint["age"] < status["uptime"] - began
        return newer and not checkpoint["error"] and checkpoint

    return eventually(fresh)


def says_so(worker, words):
    error = eventually(lambda: worker.ask("status")["checkpoint"]["error"])
    assert words in error and f"worker-{worker.index}.checkpoint" in error and "\n" not in error
    eventually(lambda: f"checkpoint: {error}" in worker.log())
    assert "Traceback" not in worker.log()


def test_workers_go_on_without_room_and_keep_checkpoints_again_when_there_is_some(tmp_path):
    """One is at the limit of a file's size, the other one's file system is full."""
    away = ("--set", f"worker.cache={tmp_path / 'cache'}")
    with contextlib.ExitStack() as held:
        disk = held.enter_context(small_disk(tmp_path / "disk"))
        limited = held.enter_context(Worker(tmp_path / "limited", 0, options=(*SMALL, *away)).wait_ready())
        full = held.enter_context(Worker(disk, 1, [limited.address], options=(*SMALL, *away)).wait_ready())
        both = [limited, full]
        for worker in both:
            kept(worker)
        shared(both)
        before = fronts(both)
        _, hard = resource.prlimit(limited.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(limited.process.pid, resource.RLIMIT_FSIZE, (LOG, hard))
        fill(disk / "filler")
        says_so(limited, "cannot be written: File too large")
        assert "No space left" in eventually(lambda: full.ask("status")["checkpoint"]["error"])
        assert_goes_on(both)
        assert_no_worse(fronts(both), before)
        assert not list(disk.glob(".*.tmp")) and not list((tmp_path / "limited").glob(".*.tmp"))

        family = processes.family(full.process.pid)
        full.kill()
        processes.gone(family)
        with Worker(disk, 1, [limited.address], options=(*SMALL, *away)) as again:  # from the checkpoint before, without room
            again.wait_ready()
            assert again.ask("status")["tick"] > 0
            assert_goes_on([limited, again])
            os.unlink(disk / "filler")
            resource.prlimit(limited.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
            for worker in (limited, again):
                assert kept(worker)["path"].endswith(".checkpoint")
            assert_no_worse(fronts([limited, again]), before)
            fill(disk / "filler")
            assert again.terminate() == 0  # leaving is no failure even where nothing can be kept
        assert shutil.disk_usage(disk).free < 1 << 20
