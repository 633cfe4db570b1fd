"""The console: on a terminal with completion, history, Ctrl-C and Ctrl-D; through a pipe; and what it would complete."""

import time

import pytest

from tests.vmesh.admin.fakes import hall_of
from tests.vmesh.admin.running import terminal, vmesh
from vmesh.admin.completion import completions

WORKERS = {"host/0": "a:1", "host/1": "a:2"}


@pytest.fixture
def hall():
    with hall_of(4) as hall:
        yield hall


def completed(before):
    return completions(before, WORKERS)[0]


def test_what_is_completed():
    assert completed("sta") == ["status"]
    assert completed("all sta") == ["status"]
    assert completed("all") == ["all"]
    assert completed("help log") == ["log-level"]
    assert completed("use ") == ["host/0", "host/1"]
    assert completed("migrate host/0 host/") == ["host/0", "host/1"]
    assert completed("log-level w") == ["warning"]
    assert completed("export b") == ["best"]
    assert completed("export best --o") == ["--out"]
    assert completed("parameters exchange.int") == ["exchange.interval", "exchange.interval="]
    assert completed("parameters --set vgp.loss") == ["vgp.loss="]
    assert completed("parameters network.po") == ["network.port"]  # it can be shown, and not set
    assert completed("nonsense ") == completed("status x y") == []  # nothing to add
    assert set(completed("")) >= {"status", "shutdown", "help", "use", "all", "quit"}


def test_files_are_completed(tmp_path):
    (tmp_path / "one.record").touch()
    (tmp_path / "folder").mkdir()
    assert completed(f"inject --record {tmp_path}/") == [f"{tmp_path}/folder/", f"{tmp_path}/one.record"]
    assert completed("inject --record /no/such/") == []


def test_through_a_pipe(hall, tmp_path):
    script = "# a comment\n\npause\nuse host/2\nadvance 1\nall best\nhelp advance\nuse\n"
    result = vmesh(tmp_path, "console", hall.addresses[0], input=script)
    assert (result.returncode, result.stderr) == (0, "")
    assert hall.nodes[0].told == ["pause"]
    assert hall.nodes[2].told == [("advance", 1)]
    assert [line.split()[0] for line in result.stdout.splitlines()[2:7]] == ["worker", "host/0", "host/1", "host/2", "host/3"]
    assert "Runs a number of ticks" in result.stdout
    assert f"> host/2  {hall.addresses[2]}" in result.stdout


def test_through_a_pipe_it_goes_on_after_errors_and_tells_by_its_status(hall, tmp_path):
    result = vmesh(tmp_path, "console", hall.addresses[0], input="statsu\ncheckpoint\nuse nobody\nadvance x\nresume\nquit\npause\n")
    assert result.returncode == 2
    assert hall.nodes[0].told == ["resume"]
    lines = result.stderr.splitlines()
    assert len(lines) == 4
    assert lines[0] == "vmesh: there is no command 'statsu'; did you mean 'status'?"
    assert lines[1] == "vmesh: host/0: the disk is full"


def test_nobody_to_talk_to(tmp_path):
    result = vmesh(tmp_path, "console", "127.0.0.1:1", input="status\n")
    assert (result.returncode, result.stderr) == (1, "vmesh: nothing answers at 127.0.0.1:1; is a worker running there?\n")


def test_on_a_terminal(hall, tmp_path, monkeypatch):
    console = terminal(monkeypatch, tmp_path, "console", hall.addresses[0])
    console.read_next("host/0>")
    console.type("help adv\t")
    console.read_next("ance")  # only what is new of a line is drawn
    console.type("\r")
    console.read_next("Runs a number of ticks")
    console.read_next("host/0>")
    console.type("log-level warn\t")
    console.read_next("ing")
    console.type("\r")
    console.read_next("logs warning and above")
    console.read_next("host/0>")
    console.type("nonsense\x03")  # Ctrl-C drops the line
    console.read_next("host/0>")
    console.type("advance 1\r")
    console.read_until("tick 8")
    console.type("\x1b[A\r")  # the line before again
    wait_for(lambda: hall.nodes[0].told.count(("advance", 1)) == 2)
    console.type("advance 50\r")
    wait_for(lambda: len(hall.nodes[0].advancing) == 3)
    console.type("\x03")  # Ctrl-C drops the waiting
    console.read_until("interrupted; what the worker has begun goes on")
    console.type("use host/3\r")
    console.read_until("host/3>")
    console.type("\x04")  # Ctrl-D
    status, shown = console.finish()
    assert status == 0
    assert "Traceback" not in shown
    assert ("log", "warning") in hall.nodes[0].told
    history = tmp_path / "state" / "vmesh" / "console-history"
    assert history.stat().st_mode & 0o077 == 0
    assert "+log-level warning" in history.read_text()


def test_history_is_kept_for_the_next_console(hall, tmp_path, monkeypatch):
    for keys in ("log-level error\r", "\x1b[A\x1b[A\r"):  # the second console goes up past quit
        console = terminal(monkeypatch, tmp_path, "console", hall.addresses[0])
        console.read_until("host/0>")
        console.type(keys)
        console.read_until("logs error and above")
        console.type("quit\r")
        assert console.finish()[0] == 0
    assert hall.nodes[0].told.count(("log", "error")) == 2


def test_a_history_that_cannot_be_written_is_no_obstacle(hall, tmp_path, monkeypatch):
    (tmp_path / "state").write_text("a file where a folder should be")
    console = terminal(monkeypatch, tmp_path, "console", hall.addresses[0])
    console.read_until("host/0>")
    console.type("pause\r")
    console.read_until("host/0: paused")
    console.seen = console.seen.partition(b"host/0: paused")[2]
    console.read_until("host/0>")  # before the prompt is back Ctrl-D would be nobody's
    console.type("\x04")
    assert console.finish()[0] == 0


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
