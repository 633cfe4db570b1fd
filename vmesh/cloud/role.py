"""Ansible's roles, `vmesh` above all, run on the node by the ansible-core of the bundle."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from vmesh.cloud.faults import Unreachable, log

SECONDS = 600.0  # that the role may take
MOST_REASON = 300  # characters
VMESH, METRICS = "vmesh", "node_metrics"
PLAYS = {VMESH: "node.yml", METRICS: "node_metrics.yml"}


def run_role(folder: Path, values: dict[str, Any], file: Path, role: str = VMESH) -> None:
    """Writes the values to `file` and runs the play of a role in the bundle with them. Raises Unreachable: later it may succeed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(values, indent=1))
    program, play = folder / "venv/bin/ansible-playbook", folder / "node" / PLAYS[role]
    command = [str(program), "-c", "local", "-i", "localhost,", str(play), "-e", f"@{file}"]
    try:
        done = subprocess.run(
            command,
            env=environment(folder),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreachable(f"the role {role} did not end within {SECONDS:g} s; look at journalctl -u vmesh-bootstrap") from None
    output = done.stdout.decode(errors="replace")
    for line in filter(None, map(str.strip, output.splitlines())):
        log(line)
    if done.returncode:
        raise Unreachable(f"the role {role} failed: {reason(output)}; look at journalctl -u vmesh-bootstrap")


def environment(folder: Path) -> dict[str, str]:
    """Ansible refuses to run without a UTF-8 locale, and looks for a home that a unit does not have."""
    return {
        "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        "HOME": os.environ.get("HOME", "/root"),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(folder / "node/ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_NOCOWS": "1",
    }


def reason(output: str) -> str:
    """The task that failed and what it said."""
    task = said = ""
    for line in output.splitlines():
        named = re.match(r"TASK \[(.*?)\]", line)
        task = f"{named[1]}: " if named else task
        told = re.match(r"(?:\[ERROR\]:|ERROR!) (?:Task failed: )?(?:\w+ failed: )?(.*)", line)
        told = told or re.match(r'(?:fatal|failed): .*"msg": "((?:[^"\\]|\\.)*)"', line)
        if told:
            said = task + told[1]
            break
    text = said or (output.strip().splitlines() or ["it said nothing"])[-1]
    return " ".join(text.split())[:MOST_REASON]
