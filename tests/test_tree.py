"""The top level is the one that was agreed on, and the project's own words about itself are true."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("playbooks", "roles", "inventory", "group_vars", "vgp", "vmesh", "tests", "examples", "docs")
FILES = (
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
    *("Makefile", "setup.py", "pyproject.toml", "ansible.cfg", ".ci/run"),
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", FOLDERS)
def test_the_folders_are_there(name):
    assert (ROOT / name).is_dir()


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_there(name):
    assert (ROOT / name).stat().st_size > 0


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_inside_the_project_lead_somewhere(path):
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", path.read_text(), flags=re.M | re.S)  # code is no link
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text)
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_documents_name_exist(path):
    """In ARCHITECTURE and CONTRIBUTING a path in backquotes that begins with a folder of ours is a promise."""
    named = re.findall(r"`((?:vgp|tests|tools|docs|examples|playbooks|roles)/[\w./-]+)`", path.read_text())
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_that_documents_name_exist(path):
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z]+)", path.read_text()):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_every_dependency_is_bounded():
    """Without an upper bound a library's next major version breaks what was installed today."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = [settings["build-system"]["requires"], settings["project"]["dependencies"]]
    lists += settings["project"]["optional-dependencies"].values()
    for requirement in (row for rows in lists for row in rows):
        assert ">=" in requirement, requirement
        assert "<" in requirement, requirement


def test_the_version_is_in_the_changelog():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## \[({re.escape(version)}|Unreleased)\]", changelog, re.M)


def test_help_names_every_target_for_users():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split()
    shown = subprocess.run(["make", "-s", "-C", ROOT, "help"], capture_output=True, text=True, check=True).stdout
    missing = [target for target in phony if target not in ("help", "optional-packages") and f"make {target} " not in shown]
    assert not missing


def test_opcodes_keep_their_numbers():
    """They travel in portable records: a number that changes its meaning changes formulas that people have kept."""
    rows = re.findall(r'^VGP_OPCODE\((\d+), \w+, "(\w+)", (\d+)\)', (ROOT / "vgp/core/opcodes.def").read_text(), re.M)
    numbers = {name: int(number) for number, name, _ in rows}
    assert len(set(numbers.values())) == len(rows)
    first = "constant variable reference add sub mul div aq pow min max less less_equal greater greater_equal".split()
    later = "neg square sqrt exp log sin cos tan tanh abs".split()
    expected = dict(zip(first, [0, 1, 2, *range(8, 20)], strict=True)) | dict(zip(later, range(32, 42), strict=True)) | {"if": 56}
    assert expected.items() <= numbers.items()
