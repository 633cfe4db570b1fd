"""A bundle becomes a virtual environment: unpacked, looked at, there whole or not at all. Standard library only.

Python 3.11.2, which Debian 12 has, knows no filters for tar archives (PEP 706), so what may be in one is said here.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tarfile
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from vmesh.cloud.faults import FULL, Unfit
from vmesh.cloud.storage import PIECE, S3

SCRIPTS = {"vmesh": "vmesh.cli", "vgp": "vgp.cli", "ansible-playbook": "ansible.cli.playbook"}


def boot_id() -> str:
    """Of this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text()


def installed(folder: Path) -> bool:
    """Whether it is there whole: made in this boot, or known to be on the disk since (`synced`, by configuring.py)."""
    mark = folder / "installed"
    return (folder / "synced").exists() or (mark.exists() and mark.read_text() == boot_id())


def install(s3: S3, bucket: str, bundle: Mapping[str, str], home: Path, tell: Callable[[str], None]) -> Path:
    """The folder of a bundle ("id", "key", "sha256") below `home`, made if it is not there. Raises Unfit, Unreachable."""
    folder, new, part = home / bundle["id"], home / ".new", home / ".bundle.tar"
    if installed(folder):
        return folder
    home.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(new, ignore_errors=True)
    tell("fetching")
    try:
        with open(part, "w+b") as file:
            verify(s3.fetch(bucket, bundle["key"], file), bundle, bucket)
            tell("installing")
            file.seek(0)
            unpack(file, new)
    finally:
        part.unlink(missing_ok=True)
    fitting(new)
    equip(new, folder)
    (new / "installed").write_text(boot_id())
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return folder


def verify(found: str, bundle: Mapping[str, str], bucket: str) -> None:
    """Raises Unfit for a bundle that is not the one that was built."""
    if found != bundle["sha256"]:
        place = f"s3://{bucket}/{bundle['key']} has {found[:12]}..., cluster.json wants {bundle['sha256'][:12]}..."
        raise Unfit(f"the bundle's checksum is wrong: {place}; upload it again by devserver.yml and run launch.yml")


def unpack(file: IO[bytes], folder: Path) -> None:
    """Files and folders of a tar, nothing else and nowhere else; owner and mode are this process's choice. Raises Unfit."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            for member in tar:
                parts = Path(member.name).parts
                if member.name.startswith("/") or ".." in parts or not (member.isdir() or member.isreg()) or member.sparse:
                    raise Unfit(f"the bundle holds {member.name!r}, no plain file inside it; build it again by devserver.yml")
                target = folder.joinpath(*parts)
                (target if member.isdir() else target.parent).mkdir(parents=True, exist_ok=True)
                source = tar.extractfile(member)
                if source is not None:
                    with open(target, "xb", opener=lambda path, flags: os.open(path, flags, 0o666)) as out:
                        shutil.copyfileobj(source, out, PIECE)
                    target.chmod(0o755 if member.mode & 0o100 else 0o644)
    except (tarfile.TarError, ValueError, EOFError, OverflowError, OSError) as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        raise Unfit(f"the bundle cannot be unpacked: {error}; build it again by devserver.yml") from None


def fitting(folder: Path) -> None:
    """Raises Unfit if a bundle is not for this machine."""
    here = {"python": "cp{}{}".format(*sys.version_info), "arch": platform.machine()}
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        wanted = {name: str(manifest[name]) for name in here}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unfit(f"the bundle's manifest cannot be read: {error!r}; build it again by devserver.yml") from None
    for name, value in wanted.items():
        if value != here[name]:
            advice = "choose an image, or a bundle built on one, that has the same"
            raise Unfit(f"the bundle is for {name} {value} and this machine has {name} {here[name]}; {advice}")


def equip(new: Path, folder: Path) -> None:
    """A virtual environment of what the bundle brings, to be used when `new` is called `folder`."""
    venv.create(new / "venv", symlinks=True, with_pip=False)
    site = new / "venv/lib/python{}.{}/site-packages".format(*sys.version_info)
    site.rmdir()
    (new / "site").rename(site)
    for name, module in SCRIPTS.items():
        script = new / "venv/bin" / name
        script.write_text(f"#!{folder}/venv/bin/python\nimport sys\nfrom {module} import main\nsys.exit(main())\n")
        script.chmod(0o755)
