"""Ctrl-C and its like end a run at once, print and save the best so far, and leave nothing behind."""

import json
import re
import signal
import time

import pytest

from tests.cli.running import FIT, Terminal, alive, children, start, vgp

LONG = (*FIT, "--seconds", "600")


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def evolving(process):
    """Waits until the sandbox runs, and a little more."""
    wait_for(lambda: children(process.pid) or process.poll() is not None)
    time.sleep(0.5)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
def test_signal_on_a_pipe(tmp_path, number, status):
    model = tmp_path / "model.json"
    process = start(*LONG, "--save", model, cwd=tmp_path)
    evolving(process)
    workers = children(process.pid)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == status, err
    assert "orbital_period_days = " in out
    assert "Traceback" not in err
    assert vgp("show", model).returncode == 0
    wait_for(lambda: not any(map(alive, workers)))


def test_ctrl_c_typed_on_a_terminal_twice(tmp_path):
    model = tmp_path / "model.json"
    terminal = Terminal(*LONG, "--save", model)
    shown = terminal.read_until("evaluations/s")
    assert "best loss" in shown and "left" in shown and "R2" in shown
    workers = children(terminal.pid)
    assert workers
    terminal.type("\x03\x03")
    status, shown = terminal.finish()
    assert status == 130, shown
    assert "orbital_period_days = " in shown
    assert "Traceback" not in shown
    assert json.loads(model.read_text())["format"] == "vgp model"
    wait_for(lambda: not any(map(alive, workers)))


def test_two_populations_stop_as_well(tmp_path):
    process = start(*LONG, "--jobs", "2", "--quiet")
    evolving(process)
    workers = children(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "orbital_period_days = " in out
    wait_for(lambda: not any(map(alive, workers)))


@pytest.mark.parametrize("delay", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8])
def test_a_signal_at_any_moment_leaves_no_traceback_and_no_data(tmp_path, delay):
    process = start(*LONG, "--quiet", environment={"TMPDIR": str(tmp_path)})
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    # while Python and then vgp's modules load, the signal simply ends the process; Python may complain, vgp never
    starting = "init_import_site" in err  # of Python itself: it says so, and ends with a status of its own
    assert process.returncode in (130, -signal.SIGINT) or starting, err
    beyond_loading = re.search(r'vgp/cli/(?!__init__\.py", line \d+, in <module>)', err)
    assert "Traceback" not in err or not beyond_loading, err
    assert list(tmp_path.iterdir()) == []
