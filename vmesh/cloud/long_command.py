"""A command that runs for minutes on another machine: started there, looked at every few seconds, and found again if the way broke.

It lives in a folder of its own, apart from whoever started it:

    command    what was started             log       what it says
    pid        of its session's leader      status    its exit status, once it ended

`Command` makes the shell scripts for the other machine and understands their answers; how they get there is somebody else's part
(playbooks/action_plugins/long_command.py). Started again while it runs, or after it succeeded, it is not started twice.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

TAIL = 4000  # bytes of the log that each look brings
LINES = 25  # of the log that a failure tells
WIDEST = 100  # characters of a line of progress
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[^\t -~\u00a0-\uffff]")
# a process that nobody has waited for yet answers to `kill -0` although it has ended
ALIVE = r"""grep -q "^State:[[:space:]]*[^ZX]" "/proc/$(cat pid)/status" 2>/dev/null"""
STARTED, RUNNING, SUCCEEDED = "started", "running", "succeeded"


@dataclass(frozen=True)
class Look:
    """What a look found: exit status (None: it runs), whether its process lives, the end of its log, how far it is."""

    status: int | None
    alive: bool
    tail: str
    progress: str = ""

    @property
    def line(self) -> str:
        """How far it is, or the last line that says something; fit for a terminal."""
        if self.progress.strip():
            return clean(self.progress)[:WIDEST]
        lines = [clean(line) for line in self.tail.splitlines()]
        return next((line[-WIDEST:] for line in reversed(lines) if line.strip()), "")

    @property
    def last_lines(self) -> list[str]:
        """The end of the log, for whom it failed."""
        return [line for line in (clean(line) for line in self.tail.splitlines()) if line.strip()][-LINES:]


@dataclass(frozen=True)
class Command:
    """A command (words), where it runs (chdir), and the folder that is its own; absolute paths.

    `progress` is a line of shell that says how far a command is whose log does not; it runs in `chdir`.
    """

    words: tuple[str, ...]
    chdir: str
    folder: str
    environment: Mapping[str, str] = field(default_factory=dict)
    progress: str = ""

    @property
    def text(self) -> str:
        """As a shell reads it."""
        return shlex.join(self.words)

    def start(self, again: bool = False) -> str:
        """The script that starts it, unless it runs or (not `again`) has succeeded; says which: STARTED, RUNNING, SUCCEEDED."""
        variables = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(self.environment.items()))
        inner = f"{variables}cd {shlex.quote(self.chdir)} && {self.text}"
        # the exit status is written aside and renamed: half a number would be another number
        session = f"({inner}) >log 2>&1 </dev/null; echo $? >status.new; mv status.new status"
        return f"""set -eu
mkdir -p {shlex.quote(self.folder)}
cd {shlex.quote(self.folder)}
same() {{ test "$(cat command 2>/dev/null)" = {shlex.quote(self.text)}; }}
if test -e pid && ! test -e status && same && {ALIVE}; then echo {RUNNING}; exit; fi
if same && test "$(cat status 2>/dev/null)" = 0 && {"false" if again else "true"}; then echo {SUCCEEDED}; exit; fi
rm -f status pid
printf '%s\\n' {shlex.quote(self.text)} >command
setsid sh -c {shlex.quote(session)} </dev/null >/dev/null 2>&1 &
echo $! >pid
echo {STARTED}
"""

    def look(self) -> str:
        """The script that looks at it; `understood` reads what it says."""
        return f"""cd {shlex.quote(self.folder)}
alive=0; {ALIVE} && alive=1
echo "$(cat status 2>/dev/null || echo none) $alive"
(cd {shlex.quote(self.chdir)}; {self.progress or "echo"}) 2>/dev/null | head -n 1
tail -c {TAIL} log 2>/dev/null || true
"""

    def has_succeeded(self) -> str:
        """The script that only asks; exit status 0: it need not be started."""
        same = f'test "$(cat command 2>/dev/null)" = {shlex.quote(self.text)}'
        return f'cd {shlex.quote(self.folder)} 2>/dev/null && {same} && test "$(cat status 2>/dev/null)" = 0'

    def stop(self) -> str:
        """The script that ends it with everything it started."""
        return f"""cd {shlex.quote(self.folder)} || exit 0
test -e status || kill -s TERM -- "-$(cat pid)" 2>/dev/null || true
"""


def understood(answer: str) -> Look | None:
    """What `look` says; None if it is not that."""
    first, _, rest = answer.partition("\n")
    progress, _, tail = rest.partition("\n")
    match = re.fullmatch(r"(none|\d{1,3}) ([01])\s*", first)
    if match is None:
        return None
    return Look(None if match[1] == "none" else int(match[1]), match[2] == "1", tail, progress)


def clean(line: str) -> str:
    """Without colours and whatever else would move a terminal's cursor; of a line written over itself, the last state."""
    return CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]).rstrip()
