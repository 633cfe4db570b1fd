"""Runs a command for minutes and tells meanwhile how far it is: the last line of its log, when that has changed.

    - name: Run the tests
      long_command:
        argv: [make, test]
        chdir: /srv/vcloud/source
        folder: /srv/vcloud/steps/test   # its log, its exit status: started again while it runs, it is waited for
        label: testing                   # what lines of progress begin with
        timeout: 3600                    # seconds
        again: false                     # true: even if it has succeeded before
        progress: ls done | wc -l        # a line of shell that says how far it is, if the log does not

Unchanged if the same command has succeeded already. Fails with the last lines of the log. The work: vmesh/cloud/long_command.py.
A plugin, not a module, because a module cannot print before it ends; and nothing is lost if the connection is.
"""

import time

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

EACH = 3.0  # seconds between two looks
SILENCE = 60.0  # seconds after which a line is told again, that nobody thinks it hangs
AWAY = 120.0  # seconds that the host may not answer


class ActionModule(ActionBase):
    """The action `long_command`."""

    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        """What Ansible calls."""
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(
            argument_spec={
                "argv": {"type": "list", "elements": "str", "required": True},
                "chdir": {"type": "str", "required": True},
                "folder": {"type": "str", "required": True},
                "label": {"type": "str", "required": True},
                "timeout": {"type": "float", "default": 3600.0},
                "again": {"type": "bool", "default": False},
                "progress": {"type": "str", "default": ""},
            }
        )
        try:
            from vmesh.cloud.long_command import SUCCEEDED, Command
        except ImportError as error:
            raise AnsibleActionFail(f"there is no vmesh ({error}); run make build and call .venv/bin/ansible-playbook") from None
        environment = {}
        self._compute_environment_string(environment)
        command = Command(tuple(given["argv"]), given["chdir"], given["folder"], environment, given["progress"])
        if self._task.check_mode:
            done = not given["again"] and self._low_level_execute_command(command.has_succeeded())["rc"] == 0
            return {**result, "changed": not done}
        began = time.monotonic()
        state = self.told(command.start(given["again"])).strip()
        if state.endswith(SUCCEEDED):
            return {**result, "changed": False}
        try:
            look = self.waited_for(command, given["label"], began + given["timeout"])
        except KeyboardInterrupt:
            raise AnsibleActionFail(f"interrupted; {command.text} goes on, and the same playbook would wait for it") from None
        result.update(changed=True, seconds=round(time.monotonic() - began, 1), stdout_lines=look.last_lines)
        if look.status == 0 and look.last_lines:  # what it came to, as a test run's last line tells
            Display().display(f"  {given['label']}: {look.last_lines[-1]}")
        if look.status != 0:
            how = f"failed with exit status {look.status}" if look.status is not None else "was killed"
            lines = "\n".join(f"  {line}" for line in look.last_lines)
            result.update(failed=True, msg=f"{command.text} {how}; the end of {given['folder']}/log:\n{lines}")
        return result

    def waited_for(self, command, label, until):
        """The last look at a command that has ended."""
        from vmesh.cloud.long_command import understood

        display, told, said_at, heard_at = Display(), "", time.monotonic(), time.monotonic()
        began = said_at
        while True:
            look = self.look(command, understood)
            now = time.monotonic()
            heard_at = now if look else heard_at
            if look and (look.status is not None or not look.alive):
                again = self.look(command, understood) if look.status is None else look  # it may have ended in between
                return again or look
            if now > until or now - heard_at > AWAY:
                reason = "takes longer than it may" if look else f"cannot be looked at: the host has not answered for {AWAY:.0f} s"
                if look:
                    self.told(command.stop())
                raise AnsibleActionFail(f"{command.text} {reason}; its log is {command.folder}/log")
            if look and look.line and (look.line != told or now - said_at > SILENCE):
                display.display(f"  {label}, {now - began:.0f} s: {look.line}")
                told, said_at = look.line, now
            time.sleep(EACH)

    def look(self, command, understood):
        try:
            return understood(self._low_level_execute_command(command.look()).get("stdout", ""))
        except AnsibleConnectionFailure:
            return None

    def told(self, script):
        """What a script says. Fails if it does not work."""
        answer = self._low_level_execute_command(script)
        if answer["rc"] != 0:
            raise AnsibleActionFail(f"the command cannot be started: {answer.get('stderr') or answer.get('stdout')}")
        return answer["stdout"]
