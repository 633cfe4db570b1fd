"""What systemd's programs answer, and that the agent's command hears SIGTERM; the programs here are scripts."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import ROOT
from tests.vmesh.history.test_history import recorded
from vmesh.cloud import host, record
from vmesh.cloud.host import Host, Service
from vmesh.cloud.places import history_key, log_key, record_key
from vmesh.history.reader import History

SYSTEMCTL = """case "$1" in
show) cat "$HERE/service" ;;
is-system-running) cat "$HERE/system" ;;
*) echo "$@" >> "$HERE/asked"; echo ActiveState=inactive > "$HERE/service" ;;
esac"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A folder in which systemctl and journalctl find their answers."""
    for name, script in {"systemctl": SYSTEMCTL, "journalctl": 'cat "$HERE/journal"'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HERE", str(tmp_path))
    (tmp_path / "service").write_text("ActiveState=active\nResult=success\nNRestarts=3\n")
    (tmp_path / "system").write_text("running\n")
    (tmp_path / "journal").write_text("")
    return tmp_path


def test_a_service_is_as_systemd_says(machine):
    assert Host("vmesh.service", Path()).service() == Service("active", "success", 3)
    assert not Service("active", "success", 3).ended and Service("failed", "exit-code", 0).ended
    (machine / "service").write_bytes(b"\xff=\n==\nNRestarts=many")
    assert Host("vmesh.service", Path()).service() == Service("", "", 0)
    assert not Host("vmesh.service", Path()).going_down()
    (machine / "system").write_text("stopping\n")
    assert Host("vmesh.service", Path()).going_down()


def test_without_systemd_nothing_is_known_and_nothing_breaks(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    one = Host("vmesh.service", Path())
    assert one.service() == Service("", "", 0) and one.last_words() == "" and gzip.decompress(one.journal()) == b""
    one.stop()


def test_a_program_that_hangs_is_not_waited_for():
    began = time.monotonic()
    assert host.run("sleep", "60", seconds=0.05) == b""
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("journal", "words"),
    [
        ("Started.\nvmesh: no such table\nvmesh.service: Failed\n", "vmesh: no such table"),
        ("t-1/launcher ERROR t-1/0 is given up\nFailed\n", "t-1/launcher ERROR t-1/0 is given up"),
        ("Main process exited\n\n", "Main process exited"),
        ("", ""),
    ],
)
def test_the_last_words_are_those_that_tell_most(machine, journal, words):
    (machine / "journal").write_text(journal)
    assert Host("vmesh.service", Path()).last_words() == words


def agent(machine, bucket, s3):
    told = {"cluster": "test", "index": 7, "instance": "i-1", "name": "test-7", "bucket": bucket.name, "region": "us-east-1"}
    told |= {"endpoint": s3.url, "status_file": str(machine / "status.json"), "started": time.time()}
    told |= {"histories": str(machine / "state")}
    (machine / "agent.json").write_text(json.dumps(told))
    words = [sys.executable, "-m", "vmesh", "agent", "--config", str(machine / "agent.json")]
    return subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True)


def wait_for_record(bucket, state):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for key in set(bucket.keys()) & {record_key("test", 7)}:
            found = record.read(bucket.get(key))
            if found.state == state:
                return found
        time.sleep(0.02)
    raise AssertionError(f"never {state}")


def test_the_command_tells_how_the_node_is_and_hears_sigterm(machine, bucket, s3, instance):
    process = agent(machine, bucket, s3)
    try:
        wait_for_record(bucket, "starting")
        status = {"written": time.time(), "state": "evolving", "workers": 1, "workers_evolving": 1, "formula": "x"}
        (machine / "status.json").write_text(json.dumps(status))
        assert wait_for_record(bucket, "evolving").formula == "x"
        (machine / "system").write_text("stopping\n")
        (machine / "status.json").unlink()
        (machine / "journal").write_text("last words")
        (machine / "state").mkdir()
        recorded(machine / "state" / "worker-0.history.sqlite", 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        said = process.communicate()[1]
    assert wait_for_record(bucket, "left").workers_evolving == 0
    assert gzip.decompress(bucket.get(log_key("test", "test-7", "i-1"))) == b"last words"
    packed = bucket.get(history_key("test", "test-7", "i-1", "worker-0.history.sqlite"))
    (machine / "came.sqlite").write_bytes(gzip.decompress(packed))
    assert len(History(machine / "came.sqlite").times) == 3
    assert "test-7/agent INFO evolving" in said and "Traceback" not in said


def test_the_command_says_what_is_wrong_with_its_file(machine):
    command = [sys.executable, "-m", "vmesh", "agent", "--config", str(machine / "nowhere")]
    shown = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (2, f"vmesh: {machine}/nowhere: cannot be read: no such file or directory\n")
