"""A host's control groups, made by hand: hosts run without systemd's machine manager, and on machines that systemd did not boot.

Version 1: a group in each hierarchy that a host's systemd manages; its init mounts them afresh, since nspawn gives it only its own
hierarchy to write to. Version 2: one group, in which nspawn makes one for itself and one for the host. A group names every process
of a host, whatever became of its parents, so it is also how a host is ended for certain.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

WANTED = {"name=systemd", "memory", "cpu", "cpuacct", "pids"}
MOUNTS = Path("/proc/self/mountinfo")
# A host's share of the processors where they are short, of the 1024 (version 2: 100) that everything else has: who owns the machine
# goes first, playbooks among them; the hosts are equals among themselves.
SHARES = {"cpu.shares": "102", "cpu.weight": "10"}


def hierarchies(mountinfo: str) -> dict[str, Path]:
    """Controllers that a host gets, with where each is mounted, from the text of /proc/self/mountinfo; "" is version 2."""
    found: dict[str, Path] = {}
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        path = Path(before.split()[4])
        if kind == "cgroup2":
            found.setdefault("", path)
        elif kind == "cgroup":
            ours = WANTED & set(options.split(","))
            found |= dict.fromkeys(ours, path)
    return found


def roots() -> list[Path]:
    return sorted(set(hierarchies(MOUNTS.read_text()).values()))


def mounted_by_init() -> list[str]:
    """What seed/init mounts again in a host: sets of version-1 controllers that share a hierarchy."""
    shared: dict[Path, list[str]] = {}
    for name, path in hierarchies(MOUNTS.read_text()).items():
        if name not in ("", "name=systemd"):
            shared.setdefault(path, []).append(name)
    return sorted(",".join(sorted(names)) for names in shared.values())


def make(name: str) -> list[Path]:
    """Make a host's groups; returns the files that a process writes itself to to be in them."""
    groups = [root / name for root in roots()]
    for group in groups:
        group.mkdir(exist_ok=True)
        # version 2: without this no controller of the machine reaches the host
        controls = group.parent / "cgroup.subtree_control"
        if controls.exists():
            for controller in ("memory", "cpu", "pids", "io"):
                with contextlib.suppress(OSError):
                    controls.write_text(f"+{controller}")
        for file, share in SHARES.items():
            if (group / file).exists():
                (group / file).write_text(share)
    return [group / "cgroup.procs" for group in groups]


def processes(groups: Iterable[Path]) -> set[int]:
    found: set[int] = set()
    for group in groups:
        for path in group.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                found |= {int(line) for line in path.read_text().split()}
    return found - {0}


def names(tag: str) -> list[str]:
    """The hosts' groups that a cloud has, even one that was killed."""
    return sorted({path.name for root in roots() for path in root.glob(f"{tag}-*")})


def end(name: str, patience: float = 10.0) -> None:
    """Kill every process in a host's groups, wait until they are gone, and remove the groups."""
    groups = [root / name for root in roots() if (root / name).exists()]
    deadline = time.monotonic() + patience
    while (alive := processes(groups)) and time.monotonic() < deadline:
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    for group in groups:
        remove(group)


def remove(group: Path) -> None:
    """Remove a group and those below it; a killed process may hold one for a moment longer."""
    for _ in range(100):
        try:
            for folder, _, _ in os.walk(group, topdown=False):
                Path(folder).rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
