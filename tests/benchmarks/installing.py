"""From nothing to a first formula: what a newcomer waits for.

    python -m tests.benchmarks.installing [--runs 1] [--json FILE]      # needs a package registry

A virtual environment is made for each (not counted), then `pip install` without a cache, then a process that reads
examples/planets.csv and prints a formula: ours by `vgp fit`, five seconds; pyoperon by its estimator, five seconds; gplearn by its
estimator, 20 generations. All else is the default.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.packaging.checkout import ROOT, copied, wheel_of
from vgp.benchmarks.report import print_table, write_json

TABLE, TARGET = ROOT / "examples/planets.csv", "orbital_period_days"
LIMIT = 60.0  # s, of ours
ESTIMATOR = """\
import csv, sys
import numpy as np
from {module} import SymbolicRegressor
rows = list(csv.DictReader(open(sys.argv[1])))
names = [name for name in rows[0] if name not in ("name", sys.argv[2])]
X = np.array([[float(row[name]) for name in names] for row in rows])
y = np.array([float(row[sys.argv[2]]) for row in rows])
fitted = SymbolicRegressor({options}).fit(X, y)
print({shown})
"""
OPERON = ESTIMATOR.format(
    module="pyoperon.sklearn", options="max_time=5", shown="fitted.get_model_string(fitted.model_, 6, names)"
)
GPLEARN = ESTIMATOR.format(module="gplearn.genetic", options="feature_names=names", shown="fitted._program")


def programs(wheel):
    """Name -> what pip installs, and the command that prints a formula."""
    fit = ["vgp", "fit", TABLE, "--target", TARGET, "--quiet", "--seconds", "5"]
    return {
        "vcloud": ([wheel], fit),
        "pyoperon": (["pyoperon>=0.6,<0.7"], ["python", "-c", OPERON, TABLE, TARGET]),
        "gplearn": (["gplearn>=0.4.2,<0.5"], ["python", "-c", GPLEARN, TABLE, TARGET]),
    }


def measured(name, wanted, command):
    """One newcomer, in seconds and bytes. Raises RuntimeError with what was said where a step fails."""
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        before = size_of(venv)
        pip = [venv / "bin/python", "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q", "--no-cache-dir"]
        install, _ = timed([*pip, *wanted], folder)
        first, out = timed([venv / "bin" / command[0], *command[1:]], folder)
        taken = size_of(venv) - before
    return {"program": name, "install s": install, "formula s": first, "both s": install + first, "MB": taken / 1e6, "said": out}


def timed(command, folder):
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}")
    return time.perf_counter() - begun, done.stdout


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = wheel_of(copied(Path(folder)), Path(folder))
        runs = [measured(name, *row) for _ in range(args.runs) for name, row in programs(wheel).items()]
    rows = [summary([run for run in runs if run["program"] == name], name) for name in programs(wheel)]
    print_table(f"a fresh environment, pip install, a first formula: median of {args.runs}", rows, sys.stdout)
    if args.json:
        write_json(args.json, {"installing": runs})
    return 0


def summary(runs, name):
    figures = {key: median(run[key] for run in runs) for key in ("install s", "formula s", "both s", "MB")}
    law = next((line for line in reversed(runs[-1]["said"].splitlines()) if line.strip()), "")
    return {"program": name, **figures, "limit s": LIMIT if name == "vcloud" else None, "formula": law[:60]}


if __name__ == "__main__":
    sys.exit(main())
