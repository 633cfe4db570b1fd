"""Processes as the system shows them: who belongs to whom, and whether anything is left."""

import os
from pathlib import Path

from tests.vmesh.mesh.workers import eventually

PAGE = os.sysconf("SC_PAGE_SIZE")


def table():
    """{process: (parent, session)} of all that run; the dead that nobody has waited for yet are left out."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if state not in "ZX":
                found[int(entry.name)] = int(parent), int(session)
    return found


def children(pid):
    return [child for child, (parent, _) in table().items() if parent == pid]


def family(pid):
    """The process with all that it started, directly or not, or that belongs to its session."""
    everyone, found, more = table(), set(), {pid}
    while more:
        found |= more
        more = {child for child, (parent, session) in everyone.items() if parent in found or session in found} - found
    return found & everyone.keys()


def gone(pids):
    """Waits until none of these runs any more."""
    eventually(lambda: not table().keys() & set(pids))


def memory(pid):
    """Resident bytes that are the process's own."""
    resident, shared = (Path(f"/proc/{pid}/statm").read_text().split())[1:3]
    return (int(resident) - int(shared)) * PAGE


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
