"""Prints lines as they are, for people: tables, host names, commands to type.

    - name: Show the nodes' names
      cluster_show:
        lines: "{{ launched.nodes | map(attribute='public_hostname') }}"
"""

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display


class ActionModule(ActionBase):
    """The action `cluster_show`."""

    def run(self, tmp=None, task_vars=None):
        """What Ansible calls."""
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(argument_spec={"lines": {"type": "list", "elements": "str", "required": True}})
        Display().display("\n".join(given["lines"]))
        return {**result, "changed": False}
