"""The keys of a cluster's mesh: made once on the admin machine, the nodes' part of them in the deploy bucket.

    results/NAME/keys                       all of them, admin.key too: whoever has this folder administrates the mesh
    s3://DEPLOY/clusters/NAME/keys.tar      without admin.key

All nodes serve the same page: its token (page.token), and the key with which the page of a node asks the workers of all others
(page.key), are among them. What a folder of an older version lacks is made.
"""

from __future__ import annotations

import io
from pathlib import Path

from vgp.errors import InputError
from vmesh.cloud import archive
from vmesh.page.access import token_of
from vmesh.security import ADMIN
from vmesh.security.key_folder import NODE_SECRETS, PAGE, PAGE_TOKEN, add, listed, new_folder, worker_keys

PAGE_SECRETS = (f"{PAGE}.key", PAGE_TOKEN)


def made(folder: Path, *, published: bool, alive: bool) -> bool:
    """Makes the keys, unless they are there; whether they were not. Raises InputError where running nodes have others."""
    if any(folder.glob("*.key")):
        worker_keys(folder)  # raises where something is missing
        equip_page(folder)
        return False
    if published and alive:
        raise InputError(
            f"the nodes that run have keys that are not in {folder}; copy the folder of whoever launched them, "
            "or end them first: ansible-playbook terminate.yml"
        )
    new_folder(folder)
    equip_page(folder)
    return True


def complete(folder: Path) -> bool:
    """Whether nothing would be made."""
    return any(folder.glob("*.key")) and all((folder / name).exists() for name in PAGE_SECRETS)


def equip_page(folder: Path) -> None:
    """Makes key and token of the page where they are missing; a key that was revoked is not made again. Raises KeyFileError."""
    if not any(one.name == PAGE for one in listed(folder)):
        add(folder, PAGE, ADMIN)
    token_of(str(folder / PAGE_TOKEN))


def packed(folder: Path) -> bytes:
    """What nodes get, with the same bytes each time. Raises InputError."""
    paths = [folder / name for name in NODE_SECRETS]
    paths += [path for name in PAGE_SECRETS if (path := folder / name).exists()]
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
