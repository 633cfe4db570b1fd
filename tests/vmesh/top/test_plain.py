"""`vmesh top` where there is no terminal: pictures as text."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vmesh.admin.running import environment, vmesh

START = (sys.executable, str(Path(__file__).with_name("start.py")))


def top(home, *words, feed=()):
    told = {**environment(home), "FEED": json.dumps({"told": str(home / "told"), **dict(feed)})}
    pipes = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    return subprocess.run([*START, *words], **pipes, timeout=60, env=told, check=False)


def test_a_pipe_gets_one_picture_without_escapes(tmp_path):
    result = top(tmp_path, feed={"workers": 40})
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout and max(map(len, result.stdout.splitlines())) < 250
    lines = result.stdout.splitlines()
    assert sum(line.startswith("vmesh top") for line in lines) == 1
    assert sum(line.startswith("node-0/") and " running " in line for line in lines) == 40  # all of them, whatever a screen holds
    for word in ("evaluations/s", "starved", "formula", "checkpoint"):
        assert word in result.stdout, word


@pytest.mark.parametrize(("words", "pictures"), [(["--once", "--count", "9"], 1), (["--count", "3", "--interval", "0.1s"], 3)])
def test_so_many_pictures(tmp_path, words, pictures):
    result = top(tmp_path, *words)
    assert result.returncode == 0
    assert result.stdout.count("vmesh top") == pictures


def test_as_many_as_the_time_allows(tmp_path):
    result = top(tmp_path, "--seconds", "1", "--interval", "0.1s")
    assert result.returncode == 0 and result.stdout.count("vmesh top") >= 2


def test_sorting(tmp_path):
    names = [line.split()[0] for line in top(tmp_path, "--sort", "memory").stdout.splitlines() if line.startswith("node-0/")]
    assert sorted(names)[:4] == ["node-0/0", "node-0/1", "node-0/2", "node-0/3"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sort", "nonsense"], "invalid choice"), (["--interval", "2h"], "no interval"),
        (["--count", "0"], "no number of pictures"), (["--nonsense"], "there is no option --nonsense"),
    ],
)  # fmt: skip
def test_wrong_words_are_one_line(tmp_path, words, message):
    result = top(tmp_path, *words)
    assert result.returncode == 2 and message in result.stderr and len(result.stderr.splitlines()) == 1


def test_a_mistake_in_a_look_is_not_hidden(tmp_path):
    assert "RuntimeError: a mistake" in top(tmp_path, "--count", "3", "--interval", "0.1s", feed={"fail": 2}).stderr


def test_nobody_to_look_at(tmp_path):
    result = vmesh(tmp_path, "top", "--once", "--address", "127.0.0.1:1")
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
    assert "no worker answers at 127.0.0.1:1" in result.stderr
    assert "no mesh of yours is running" in vmesh(tmp_path, "top").stderr
