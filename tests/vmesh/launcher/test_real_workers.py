"""`vmesh up` as its user runs it: real workers, a real table, and the same promises."""

import os
import signal

from tests.cli.running import children
from tests.vmesh.launcher.running import Launcher, gone, wait_for
from vgp.model import Model


def family(pid):
    """A launcher's workers and their sandboxes."""
    workers = children(pid)
    return workers, [child for worker in workers for child in children(worker)]


def whole(up):
    """Waits until both workers evolve; gives all processes."""
    up.line("takes part", times=2)
    wait_for(lambda: len(family(up.process.pid)[1]) == 2)
    return family(up.process.pid)


def test_a_killed_worker_comes_back_and_the_front_is_printed_at_the_end(tmp_path):
    words = ("--checkpoint-dir", "state", "--save", "model.json", "--memory", "900M", "--set", "worker.checkpoint_interval=100ms")
    kept = [tmp_path / "state" / f"worker-{i}.checkpoint" for i in (0, 1)]
    with Launcher(tmp_path, *words, real=True) as up:
        workers, sandboxes = whole(up)
        wait_for(lambda: all(path.exists() for path in kept))
        os.kill(workers[0], signal.SIGKILL)
        up.line("was killed by SIGKILL")
        up.line("resumed")
        up.line("takes part")
        now = [pid for pids in family(up.process.pid) for pid in pids]
        up.process.send_signal(signal.SIGTERM)
        status, out, said = up.finish()
        assert status == 0, said
        assert "y = 2*x" in out, out
        gone([*workers, *sandboxes, *now])
    assert not any("Traceback" in line for line in said)
    assert Model.load(tmp_path / "model.json").target == "y"
    assert (tmp_path / "state" / "front.json").exists() and all(path.exists() for path in kept)


def test_kill_9_of_the_launcher_leaves_no_worker_and_no_sandbox(tmp_path):
    with Launcher(tmp_path, real=True) as up:
        workers, sandboxes = whole(up)
        up.process.kill()
        gone([*workers, *sandboxes])


def test_a_column_that_is_not_there_is_one_line(tmp_path):
    with Launcher(tmp_path, "--quiet", "--drop", "z", real=True) as up:
        status, out, said = up.finish()
    assert (status, out) == (2, "")
    assert len(said) == 1 and said[0].startswith("vmesh: ") and "'z'" in said[0]


def test_two_meshes_beside_each_other_take_different_ports(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    words = ("--set", "network.port=17100")
    with Launcher(folders[0], *words, real=True) as first:
        first.line("takes part", times=2)
        with Launcher(folders[1], *words, real=True) as second:
            second.line("is taken; the next free ones begin at")
            second.line("takes part", times=2)
            for up in (first, second):
                up.process.send_signal(signal.SIGINT)
                assert up.finish()[0] == 0
