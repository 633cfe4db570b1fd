"""Workers hold to the units that they are told: no organism of theirs, or of each other's, is otherwise."""

import json
import subprocess
import sys

import numpy as np

from tests.oracles.units import holds
from vgp.model import Model


def test_units_reach_the_workers_and_the_model(tmp_path):
    m, r = np.random.default_rng(3).uniform(1, 5, (2, 60))
    rows = "\n".join(",".join(map(repr, map(float, row))) for row in np.column_stack([m, r, 3 * m * r + 2 * m]))
    (tmp_path / "table.csv").write_text(f"m,r,F\n{rows}\n")
    words = ["up", "table.csv", "--target", "F", "--seconds", "3", "--save", "model.json"]
    settings = ["worker.units=m=kg,r=m,F=N", "launcher.workers=2", "network.port=0", "vgp.population_size=100"]
    command = [sys.executable, "-m", "vmesh", *words, *(word for setting in settings for word in ("--set", setting))]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    model = Model.load(tmp_path / "model.json")
    assert json.loads((tmp_path / "model.json").read_text())["model"]["units"]["columns"]["m"][0] == "kg"
    assert len(model.entries) > 2
    assert all(holds(entry.nodes, model.units) for entry in model.entries)
    assert all(entry.errors for entry in model.entries)  # polished


def test_a_unit_that_cannot_be_read_is_told_before_anything_starts(tmp_path):
    (tmp_path / "table.csv").write_text("a,y\n1,2\n2,3\n3,5\n")
    command = [sys.executable, "-m", "vmesh", "up", "table.csv", "--target", "y", "--set", "worker.units=a=kg**"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert "the unit 'kg**' of a cannot be read" in run.stderr
