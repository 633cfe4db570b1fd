"""The processes below another one, as /proc tells."""

import contextlib
import os
import signal
import time
from pathlib import Path

SANDBOX = "vgp-sandbox"
PATIENCE = 60.0  # seconds, of a machine that has much else to do


def children(parent):
    """Process id -> command line of those that run."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = path.read_text()
            state, father = text.rpartition(")")[2].split()[:2]
            if int(father) == parent and state != "Z":
                name = path.with_name("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found[int(path.parent.name)] = name
    return found


def below(parent):
    """All descendants."""
    own = children(parent)
    return own | {pid: name for child in own for pid, name in below(child).items()}


def until(fact, what):
    """Waits for a fact; fails after a long time."""
    deadline = time.monotonic() + PATIENCE
    while not (value := fact()):
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
    return value


def none_left(name):
    """No process of that name is left below this one."""
    until(lambda: not any(name in line for line in below(os.getpid()).values()), f"{name} is left: {below(os.getpid())}")


def kill_a_worker(ancestor):
    """Kills, as the kernel does when memory is short, a process below that has a sandbox: one that works. Returns its sandboxes."""
    worker, sandboxes = until(lambda: working(ancestor), "nobody works")
    os.kill(worker, signal.SIGKILL)
    return sandboxes


def working(ancestor):
    """A process below that has a sandbox, and its sandboxes; None: there is none."""
    for worker in below(ancestor):
        sandboxes = [pid for pid, name in children(worker).items() if SANDBOX in name]
        if sandboxes:
            return worker, sandboxes
    return None


def gone(pids):
    """These sandboxes have ended, whoever is their parent now."""
    until(lambda: not any(_is_sandbox(pid) for pid in pids), "a sandbox outlives its worker")


def _is_sandbox(pid):
    try:
        return SANDBOX in Path(f"/proc/{pid}/comm").read_text() and ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
