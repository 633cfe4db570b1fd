"""A launcher as its user starts it, with fake workers, and what is seen of it from outside."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.cli.running import ROOT, alive

SECONDS = 30
QUICK = ("--set", "launcher.restart_delay=20ms", "--set", "network.port=0", "--set", "page.enabled=false")


class Launcher:
    """A context manager; at its end the process is killed, if it still runs. Its stderr is read line by line.

    `fake` says how fake workers behave; with `real` the workers are those of `vmesh worker`.
    """

    def __init__(self, folder, *words, workers=2, fake=(), environment=(), real=False):
        self.folder = Path(folder)
        table = self.folder / "table.csv"
        table.write_text("x,y\n1,2\n2,4\n3,6\n4,8\n")
        plan = json.dumps({"folder": str(folder), **{str(i): behaviours for i, behaviours in dict(fake).items()}})
        clean = {name: value for name, value in os.environ.items() if not name.startswith("VMESH_")}
        run_folder = self.folder / "run"
        run_folder.mkdir(exist_ok=True)
        self.environment = {**clean, "PYTHONPATH": str(ROOT), "FAKE": plan, "XDG_RUNTIME_DIR": str(run_folder)}
        self.environment |= {"XDG_CACHE_HOME": str(self.folder / "cache"), **dict(environment)}
        program = ["-m", "vmesh", "up"] if real else [str(Path(__file__).with_name("start.py"))]
        self.words = [sys.executable, *program, str(table), "--target", "y"]
        self.words += ["--workers", str(workers), "--hostname", "fake", *QUICK, *map(str, words)]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment, cwd=self.folder
        )
        self.seen = []
        self._lines = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stderr:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)
        self.process.stderr.close()

    def line(self, text, times=1):
        """Waits for a line of stderr with this text; fails if there is none in time, or never."""
        for _ in range(times):
            while True:
                line = self._lines.get(timeout=SECONDS)
                assert line is not None, f"{text!r} was never said: {self.seen}"
                self.seen.append(line)
                if text in line:
                    break
        return self.seen[-1]

    def page(self):
        """The address of its web page, once it is told."""
        return re.search(r"http://\S+", self.line("watch it: "))[0]

    def finish(self):
        """(exit status, stdout, all lines of stderr)"""
        out = self.process.stdout.read()
        status = self.process.wait(timeout=SECONDS)
        while (line := self._lines.get(timeout=SECONDS)) is not None:
            self.seen.append(line)
        return status, out, self.seen

    def lives(self, index):
        """All lives so far of a fake worker."""
        path = self.folder / f"{index}.lives"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def processes(self):
        """All processes that workers ever were or started."""
        lives = [life for path in self.folder.glob("*.lives") for life in self.lives(path.stem)]
        return [pid for life in lives for pid in (life["pid"], life["child"]) if pid]


def wait_for(condition):
    """Waits until something outside this process is so."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def gone(pids):
    """Waits until no such process runs any more."""
    wait_for(lambda: not any(map(alive, pids)))
