"""Starts the processes of runs, with limits, and ends them all when the benchmark is interrupted."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from vgp.benchmarks.quality.worker import THREADS

ROOT = str(Path(__file__).resolve().parents[3])


class Failed(Exception):
    """A process did not come to a result; its text says why, in one line."""


class Processes:
    """Runs steps, each in a new process with threads pinned to one; `end` kills those that run, and all that come later."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def run(self, job: dict[str, Any], cpu_limit: float, wall_limit: float) -> dict[str, Any]:
        """The result of a step of worker.py; raises Failed."""
        child = self._start()
        job = {**job, "cpu_limit": int(cpu_limit), "parent": os.getpid()}
        try:
            out, err = child.communicate(json.dumps(job), timeout=wall_limit)
        except subprocess.TimeoutExpired:
            raise Failed(f"killed after {wall_limit:.0f} s") from None
        finally:
            self._end(child)
        if child.returncode != 0:
            raise Failed(reason(child.returncode, err))
        try:
            result: dict[str, Any] = json.loads(out)
        except ValueError:
            raise Failed("ended without a result") from None
        return result

    def end(self) -> None:
        """Kills every process that runs, and lets no other start."""
        with self._lock:
            self._ended = True
            for child in self._running:
                kill_group(child)

    def _start(self) -> "subprocess.Popen[str]":
        environment = {**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONHASHSEED": "0"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH"))))
        with self._lock:
            if self._ended:
                raise Failed("interrupted")
            child = subprocess.Popen(
                [sys.executable, "-m", "vgp.benchmarks.quality.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the parent, which ends the group
            )
            self._running.add(child)
        return child

    def _end(self, child: "subprocess.Popen[str]") -> None:
        kill_group(child)  # also what it left behind
        child.communicate()
        with self._lock:
            self._running.discard(child)


def kill_group(child: "subprocess.Popen[str]") -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def reason(status: int, err: str) -> str:
    """One line for a process that failed."""
    if status < 0:
        name = signal.Signals(-status).name
        return "used up its CPU limit" if name in ("SIGXCPU", "SIGKILL") else f"died of {name}"
    lines = err.strip().splitlines()
    return lines[-1][:300] if lines else f"exit status {status}"
