"""A copy of this checkout to build in: what a build writes beside the sources would be seen by other tests that run meanwhile."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("vgp", "vmesh", "tools", "examples", "docs")
OBJECTS = ("objects-*", "cython")  # below build/: what `make build` left, and what makes another build short


def copied(folder):
    """The path of the copy; times of change are kept, so that what is compiled is known to be."""
    copy = folder / "checkout"
    copy.mkdir()
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy2(path, copy)
    kept = [path for pattern in OBJECTS for path in (ROOT / "build").glob(pattern)]
    for path in [*(ROOT / name for name in FOLDERS), *kept]:
        shutil.copytree(path, copy / path.relative_to(ROOT), ignore=shutil.ignore_patterns("__pycache__"), symlinks=True)
    return copy


def wheel_of(copy, folder):
    """The path of its wheel, made in `folder` of the objects that are there."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "wheel", ".", "--wheel-dir", folder]
    done = subprocess.run([*command, "--no-build-isolation", "--no-deps"], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    return path
