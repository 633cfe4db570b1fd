"""The console: on a terminal with completion, history, Ctrl-C and Ctrl-D; through a pipe; and what it would complete."""

import time

import pytest

from tests.vmesh.admin.fakes import hall_of
from tests.vmesh.admin.running import terminal, vmesh
from vmesh.admin.arguments import checked
from vmesh.admin.commands import COMMANDS
from vmesh.admin.completion import completions
from vmesh.admin.manuals import EXAMPLES, OWN, help_text, known
from vmesh.admin.words import parse, split

WORKERS = {"host/0": "a:1", "host/1": "a:2"}


@pytest.fixture
def hall():
    with hall_of(4) as hall:
        yield hall


def completed(before, settings=None):
    return [one.word for one in completions(before, WORKERS, settings)[0]]


def meanings(before, settings=None):
    return {one.word: one.meaning for one in completions(before, WORKERS, settings)[0]}


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
    assert set(completed("")) >= {"status", "shutdown", "help", "use", "all", "quit", "chart", "watch", "population"}
    assert completed("watch pau") == [] and completed("watch sta") == completed("watch 5 sta") == ["status"]  # nothing that changes
    assert completed("watch all fro") == ["front"]
    assert completed("chart ") == ["loss", "pace", "living"]


def test_values_of_settings_are_completed():
    """The words that one takes, or the value that it has and its default."""
    assert completed("parameters exchange.topology=r") == ["exchange.topology=random", "exchange.topology=ring"]
    assert meanings("all parameters --set topology=ra", {"exchange.topology": "random"}) == {"topology=random": "now"}
    now = meanings("parameters exchange.interval=", {"exchange.interval": 2.5})
    assert list(now) == ["exchange.interval=2.5", "exchange.interval=1"]
    assert now["exchange.interval=2.5"].startswith("now s; between two emigrations")
    assert completed("parameters nonsense=") == [] == completed("parameters interval_x=1")


def test_what_is_completed_is_explained():
    assert meanings("adv") == {"advance": "Run a number of ticks."}
    assert meanings("use host/1") == {"host/1": "a:2"}
    assert meanings("parameters exchange.int", {"exchange.interval": 2.5})["exchange.interval"].startswith("2.5 s: between two")
    assert "fixed at the start" in meanings("parameters network.po")["network.port"]
    assert meanings("export best --o") == {"--out": "write the record to this file"}
    assert all(meanings("").values())  # no command without a word about it


@pytest.mark.parametrize("name", [*COMMANDS, *OWN])
def test_help_explains_every_command(name):
    told = help_text(name)
    assert told.startswith(name)
    for argument in COMMANDS[name].ARGUMENTS if name in COMMANDS else ():
        assert argument.doc in told
    if name in COMMANDS:
        assert ("It changes the worker." in told) == COMMANDS[name].CHANGES
        assert ("as long as it needs" in told) == COMMANDS[name].SLOW
        assert "For example:" in told and name in help_text(None)


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_examples_of_the_manual_can_be_typed(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "best.record").write_bytes(b"something")
    words = split(line)
    name, *rest = words[1:] if words[0] == "all" else words
    sent, kept = parse(known(name), [word for word in rest if word not in ("--all", "--json")])
    assert checked(known(name).ARGUMENTS, sent) is not None and isinstance(kept, dict)


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


def test_pictures_through_a_pipe(hall, tmp_path):
    result = vmesh(tmp_path, "console", hall.addresses[0], input="chart\nchart pace\npopulation\nall population\nchart nonsense\n")
    assert "host/0: best loss, logarithmic; now 0.25" in result.stdout and "┤" in result.stdout
    assert result.stdout.count("host/0: - living") == 2 and result.stdout.count("host/3: - living") == 1
    assert "\x1b" not in result.stdout
    told = result.stderr.splitlines()
    assert result.returncode == 2 and len(told) == 2, told
    assert "its history has no two points of evaluations per second yet" in told[0] and "there is no chart 'nonsense'" in told[1]


def test_watching_takes_only_what_shows_something(hall, tmp_path):
    script = "watch pause\nwatch\nwatch 9x status\nwatch parameters exchange.interval=2s\n"
    result = vmesh(tmp_path, "console", hall.addresses[0], input=script)
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 4
    assert hall.nodes[0].told == []


def test_completion_watching_and_pictures_on_a_terminal(hall, tmp_path, monkeypatch):
    console = terminal(monkeypatch, tmp_path, "console", hall.addresses[0])
    console.read_next("host/0>")
    console.read_until("4 workers known")  # the toolbar
    console.type("parameters exchange.int\t\t")
    console.read_next("between two emigrations")  # what it means, beside it
    console.type("\x03")
    console.read_next("host/0>")
    console.type("watch 0.2s best\r")
    for _ in range(3):
        console.read_next("a + b at host/0")
    console.type("\x03")
    console.read_next("interrupted")
    console.read_next("host/0>")
    console.type("chart\r")
    console.read_next("best loss, logarithmic")
    console.read_next("host/0>")
    console.type("quit\r")
    status, shown = console.finish()
    assert status == 0 and "Traceback" not in shown
    assert hall.nodes[0].told == []


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
