"""What can go wrong in the mesh, in words for its user. Engine errors are `vgp.errors`."""

from vgp.errors import InputError, VgpError


class SettingsError(InputError):
    """A setting that is unknown, wrong or contradicts another one; the message says where it was set and what to do."""


class MeshError(VgpError):
    """The mesh cannot do what it was asked to."""


class MessageError(MeshError):
    """Bytes from a peer or an administrator that are no message; `reason` is one word for counting."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class KeyFileError(InputError):
    """A key that is missing, malformed or readable by others."""


class AdminError(MeshError):
    """A worker refused an administrator's request, or did not answer in time."""


class StorageError(MeshError):
    """What is kept elsewhere, or a full disk: it cannot be read or written now, and may be later. Wrong input is an InputError."""
