"""Evolution takes the processor time that nothing else wants: answers, heartbeats and the start of newcomers go before it.

Niceness is a thread's own on Linux. Where the scheduler groups processes by session (autogroup), it counts within the session only,
and the session as a whole has a niceness beside others; it is set only by a process that has its session to itself.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path


def step_back(niceness: int, sandbox: int) -> None:
    """Gives the calling thread, the sandbox process of that id, and a session of our own this niceness. What is refused stays."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, sandbox, niceness)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))
