"""A process that must not outlive another one holds the reading end of its pipe: it ends when the other does, however it does.

PR_SET_PDEATHSIG does the same where the kernel has it, but not for a process whose parent is gone before it asks for it.
"""

import ctypes
import os
import signal
import threading

PR_SET_PDEATHSIG = 1
_prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)  # looked up now: after a fork is no time for it


def hold(fd: int) -> None:
    """From now on this process, with its group, is killed when the other end of the pipe is closed."""
    threading.Thread(target=_wait, args=(fd,), name="lifeline", daemon=True).start()


def die_with_parent(parent: int) -> None:
    """Between fork and exec: the kernel kills this process when the thread that forked it ends."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def _wait(fd: int) -> None:
    while os.read(fd, 1):
        pass
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
