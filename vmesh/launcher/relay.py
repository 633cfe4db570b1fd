"""What workers print, passed on: log lines in the form of the launcher's own log, anything else as one of its lines."""

import logging
import os
import re
from collections.abc import Callable, Mapping

from vmesh.log import PRIORITIES, is_journal

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z (\S+ ([A-Z]+) (.*))")
COMPLAINT = "vmesh: "  # how a command tells why it ends
SERIOUS = ("WARNING", "ERROR", "CRITICAL")

log = logging.getLogger(__name__)


class Relay:
    """Passes lines on to `write`."""

    def __init__(self, write: Callable[[str], None], *, quiet: bool = False, environment: Mapping[str, str] | None = None) -> None:
        self._write, self._quiet = write, quiet
        self._journal = is_journal(os.environ if environment is None else environment)

    def pass_on(self, name: str, line: str) -> str:
        """Passes on a line of that worker; returns it if it may be its last words: a complaint or an error.

        A complaint is not shown here: when the worker ends, the launcher says so with this reason, once for many workers.
        """
        logged = LOG_LINE.match(line)
        if logged:
            if not self._quiet or logged[2] in SERIOUS:
                self._write(f"<{PRIORITIES.get(logged[2], 6)}>{logged[1]}" if self._journal else line)
            return logged[3] if logged[2] in ("ERROR", "CRITICAL") else ""
        if line.startswith(COMPLAINT):
            return line.removeprefix(COMPLAINT)
        log.warning("%s: %s", name, line)
        return ""
