"""`vmesh top` and the console on a mesh of real workers that `vmesh up` started."""

import signal

from tests.cli.running import Terminal, children
from tests.vmesh.admin.running import COMMAND
from tests.vmesh.launcher.running import Launcher, gone
from tests.vmesh.top.running import DOWN, Screen


def test_a_mesh_is_watched_a_worker_paused_and_resumed_and_pictures_drawn(monkeypatch, tmp_path):
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path / "run")}
    with Launcher(tmp_path, "--memory", "900M", real=True) as up:
        up.line("takes part", times=2)
        family = children(up.process.pid)
        with Screen(monkeypatch, tmp_path, "top", "--interval", "0.3s", command=COMMAND, settings=runtime) as screen:
            screen.shows("2 of 2 workers")
            screen.shows("2*x")  # what they found
            before = screen.rows[2]
            screen.wait(lambda: screen.rows[2] != before)
            screen.type(DOWN)
            screen.wait(lambda: screen.selected() == "fake/1")
            screen.type("py")
            screen.shows("fake/1: paused")
            screen.shows("1 running, 1 paused")
            screen.resize(140, 40)
            screen.shows("evaluations per second")
            screen.type("ry")
            screen.shows("fake/1: running")
            screen.wait(lambda: "paused" not in screen.rows[0])
            screen.type("q")
            assert screen.finish() == 0 and screen.restored()
        look_in_the_console()
        up.process.send_signal(signal.SIGINT)
        assert up.finish()[0] == 0
        gone(family)


def look_in_the_console():
    """Its pictures are those of what lives."""
    console = Terminal("console")  # in the environment of the program before
    console.read_next("fake/0>")
    console.type("population\r")
    for word in ("living", "age, mean", "█", "size, mean", "energy, mean"):
        console.read_next(word)
    console.read_next("fake/0>")
    console.type("quit\r")
    assert console.finish()[0] == 0
