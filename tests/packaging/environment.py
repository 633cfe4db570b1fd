"""A virtual environment that knows nothing of this checkout, and commands run in it, outside of the source tree."""

import os
import subprocess
import sys
import sysconfig

from tests.packaging.checkout import ROOT


class Environment:
    """Made in `folder`/venv; commands run in `folder`/elsewhere."""

    def __init__(self, folder):
        self.bin = folder / "venv/bin"
        self.work = folder / "elsewhere"
        self.work.mkdir()
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)

    def borrow(self):
        """What this interpreter has installed can be imported there as well, after its own; editable installs cannot."""
        own = next((self.bin.parent / "lib").glob("python*/site-packages"))
        (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def install(self, *arguments):
        self.run("python", "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q", *arguments)

    def run(self, command, *arguments):
        """Its output. Fails with all that it said if it ends badly."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        environment["PATH"] = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [self.bin / command, *arguments], cwd=self.work, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command} {arguments}\n{done.stdout}{done.stderr}"
        return done.stdout


def finds_the_law(environment):
    """Kepler's third law: by the command, with the engine from Python, and by a mesh; everything executed in the sandbox."""
    table = ROOT / "examples/planets.csv"
    out = environment.run("vgp", "fit", table, "--target", "orbital_period_days", "--evaluations", "60000", "--quiet")
    # processors with other instruction sets round otherwise, and come to another order of the factors
    assert "sqrt(semi_major_axis_au)*semi_major_axis_au" in out or "semi_major_axis_au*sqrt(semi_major_axis_au)" in out, out
    assert environment.run("python", "-c", FROM_PYTHON, str(table)).splitlines()[-1] == "locked down"
    options = ("--workers", "1", "--seconds", "4", "--quiet")
    assert "semi_major_axis_au" in environment.run("vmesh", "up", table, "--target", "orbital_period_days", *options)


FROM_PYTHON = """\
import sys
from pathlib import Path
import vgp
from vgp import Dataset, Island, Parameters
from vgp.tables import read_table
assert Path(sys.prefix) in Path(vgp.__file__).parents, vgp.__file__
dataset = Dataset.from_table(read_table(sys.argv[1]).choose(drop=["name"]), "orbital_period_days")
with Island(dataset, Parameters(population_size=200), seed=1) as island:
    island.create()
    island.advance(20)
    assert island.front().best.r2 > 0.99
    report = island.sandbox.report()
print(report)
print("locked down" if report["mode"] == "on" and "seccomp" in report["levels"] else "open")
"""
