"""`vmesh up` looks after its workers whatever they do, and leaves none behind."""

import base64
import contextlib
import json
import os
import pty
import signal
import socket
import time

import pytest

from tests.cli.running import alive
from tests.vmesh.launcher.running import Launcher, gone, wait_for
from vgp.formula import parse
from vgp.genome import encode_bundle
from vgp.layout import batch
from vgp.model import Model
from vmesh.launcher.stop_signals import SAME_REQUEST


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["INT", "TERM", "HUP"])
def test_a_signal_lets_all_leave_and_is_no_failure(tmp_path, number):
    with Launcher(tmp_path) as up:
        up.line("takes part", times=2)
        up.process.send_signal(number)
        status, _, said = up.finish()
        assert status == 0, said
        assert (tmp_path / "0.left").exists() and (tmp_path / "1.left").exists()
        gone(up.processes())
    assert not any("Traceback" in line for line in said)
    assert list((tmp_path / "run" / "vmesh").glob("*.json")) == []


def test_a_killed_worker_is_started_again_and_the_others_do_not_notice(tmp_path):
    with Launcher(tmp_path) as up:
        up.line("takes part", times=2)
        victim, other = up.lives(0)[0]["pid"], up.lives(1)[0]["pid"]
        os.kill(victim, signal.SIGKILL)
        up.line("fake/0 was killed by SIGKILL")
        up.line("fake/0 takes part")
        assert [life["pid"] for life in up.lives(1)] == [other] and alive(other)
        assert len(up.lives(0)) == 2
        assert "127.0.0.1:20002" in up.lives(0)[1]["words"][up.lives(0)[1]["words"].index("--seeds") + 1]


def test_one_that_keeps_dying_is_given_up_and_the_others_go_on(tmp_path):
    with Launcher(tmp_path, "--set", "launcher.restarts=3", workers=3, fake={1: ["fail"]}) as up:
        line = up.line("is given up")
        assert "fake/1" in line and "4 times" in line and "the sandbox cannot be started" in line
        assert len(up.lives(1)) == 4
        assert all(alive(up.lives(i)[0]["pid"]) for i in (0, 2))
        up.process.send_signal(signal.SIGTERM)
        assert up.finish()[0] == 0


def test_from_the_second_life_on_it_is_well(tmp_path):
    with Launcher(tmp_path, workers=1, fake={0: ["die", "fail", "run"]}) as up:
        up.line("takes part", times=2)
        assert len(up.lives(0)) == 3
        up.process.send_signal(signal.SIGINT)
        assert up.finish()[0] == 0


def test_when_all_are_given_up_it_fails_and_says_so(tmp_path):
    with Launcher(tmp_path, "--set", "launcher.restarts=1", fake={0: ["die"], 1: ["die"]}) as up:
        status, _, said = up.finish()
        assert status == 1
        assert sum("is given up" in line for line in said) == 2


def test_what_no_worker_can_work_with_is_said_once_and_not_tried_again(tmp_path):
    with Launcher(tmp_path, "--quiet", workers=3, fake={i: ["refuse"] for i in range(3)}) as up:
        status, _, said = up.finish()
        assert status == 2
        assert sum("there is no column 'z'" in line for line in said) == 1
        assert all(len(up.lives(i)) <= 1 for i in range(3))
        gone(up.processes())


WRONG = (("--set", "exchange.topology=star"), ("--set", "network.bind=0.0.0.0"), ("--memory", "1"))


@pytest.mark.parametrize("words", WRONG, ids=lambda words: words[-1])
def test_wrong_input_is_one_line_before_any_worker(tmp_path, words):
    with Launcher(tmp_path, "--quiet", *words) as up:
        status, out, said = up.finish()
    assert (status, out, len(said)) == (2, "", 1), said
    assert said[0].startswith("vmesh: ")
    assert up.processes() == []


def test_one_that_hangs_is_killed_with_all_it_started(tmp_path):
    with Launcher(tmp_path, "--set", "launcher.stop_time=1s", fake={0: ["hang"]}) as up:
        up.line("takes part", times=2)
        up.process.send_signal(signal.SIGTERM)
        up.line("fake/0 did not leave")
        assert up.finish()[0] == 0
        assert len(up.processes()) == 3
        gone(up.processes())


def test_by_default_workers_that_hang_are_killed_in_time_to_be_gone_after_5_seconds(tmp_path):
    """What follows the kill takes tens of milliseconds; the limit here is wider only for a machine that does much else."""
    with Launcher(tmp_path, fake={0: ["hang"], 1: ["hang"]}) as up:
        up.line("takes part", times=2)
        began = time.monotonic()
        up.process.send_signal(signal.SIGTERM)
        up.line("did not leave within 4 s", times=2)
        assert up.finish()[0] == 0
        assert time.monotonic() - began < 15.0


def test_a_second_ctrl_c_ends_at_once(tmp_path):
    with Launcher(tmp_path, "--set", "launcher.stop_time=10m", fake={0: ["hang"]}) as up:
        up.line("takes part", times=2)
        up.process.send_signal(signal.SIGINT)
        wait_for((tmp_path / "1.left").exists)
        time.sleep(SAME_REQUEST)  # within it the second one is taken for the first
        up.process.send_signal(signal.SIGINT)
        assert up.finish()[0] == 130
        gone(up.processes())


