"""Prints how to get to the page of a cluster. The work: vmesh/cloud/page_way.py.

    - name: Tell the way to the page
      cluster_page:
        nodes: "{{ launched.nodes | map(attribute='name') }}"  # that run; the first is the tunnel's end
        ssh_config: "{{ cluster_ssh_config }}"
        keys: "{{ cluster_mesh_keys }}"

The address holds the token of the page. It goes to the terminal alone: not into the result, which is registered and logged, nor
into Ansible's log file. A plugin for that reason.
"""

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display


class ActionModule(ActionBase):
    """The action `cluster_page`."""

    def run(self, tmp=None, task_vars=None):
        """What Ansible calls."""
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(
            argument_spec={
                "nodes": {"type": "list", "elements": "str", "required": True},
                "ssh_config": {"type": "path", "required": True},
                "keys": {"type": "path", "required": True},
            }
        )
        try:
            from vgp.errors import VgpError
            from vmesh.cloud import page_way
        except ImportError as error:
            remedy = "run make build and call .venv/bin/ansible-playbook"
            raise AnsibleActionFail(f"there is no vmesh here ({error}); {remedy}") from None
        try:
            lines = page_way.lines(given)
        except VgpError as error:
            raise AnsibleActionFail(str(error)) from None
        for line in lines:
            Display().display(line, screen_only=True)
        return {**result, "changed": False}
