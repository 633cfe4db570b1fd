"""What the control groups that this process is in allow it, version 1 or 2: the files of its own group and of all above it.

Paths in /proc/self/cgroup count from the root of the hierarchy, which in a container is not what is mounted: /proc/self/mountinfo
tells both the mount point and which group stands there.
"""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")


def groups(controller: str, root: Path = ROOT) -> Iterator[tuple[int, Path]]:
    """(version, folder) of each group that binds this process through `controller`, innermost first. `root` is / but for tests."""
    own = _own_groups(root)
    for version, kinds, inside, mounted in _mounts(root):
        path = own.get("" if version == 2 else controller)
        if path is None or (version == 1 and controller not in kinds):
            continue
        relative = path.removeprefix(inside.rstrip("/")).strip("/") if path.startswith(inside) else ""
        folder = root / mounted.lstrip("/")
        below = [part for part in relative.split("/") if part and part != ".."]
        for depth in range(len(below), -1, -1):
            yield version, folder.joinpath(*below[:depth])


def number(path: Path) -> int | None:
    """The number that a file holds; None where there is none, also for "max"."""
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def entry(path: Path, name: str) -> int:
    """The value behind a name in a file of lines "name value"; 0 where it is not."""
    try:
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    except (OSError, ValueError):
        pass
    return 0


def _own_groups(root: Path) -> dict[str, str]:
    """Controller -> path of this process; version 2 under the empty name."""
    found = {}
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _mounts(root: Path) -> Iterator[tuple[int, set[str], str, str]]:
    """(version, options, group mounted, mount point) of each mounted hierarchy."""
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) >= 5 and kind and kind[0] in ("cgroup", "cgroup2"):
            yield 2 if kind[0] == "cgroup2" else 1, set(kind[-1].split(",")), fields[3], fields[4]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
