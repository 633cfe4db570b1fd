"""What watching costs evolution: python -m tests.benchmarks.watching [--pairs N] [--seconds S] [--json FILE].

One mesh with a worker for each core of this machine goes on all the time. Spans without any statistics kept or asked for alternate
with spans in which each worker writes its history and a page beside them is watched; a pair of neighbouring spans gives a ratio of
their evaluations per second, every other pair the other way around, so that what drifts cancels out. Bar: 1 %.
"""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np

from tests.benchmarks.page import cpu_seconds
from tests.cli.running import ROOT
from tests.vmesh.launcher.running import Launcher
from tests.vmesh.page.test_page import admin_of
from vmesh.admin.client import Client

SETTLING = 2.0  # s after a change, before evaluations are counted
ROWS, COLUMNS = 1000, 5


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=12.0, help="of each span")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    if args.pairs < 2:
        parser.error("--pairs: two at least, or there is no error to tell")
    ratios, pages = [], []
    with mesh(args.workers) as workers:
        time.sleep(2 * args.seconds)  # a young population grows
        for pair in range(args.pairs):
            found = {}
            for watched in (False, True) if pair % 2 else (True, False):
                found[watched], busy = span(workers, watched, args.seconds)
                pages += [busy] if watched else []
            ratios.append(found[True] / found[False])
            print(f"{pair + 1} of {args.pairs}: {found[False]:,.0f} evaluations/s alone, {found[True]:,.0f} watched", flush=True)
    cost = 100 * (1 - statistics.median(ratios))
    error = 100 * statistics.stdev(ratios) / len(ratios) ** 0.5
    print(f"cost of statistics and page {cost:10.2f} %   of all evaluations; standard error {error:.2f}; bar < 1")
    print(f"the page's process          {100 * statistics.mean(pages):10.2f} %   of one core")
    if args.json:
        told = {"cost_percent": cost, "standard_error": error, "page_percent": 100 * statistics.mean(pages), "ratios": ratios}
        Path(args.json).write_text(json.dumps(told))


@contextlib.contextmanager
def mesh(count):
    """Clients of the workers of a mesh that evolves on a table of some size and neither keeps nor shows anything."""
    random = np.random.default_rng(1)
    table = a, b, c, d, e = random.normal(size=(COLUMNS, ROWS))
    target = a * np.sin(b) + np.exp(c / 2) - d * e + 0.1 * random.normal(size=ROWS)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        options = ("--set", "worker.history_interval=0", "--checkpoint-dir", f"{folder}/state")
        launcher = Launcher(folder, *options, real=True, workers=count)
        header = ",".join([f"x{k}" for k in range(COLUMNS)] + ["y"])
        np.savetxt(Path(folder, "table.csv"), np.column_stack([*table, target]), delimiter=",", header=header, comments="")
        stack.enter_context(launcher)
        for index in range(count):
            launcher.line(f"fake/{index} at ")
        yield [stack.enter_context(Client(admin_of(launcher, index))) for index in range(count)]
        launcher.process.terminate()
        launcher.process.wait(60)


def span(workers, watched, seconds):
    """(evaluations per second of all, share of a core that the page's process kept busy)."""
    for worker in workers:
        worker.ask("parameters", {"set": {"worker.history_interval": 5.0 if watched else 0.0}})
    with page(workers[0].address) if watched else contextlib.nullcontext() as process:
        time.sleep(SETTLING)
        began, before, busy = time.monotonic(), evaluations(workers), cpu_seconds(process.pid) if process else 0.0
        time.sleep(seconds)
        after, taken = evaluations(workers), time.monotonic() - began
        share = (cpu_seconds(process.pid) - busy) / taken if process else 0.0
    return (after - before) / taken, share


def evaluations(workers):
    return sum(worker.ask("status")["evaluations"] for worker in workers)


@contextlib.contextmanager
def page(address):
    """The process of a page that somebody looks at."""
    words = [sys.executable, "-m", "vmesh", "page", address]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        place = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        stream = urllib.request.urlopen(f"{place.rstrip('/')}/live")
        threading.Thread(target=lambda: [None for _ in stream], daemon=True).start()
        yield process
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
