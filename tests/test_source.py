"""The source is as the style asks: linted, typed, small files, no drawer called util."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MADE = {".git", ".venv", "build", "dist", "results", "node_modules"}
WRITTEN = (".py", ".pyi", ".pyx", ".pxd", ".cpp", ".hpp", ".def", ".sh", ".yml", ".toml", ".md", ".cfg")
LONGEST = 350
DRAWERS = re.compile(r"(?:^|_)(?:util|utils|common|misc|helper|helpers|stuff)(?:_|$)")


def files():
    for path in ROOT.rglob("*"):
        inside = path.relative_to(ROOT).parts
        if path.is_file() and not MADE & set(inside) and not any(part.startswith(".") and part != ".ci" for part in inside[:-1]):
            yield path


SOURCES = sorted(path for path in files() if path.suffix in WRITTEN or path.name in ("Makefile", "packages", "run"))
CODE = [path for path in SOURCES if path.suffix not in (".md", ".toml", ".def")]


def label(path):
    return str(path.relative_to(ROOT))


def run(*command):
    result = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}{result.stderr}"


def test_ruff():
    pytest.importorskip("ruff", reason="ruff is not installed")
    run("ruff", "check", "--no-cache", ".")


def test_types():
    pytest.importorskip("mypy", reason="mypy is not installed")
    run("mypy")


@pytest.mark.parametrize("path", CODE, ids=label)
def test_a_file_can_be_read_at_one_sitting(path):
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_text_is_clean(path):
    text = path.read_text()
    assert not text or text.endswith("\n"), "the last line has no end"
    assert "\r" not in text, "line ends of another system"
    assert not re.search(r"^(<{7} |={7}$|>{7} )", text, re.M), "a merge was left undone"
    if path.suffix != ".md":  # two blanks at the end of a line mean something there
        assert not re.search(r"[ \t]+$", text, re.M), "blanks at the end of a line"
    if path.name != "Makefile":
        assert "\t" not in text, "a tab"


@pytest.mark.parametrize("path", sorted(files()), ids=label)
def test_files_are_called_by_what_they_hold(path):
    assert not any(DRAWERS.search(part.split(".")[0].lower()) for part in path.relative_to(ROOT).parts)


# of a module Ansible reads that line itself, and runs it elsewhere
PROGRAMS = [path for path in SOURCES if path.read_text().startswith("#!") and path.parent.name != "library"]


@pytest.mark.parametrize("path", PROGRAMS, ids=label)
def test_scripts_run_and_stop_at_the_first_failure(path):
    shell = Path(path.read_text().splitlines()[0].split()[-1]).name
    assert path.stat().st_mode & 0o111, "not executable"
    if shell in ("sh", "bash"):
        assert re.search(r"^set -eu", path.read_text(), re.M)
        assert subprocess.run([shell, "-n", path], check=False).returncode == 0
        if shutil.which("shellcheck"):
            subprocess.run(["shellcheck", path], check=True)


@pytest.mark.parametrize("path", [path for path in CODE if path.suffix in (".py", ".pyx", ".hpp")], ids=label)
def test_a_file_begins_by_saying_what_it_is(path):
    """An __init__ without content and test packages aside."""
    text = path.read_text().strip()
    assert not text or text.startswith(('"""', "//", "#"))


def test_functions_without_the_gil_say_whether_they_raise():
    """Without a word Cython takes the GIL after each call to look for an exception."""
    signature = re.compile(r"^\s*cdef [^=\n]*\w\([^)]*\)[^\n]*\bnogil\b[^\n]*$", re.M)
    found = [match[0] for path in (ROOT / "vgp").rglob("*.p[yx][xd]") for match in signature.finditer(path.read_text())]
    assert len(found) > 20
    silent = [line.strip() for line in found if "except" not in line and "extern" not in line]
    assert not silent
