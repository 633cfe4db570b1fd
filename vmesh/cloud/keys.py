"""A node's folder of keys: what the cluster's keys.tar holds, and a key of the node's own with which its launcher asks its workers.

With page.key the node's page asks the workers of all nodes, with page.token it is opened; both are the cluster's.

Nothing is ever taken away here: a key that was revoked on this node stays revoked whatever the archive says.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from vmesh.cloud.bootstrap import BRIEFLY
from vmesh.cloud.faults import PATIENCE, Missing, Unfit, Unreachable, log, patiently
from vmesh.cloud.installing import unpack
from vmesh.cloud.places import keys_key
from vmesh.cloud.storage import S3
from vmesh.page.access import token_of
from vmesh.security import ADMIN
from vmesh.security.key_folder import NODE_SECRETS, PAGE, PAGE_TOKEN, add

LAUNCHER = "launcher"
WANTED = (*NODE_SECRETS, f"{PAGE}.key")
SECRET = (".key", ".token")
LARGEST = 1 << 24  # bytes


def renew(s3: S3, bucket: str, cluster: str, folder: Path) -> None:
    """The newest keys, in place. Raises Unfit, Unreachable if there are none; those of an earlier boot do while S3 is away."""
    there = (folder / "mesh-server.key").exists()
    try:
        content = patiently(lambda: s3.get(bucket, keys_key(cluster), LARGEST), BRIEFLY if there else PATIENCE)
        place(content, folder)
    except (Missing, Unreachable) as error:
        if not there:
            raise
        log(f"{error}; the keys of the last boot stay")
    if not (folder / f"{LAUNCHER}.key").exists():
        add(folder, LAUNCHER, ADMIN)
    token_of(str(folder / PAGE_TOKEN))  # a cluster of an older version has none; this node's page has one in any case


def page_key(folder: Path) -> str:
    """The name of the key that the page asks workers with: of all nodes, or where the cluster has none, of this one."""
    return PAGE if (folder / f"{PAGE}.key").exists() else LAUNCHER


def place(archive: bytes, folder: Path) -> None:
    """Puts the files of an archive into the folder, each whole or not at all; secrets are for root alone. Raises Unfit."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".keys") as name:
        new = Path(name)
        unpack(io.BytesIO(archive), new)
        if not (new / "mesh-server.key").is_file():
            raise Unfit("keys.tar holds no mesh-server.key; run launch.yml again, which makes it")
        for path in sorted(new.rglob("*")):
            if path.suffix == ".key" and path.name not in WANTED:
                continue  # of an administrator: no node needs it
            target = folder / path.relative_to(new)
            if path.is_dir():
                target.mkdir(exist_ok=True)
                continue
            path.chmod(0o600 if path.suffix in SECRET else 0o644)
            if not target.exists() or target.read_bytes() != path.read_bytes():
                path.rename(target)  # the temporary folder is on the same file system
