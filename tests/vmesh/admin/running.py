"""`vmesh` as its user runs it, on pipes or on a terminal."""

import os
import subprocess
import sys

from tests.cli import running
from tests.cli.running import ROOT

COMMAND = (sys.executable, "-m", "vmesh")


def environment(home):
    """Nothing of this user's: no running mesh, no history."""
    names = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "XDG_STATE_HOME": str(home / "state"), "PYTHONPATH": str(ROOT)}
    return {**os.environ, **names, "COLUMNS": "200", "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}


def vmesh(home, *arguments, **settings):
    """Runs the command to its end."""
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment(home), check=False, **settings)


def start(home, *arguments):
    """Starts it on pipes."""
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(home))


def terminal(monkeypatch, home, *arguments):
    """Starts it on a terminal of its own."""
    monkeypatch.setattr(running, "COMMAND", COMMAND)
    monkeypatch.setattr(running, "ENVIRONMENT", environment(home))
    return running.Terminal(*arguments)
