"""The keys of a cluster's mesh: made once on the admin machine, the nodes' part of them in the deploy bucket.

    results/NAME/keys                       all of them, admin.key too: whoever has this folder administrates the mesh
    s3://DEPLOY/clusters/NAME/keys.tar      without admin.key
"""

from __future__ import annotations

import io
from pathlib import Path

from vgp.errors import InputError
from vmesh.cloud import archive
from vmesh.security.key_folder import NODE_SECRETS, new_folder, worker_keys


def made(folder: Path, *, published: bool, alive: bool) -> bool:
    """Makes the keys, unless they are there; whether they were not. Raises InputError where running nodes have others."""
    if any(folder.glob("*.key")):
        worker_keys(folder)  # raises where something is missing
        return False
    if published and alive:
        raise InputError(
            f"the nodes that run have keys that are not in {folder}; copy the folder of whoever launched them, "
            "or end them first: ansible-playbook terminate.yml"
        )
    new_folder(folder)
    return True


def packed(folder: Path) -> bytes:
    """What nodes get, with the same bytes each time. Raises InputError."""
    paths = [folder / name for name in NODE_SECRETS]
    paths += [path for pattern in ("*.pub", "allowed/*/*.pub", "revoked/*.pub") for path in folder.glob(pattern)]
    content = []
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}; make the keys again in another folder") from None
        content.append((archive.Member(path.relative_to(folder).as_posix(), False, len(data)), io.BytesIO(data)))
    file = io.BytesIO()
    archive.write(file, content)
    return file.getvalue()
