"""Waits until every worker of every node evolves, and tells how far it is while it does. The work: vmesh/cloud/waiting.py.

    - name: Wait until all workers evolve
      cluster_wait:
        cluster: "{{ cluster_name }}"
        region: "{{ cluster_region }}"
        bucket: "{{ preflight.buckets.data }}"
        nodes: "{{ launched.nodes }}"            # of cluster_nodes: each has index, instance, name
        timeout: "{{ cluster_launch_timeout }}"  # seconds
        advice: "{{ cluster_advice }}"           # commands for a node that is not well: {ssh, console, end}
      register: awaited

Returns `nodes`, as given and each with its `record`, and `seconds`. Fails with one sentence for each node that is not well.
A plugin, not a module, because a module cannot print before it ends.
"""

import contextlib
import os
import time

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

SHOWN = 20  # sentences


class ActionModule(ActionBase):
    """The action `cluster_wait`."""

    def run(self, tmp=None, task_vars=None):
        """What Ansible calls."""
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(
            argument_spec={
                "cluster": {"type": "str", "required": True},
                "region": {"type": "str", "required": True},
                "bucket": {"type": "str", "required": True},
                "nodes": {"type": "list", "elements": "dict", "required": True},
                "timeout": {"type": "float", "default": 600.0},
                "advice": {"type": "dict", "default": {}},
            }
        )
        environment = {}
        self._compute_environment_string(environment)  # the play's `environment`, which is meant for modules
        os.environ.update(environment)  # of the process that Ansible made for this task alone
        try:
            from vgp.errors import VgpError
            from vmesh.cloud import waiting
        except ImportError as error:
            remedy = "run make build and call .venv/bin/ansible-playbook"
            raise AnsibleActionFail(f"there is no vmesh here ({error}); {remedy}") from None
        display = Display()
        began = time.monotonic()
        with contextlib.suppress(KeyboardInterrupt):
            try:
                problems, nodes = waiting.wait_for(given, display.display)
            except VgpError as error:
                raise AnsibleActionFail(str(error)) from None
            result["seconds"] = round(time.monotonic() - began, 1)
            if problems:
                more = [f"and {len(problems) - SHOWN} nodes more"] if len(problems) > SHOWN else []
                return {**result, "failed": True, "msg": "\n".join([*problems[:SHOWN], *more])}
            return {**result, "nodes": nodes}
        return {**result, "failed": True, "msg": "interrupted; the nodes go on: run the same command again to wait further"}
