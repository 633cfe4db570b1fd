"""Starts or ends the local cloud and tells meanwhile how far it is: first use takes minutes.

    - name: Have the local cloud as asked
      local_cloud:
        state: started        # or stopped
        enforce_iam: false
        devserver: false      # true: image and packages of a development server too

Changed if it was not so before. Leaves what the program prints as the fact `cluster_local`. The work: tools/local_cloud.
A plugin, not a module, because a module cannot print before it ends.
"""

import json
import subprocess
import sys
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

PROGRAM = Path(__file__).resolve().parents[3] / "tools" / "local_cloud"


class ActionModule(ActionBase):
    """The action `local_cloud`."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        """What Ansible calls."""
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(
            argument_spec={
                "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
                "enforce_iam": {"type": "bool", "default": False},
                "devserver": {"type": "bool", "default": False},
            }
        )
        before = self.status()
        if given["state"] == "stopped":
            if before and not self._task.check_mode:
                answered("down")
            return {**result, "changed": before is not None}
        if self._task.check_mode and before is None:
            # without its environment what follows would speak to AWS
            raise AnsibleActionFail("the local cloud is not up, so there is nothing to check against: run it without --check first")
        facts = before if self._task.check_mode else self.started(given, before)
        return {**result, "changed": before is None, "ansible_facts": {"cluster_local": described(facts)}}

    def status(self):
        try:
            return answered("status", "--brief")
        except AnsibleActionFail:
            return None

    def started(self, given, before):
        enforced = given["enforce_iam"] if before is None else before["enforce_iam"]
        if given["devserver"]:
            answered("base", "devserver")
            answered("wheels")
        return answered("up", *(["--enforce-iam"] if enforced else []))


def described(facts):
    """What playbooks ask for, by the names that they use."""
    return {**facts, "proxy_command": facts["ssh"]["proxy_command"], "node_endpoint": facts["endpoint_for_nodes"]}


def answered(*words):
    """What a command of the program answers; its progress is displayed, and its error is the task's."""
    command = (sys.executable, str(PROGRAM), *words)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        last = ""
        for line in process.stderr:
            last = line.strip().removeprefix("local cloud: ")
            if words[0] != "status":
                Display().display(f"  {line.strip()}")
        answer = process.stdout.read()
    if process.returncode != 0:
        raise AnsibleActionFail(last or f"tools/local_cloud {' '.join(words)} failed")
    return json.loads(answer)
