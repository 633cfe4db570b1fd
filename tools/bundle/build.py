"""Builds the deploy bundle of a checkout. MAIN FLOW: build."""

import io
import platform
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from tools.bundle import compiled, wheels
from tools.bundle.own_wheel import own_wheel
from vgp.errors import InputError
from vmesh.cloud import archive, site_tree
from vmesh.cloud.archive import Member
from vmesh.cloud.bundle import MANIFEST, File, Manifest
from vmesh.cloud.source import Source

# what of the source goes to a node as it is: where it lies in the bundle, what it is in the checkout
PARTS = {
    "node/node.yml": "playbooks/node.yml",
    "node/roles/vmesh/": "roles/vmesh/",
    "node/node_metrics.yml": "playbooks/node_metrics.yml",
    "node/roles/node_metrics/": "roles/node_metrics/",
}
PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
LEFT_OUT = ("roles/vmesh/molecule/", "roles/node_metrics/molecule/")


def build(root: Path, source: Source, out: Path, *, as_compiled: bool, note: Callable[[str], object]) -> Path:
    """Writes `out`/bundle.tar and returns its path. The same source, modules and wheels make the same bytes. Raises InputError."""
    check_tree(root, source)
    modules = compiled.compiled_files(root)
    if not as_compiled:
        compiled.check_current(root)
    files = parts(source)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=out) as temporary:
        note("vcloud itself, of the modules that are compiled")
        own = own_wheel(root, source, Path(temporary))
        site_tree.build([own], Path(temporary) / "site")
        note("what it needs: " + ", ".join(wheels.requirements(root)))
        others, other_site = wheels.others(root, f"{PYTHON}-{platform.machine()}")
        made_of = sorted([own, *others.glob("*.whl")], key=lambda path: path.name)
        files |= site_files(Path(temporary) / "site") | site_files(other_site)
        manifest = manifest_of(root, source, modules, made_of, files)
        finished = Path(temporary) / "bundle.tar"
        pack(manifest, files, finished)
        return shutil.move(finished, out / "bundle.tar")


def site_files(site: Path) -> dict[str, Path | bytes]:
    return {f"site/{path.relative_to(site)}": path for path in site.rglob("*") if path.is_file()}


def manifest_of(root: Path, source: Source, modules: list[str], made_of: list[Path], files: dict[str, Path | bytes]) -> Manifest:
    least = max(compiled.least_glibc([root / name for name in modules]), wheels.least_glibc([path.name for path in made_of]))
    return Manifest(
        version=source.version,
        source=source.sha256,
        arch=platform.machine(),
        python=PYTHON,
        glibc=f"{least[0]}.{least[1]}",
        instruction_sets=compiled.instruction_sets(root),
        wheels=tuple(described(path.name, path) for path in made_of),
        files=tuple(described(name, files[name]) for name in sorted(files)),
    )


def check_tree(root: Path, source: Source) -> None:
    """The files that lie below `root` must be those of the source: the bundle bears its checksum. Raises InputError."""
    for member in source.members():
        path = root / member.name
        if not member.link and (not path.is_file() or path.read_bytes() != source.content(member)):
            raise InputError(f"{path} is not as in the source bundle: unpack that again, or build from the checkout")


def parts(source: Source) -> dict[str, Path | bytes]:
    """The files of PARTS: where they lie in the bundle, and what they hold. Raises InputError if one is missing."""
    members = [member for member in source.members() if not member.link and not member.name.startswith(LEFT_OUT)]
    found: dict[str, Path | bytes] = {}
    for target, origin in PARTS.items():
        names = {target + member.name[len(origin) :]: member for member in members if fits(member.name, origin)}
        if not names:
            raise InputError(f"there is no {origin} among the files that git knows, and nodes need it")
        found |= {name: source.content(member) for name, member in names.items()}
    return found


def fits(name: str, origin: str) -> bool:
    return name.startswith(origin) if origin.endswith("/") else name == origin


def described(name: str, content: Path | bytes) -> File:
    with opened(content) as stream:
        size = stream.seek(0, 2)
        stream.seek(0)
        return File(name, size, archive.digest(stream))


def opened(content: Path | bytes) -> BinaryIO:
    return io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb")


def pack(manifest: Manifest, files: dict[str, Path | bytes], path: Path) -> None:
    with open(path, "wb") as file:
        archive.write(file, members(manifest, files))


def members(manifest: Manifest, files: dict[str, Path | bytes]) -> Iterator[tuple[Member, BinaryIO]]:
    head = manifest.text()
    yield Member(MANIFEST, False, len(head)), io.BytesIO(head)
    for row in manifest.files:
        with opened(files[row.path]) as stream:
            yield Member(row.path, is_executable(files[row.path]), row.size), stream


def is_executable(content: Path | bytes) -> bool:
    return isinstance(content, Path) and bool(content.stat().st_mode & stat.S_IXUSR)
