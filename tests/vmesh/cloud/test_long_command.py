"""Commands that outlive the connection they were started through: started once, seen to the end, their failure told."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmesh.cloud.long_command import LINES, RUNNING, STARTED, SUCCEEDED, WIDEST, Command, Look, understood


def shell(script):
    """What a script says, as on the other machine."""
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=30).stdout


def look(command):
    return understood(shell(command.look()))


def end_of(command):
    for _ in range(1000):
        seen = look(command)
        if seen.status is not None or not seen.alive:
            return look(command)
        time.sleep(0.02)
    raise AssertionError("it does not end")


def wait_for(line, command):
    for _ in range(1000):
        if look(command).line == line:
            return
        time.sleep(0.02)
    raise AssertionError(f"it does not say {line}")


@pytest.fixture
def make(tmp_path):
    made = []

    def make(*words, folder="step", **environment):
        made.append(Command(words, str(tmp_path), str(tmp_path / "a folder" / folder), environment))
        return made[-1]

    yield make
    for command in made:
        shell(command.stop())


@pytest.fixture
def gate(tmp_path):
    """A command that waits until it may go on."""
    path = tmp_path / "gate"
    os.mkfifo(path)
    return ("sh", "-c", f"echo waiting; read line <'{path}'; echo \"got $line\"; test \"$line\" = go"), path


def test_a_command_runs_where_it_should_with_its_environment(make, tmp_path):
    command = make("sh", "-c", 'echo "$PWD: $COLOUR"; pwd >where', COLOUR="it's $blue")
    assert shell(command.start()).strip() == STARTED
    seen = end_of(command)
    assert (seen.status, seen.line) == (0, f"{tmp_path}: it's $blue")
    assert (tmp_path / "where").exists()


def test_it_is_not_started_twice(make, gate):
    words, path = gate
    command = make(*words)
    assert shell(command.start()).strip() == STARTED
    assert shell(command.start()).strip() == RUNNING
    wait_for("waiting", command)
    assert look(command).status is None and look(command).alive
    path.write_text("go\n")
    assert end_of(command).status == 0
    assert shell(command.start()).strip() == SUCCEEDED
    assert subprocess.run(["sh", "-c", command.has_succeeded()], check=False).returncode == 0


def test_after_a_failure_or_on_demand_or_as_another_command_it_is_started_again(make):
    failing = make("sh", "-c", "exit 3")
    for _ in range(2):
        assert shell(failing.start()).strip() == STARTED
        assert end_of(failing).status == 3
        assert subprocess.run(["sh", "-c", failing.has_succeeded()], check=False).returncode != 0
    working = make("true")
    for again in (False, True):
        assert shell(working.start(again)).strip() == STARTED
        assert end_of(working).status == 0


def test_it_survives_whoever_started_it(make, gate):
    """A broken connection takes the shell's whole process group with it."""
    words, path = gate
    command = make(*words)
    script = ["sh", "-c", f"{command.start()}\nsleep 60"]
    with subprocess.Popen(script, start_new_session=True, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout.readline().strip() == STARTED
        wait_for("waiting", command)
        os.killpg(starter.pid, signal.SIGKILL)
    path.write_text("go\n")
    assert end_of(command).status == 0


def test_one_that_is_killed_is_seen_to_be_gone(make, gate, tmp_path):
    words, _ = gate
    command = make(*words)
    shell(command.start())
    wait_for("waiting", command)
    os.killpg(int((tmp_path / "a folder/step/pid").read_text()), signal.SIGKILL)
    seen = end_of(command)
    assert seen.status is None and not seen.alive and seen.last_lines == ["waiting"]


def test_stopping_ends_what_it_started(make, gate, tmp_path):
    words, _ = gate
    command = make("sh", "-c", f"sleep 1000 & echo $! >child; {words[2]}")
    shell(command.start())
    wait_for("waiting", command)
    shell(command.stop())
    assert end_of(command).status in (None, 143)
    child = int((tmp_path / "child").read_text())
    for _ in range(500):
        try:
            if " Z " in Path(f"/proc/{child}/stat").read_text():
                return
        except FileNotFoundError:
            return
        time.sleep(0.02)
    raise AssertionError("its child lives on")


def test_a_failure_tells_the_end_of_the_log(make):
    command = make(sys.executable, "-c", "for i in range(1000): print('line', i)\nraise SystemExit(2)")
    shell(command.start())
    seen = end_of(command)
    assert seen.status == 2
    assert seen.last_lines == [f"line {i}" for i in range(1000 - LINES, 1000)]


def test_a_silent_command_can_be_asked_how_far_it_is(tmp_path, gate):
    words, path = gate
    command = Command(words, str(tmp_path), str(tmp_path / "step"), progress="ls | grep -c gate; echo not this")
    shell(command.start())
    wait_for("1", command)
    assert look(command).last_lines in ([], ["waiting"])
    path.write_text("go\n")
    assert end_of(command).status == 0


@pytest.mark.parametrize(
    ("tail", "line"),
    [
        ("", ""),
        ("one\ntwo\n\n", "two"),
        ("\x1b[32m....\x1b[0m [ 35%]\n", ".... [ 35%]"),
        ("10 %\r20 %\r30 %", "30 %"),
        ("10 %\r\n", "10 %"),
        ("\x1b]0;title\x07bad\x00", "]0;titlebad"),
        ("x" * 500, "x" * WIDEST),
    ],
)
def test_progress_is_a_line_fit_for_a_terminal(tail, line):
    assert Look(None, True, tail).line == line


@given(st.text())
def test_any_answer_is_understood_or_not(answer):
    seen = understood(answer)
    assert seen is None or seen.line.isprintable() or "\t" in seen.line