def test_kill_9_of_the_launcher_leaves_no_process(tmp_path):
    with Launcher(tmp_path, fake={0: ["hang"]}) as up:
        up.line("takes part", times=2)
        up.process.kill()
        gone([life["pid"] for i in (0, 1) for life in up.lives(i)])
        os.kill(up.lives(0)[0]["child"], signal.SIGKILL)  # a real worker's sandbox dies with the worker


def test_one_that_takes_too_much_memory_dies_alone(tmp_path):
    with Launcher(tmp_path, fake={0: ["grow", "run"]}) as up:
        line = up.line("is started again")
        assert "fake/0 ended with status 1: out of memory" in line
        up.line("fake/0 takes part")
        wait_for(lambda: up.lives(1))  # which may be slower to start
        assert len(up.lives(1)) == 1


def test_one_that_left_on_purpose_stays_away_and_the_last_one_ends_the_run(tmp_path):
    with Launcher(tmp_path, fake={0: ["leave"], 1: ["leave"]}) as up:
        status, _, said = up.finish()
        assert status == 0
        assert sum("left the mesh" in line for line in said) == 2
        assert len(up.lives(0)) == len(up.lives(1)) == 1


def test_the_given_time_ends_a_run_and_the_best_front_is_saved_and_printed(tmp_path):
    """Also of a worker that hangs at the end: what it had told before counts."""
    row = {"size": 1, "loss": 0.0, "r2": 1.0, "formula": "2 * x", "slope": 2.0, "intercept": 0.0}
    row["record"] = base64.b64encode(encode_bundle(*batch([parse("x", ("x",))]))).decode()
    (tmp_path / "0.front.json").write_text(json.dumps([row]))
    status = {"evaluations": 1000, "evaluations_per_second": 10.0, "best_loss": 0.0, "data": {"version": 0}}
    (tmp_path / "0.status.json").write_text(json.dumps(status))
    words = ("--seconds", "1", "--save", "model.json", "--set", "launcher.stop_time=200ms")
    with Launcher(tmp_path, *words, fake={0: ["hang"]}) as up:
        code, out, said = up.finish()
        assert code == 0, said
        assert "y = 2 * x" in out or "y = 2*x" in out, out
        assert "1k evaluations" in said[-2], said
    model = Model.load(tmp_path / "model.json")
    assert [entry.loss for entry in model.entries] == [0.0]


def test_the_memory_ports_and_folder_are_shown(tmp_path):
    with Launcher(tmp_path, "--memory", "1G", "--checkpoint-dir", tmp_path / "state") as up:
        line = up.line("of memory each")
        assert "2 workers" in line and "512 MiB" in line and "state" in line
        up.line("takes part", times=2)
        assert f"worker.memory={512 << 20}" in up.lives(0)[0]["words"]


def test_workers_hear_nothing_of_the_launchers_environment(tmp_path):
    environment = {"VMESH_EXCHANGE_INTERVAL": "3s", "NOTIFY_SOCKET": "@nobody", "WATCHDOG_USEC": "1000000"}
    with Launcher(tmp_path, workers=1, environment=environment) as up:
        up.line("takes part")
        life = up.lives(0)[0]
    assert "exchange.interval=3.0" in life["words"]
    assert not {name for name in life["environment"] if name.startswith(("VMESH_", "NOTIFY", "WATCHDOG"))}
    assert life["environment"]["MALLOC_ARENA_MAX"] == "2"


def test_its_administrators_find_the_mesh_while_it_runs(tmp_path):
    with Launcher(tmp_path) as up:
        up.line("takes part", times=2)
        folder = tmp_path / "run" / "vmesh"
        wait_for(lambda: ["0", "1"] in [json.loads(path.read_text())["admin_addresses"] for path in folder.glob("*.json")])


def test_systemd_hears_when_it_is_ready_alive_and_stopping(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"}
        with Launcher(tmp_path, environment=environment, fake={1: ["die", "run"]}) as up:
            heard = []
            while heard.count(b"WATCHDOG=1") < 3 or b"READY=1" not in heard:
                heard.append(manager.recv(1000))
            assert any(message.startswith(b"STATUS=") and b"of 2 workers" in message for message in heard)
            assert len(up.lives(1)) == 2, "ready before all workers took part"
            up.process.send_signal(signal.SIGTERM)
            while heard[-1] != b"STOPPING=1":
                heard.append(manager.recv(1000))
            assert up.finish()[0] == 0


def test_ctrl_c_typed_on_a_terminal_reaches_only_the_launcher(tmp_path, monkeypatch):
    """A worker that got the signal itself would be gone before it was asked to leave."""
    up = Launcher(tmp_path, "--save", "model.json")
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execve(up.words[0], up.words, {**up.environment, "TERM": "xterm", "COLUMNS": "120"})
    shown = b""
    while b"Ctrl-C ends the mesh" not in shown or shown.count(b"takes part") < 2:
        shown += os.read(fd, 1 << 16)
    os.write(fd, b"\x03")
    with contextlib.suppress(OSError):  # how a terminal says that its other end is closed
        while piece := os.read(fd, 1 << 16):
            shown += piece
    os.close(fd)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, shown
    assert (tmp_path / "0.left").exists() and (tmp_path / "1.left").exists()
    assert b"Traceback" not in shown and b"killed" not in shown
