"""The wheel of this package, made of the modules that are compiled beside their sources: those that the tests ran with.

setuptools writes it, from a copy that holds exactly what belongs in it, so that nothing is compiled again.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from tools.bundle.compiled import compiled_files, table
from vgp.errors import InputError
from vmesh.cloud.archive import MTIME
from vmesh.cloud.source import Source

PACKAGES = ("vgp/", "vmesh/")
PROJECT = ("pyproject.toml", "README.md", "LICENSE")
REQUIRES = re.compile(r"^requires = (\[.*\])$", re.M)
OLDEST_SETUPTOOLS = 77  # as pyproject.toml asks for
# in the place of setup.py: everything is compiled, and the wheel is for this kind of machine all the same
SETUP = """from setuptools import Distribution, setup

class Compiled(Distribution):
    def has_ext_modules(self):
        return True

setup(distclass=Compiled)
"""


def own_wheel(root: Path, source: Source, folder: Path) -> Path:
    """Writes the wheel into `folder`. Raises InputError."""
    with tempfile.TemporaryDirectory(prefix="vcloud-wheel-") as temporary:
        stage(root, source, Path(temporary))
        run_pip(wheel_command(Path(temporary), folder), "the package's own wheel cannot be made")
    wheels = list(folder.glob("vcloud-*.whl"))
    if len(wheels) != 1:
        raise InputError(f"{folder} holds {len(wheels)} wheels of vcloud instead of one")
    return wheels[0]


def stage(root: Path, source: Source, folder: Path) -> None:
    """Copies what belongs in the wheel: the packages' files without those that setup.py leaves out, and what was compiled."""
    left_out = tuple(table(root, "NOT_IN_WHEELS"))
    names = [member.name for member in source.members() if member.name.startswith(PACKAGES) and not member.name.endswith(left_out)]
    for name in (*PROJECT, *names, *compiled_files(root)):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target)
        target.chmod(0o755 if os.access(root / name, os.X_OK) else 0o644)
    project = (folder / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(REQUIRES.sub(only_setuptools, project, count=1))
    (folder / "MANIFEST.in").write_text("graft vgp\ngraft vmesh\n")
    (folder / "setup.py").write_text(SETUP)


def only_setuptools(line: re.Match[str]) -> str:
    """What is left to do needs no compiler and no numpy: pip, where it isolates the build, would fetch them."""
    return f"requires = {json.dumps([name for name in json.loads(line[1]) if name.startswith('setuptools')])}"


def wheel_command(project: Path, folder: Path) -> list[str]:
    isolation = [] if int(metadata.version("setuptools").split(".")[0]) < OLDEST_SETUPTOOLS else ["--no-build-isolation"]
    return ["wheel", "--no-deps", *isolation, "--wheel-dir", str(folder), str(project)]


def run_pip(arguments: list[str], failure: str) -> None:
    """Runs this interpreter's pip. Raises InputError with the first line of its complaint."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(MTIME), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    command = [sys.executable, "-m", "pip", "--quiet", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        reason = next((line for line in lines if line.startswith("ERROR:")), lines[-1] if lines else "pip says nothing")
        raise InputError(f"{failure}: {reason.removeprefix('ERROR: ')}")
