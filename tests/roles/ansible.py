"""Ansible as these tests run it: programs beside this Python, no colours, nothing of the user's settings."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROLES = sorted(path.parent for path in (ROOT / "roles").glob("*/tasks"))
needs_ansible = pytest.mark.skipif(importlib.util.find_spec("ansible") is None, reason="ansible-core is not installed")


def run(program, *words, home, check=True):
    """The finished process. `home`: a folder for what Ansible keeps."""
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_HOME": str(home), "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")} | settings
    module = {"ansible-playbook": "ansible.cli.playbook", "ansible": "ansible.cli.adhoc"}.get(program)
    start = [sys.executable, "-c", f"import sys; from {module} import main; sys.exit(main())"] if module else [program]
    words = [str(word) for word in words]
    environment["LC_ALL"] = "C.UTF-8"
    done = subprocess.run([*start, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done


def play(folder, hosts, tasks, check=True):
    """Runs tasks for `hosts`, {name: variables}, all of them on this machine; returns the output."""
    inventory = {"all": {"hosts": {name: dict(variables) for name, variables in hosts.items()}}}
    common = {"hosts": "all", "connection": "local", "gather_facts": False, "tasks": tasks}
    common["vars"] = {"ansible_python_interpreter": sys.executable}
    (folder / "inventory.yml").write_text(json.dumps(inventory))
    (folder / "play.yml").write_text(json.dumps([common]))
    return run("ansible-playbook", "-i", folder / "inventory.yml", folder / "play.yml", home=folder / "home", check=check).stdout
