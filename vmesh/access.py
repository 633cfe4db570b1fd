"""The keys of a running worker as an administrator sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vmesh.security import key_folder
from vmesh.security.allow_list import AllowList


class Access:
    """Lists and revokes keys in the folder that this worker's sockets go by."""

    def __init__(self, folder: Path, allow_list: AllowList) -> None:
        self._folder, self._allow_list = folder, allow_list

    def keys(self) -> list[dict[str, Any]]:
        """The keys that may connect: {domain, name, public}."""
        found = (key for key in key_folder.listed(self._folder) if not key.revoked)
        return [{"domain": key.domain, "name": key.name, "public": key.public} for key in found]

    def revoke(self, which: str) -> None:
        """Takes back a key, by name or public key; in force at once. Raises KeyFileError."""
        key_folder.revoke(self._folder, which)
        self._allow_list.look()

    def permits_peer(self, public: str) -> bool:
        """Whether a peer may still speak."""
        return self._allow_list.permits("mesh", public)
