"""ansible-lint finds nothing, by the rules of its strictest profile."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.roles.ansible import ROOT, run

ROLES = ("roles", "inventory", "group_vars")
EVERYTHING = (*ROLES, "playbooks", ".config/molecule", *(path.name for path in ROOT.glob("*.yml")))


@pytest.mark.parametrize("places", [ROLES, pytest.param(EVERYTHING, marks=pytest.mark.long)], ids=["roles", "everything"])
def test_ansible_lint(tmp_path, places):
    lint = shutil.which("ansible-lint", path=str(Path(sys.executable).parent)) or shutil.which("ansible-lint")
    if lint is None:
        pytest.skip("ansible-lint is not installed")
    run(lint, "--offline", "--profile=production", "--strict", "-q", "--format=pep8", *places, home=tmp_path)
