"""ansible-lint finds nothing, by the rules of its strictest profile."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.roles.ansible import ROOT, run

FOLDERS = ("roles", "playbooks", "inventory", "group_vars", ".config/molecule")


def test_ansible_lint(tmp_path):
    lint = shutil.which("ansible-lint", path=str(Path(sys.executable).parent)) or shutil.which("ansible-lint")
    if lint is None:
        pytest.skip("ansible-lint is not installed")
    places = [*FOLDERS, *(path.name for path in ROOT.glob("*.yml"))]
    run(lint, "--offline", "--profile=production", "--strict", "-q", "--format=pep8", *places, home=tmp_path)
