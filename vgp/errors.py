"""What can go wrong, each said in one line that tells the user what to do."""


class VgpError(Exception):
    """Base of every error that vgp raises on purpose. Its text is one line, fit to be shown to a user."""


class InputError(VgpError, ValueError):
    """Something the user gave - a table, a column, an option, a parameter - cannot be used. Names it and what to do."""


class MissingLibrary(InputError, ImportError):
    """What was asked for needs a library that an extra of this package brings. Names it and the extra."""


class RecordError(VgpError, ValueError):
    """Bytes that are not a portable organism record. `reason` is a stable name such as "bad_checksum"."""

    def __init__(self, message: str, reason: str = "malformed"):
        super().__init__(message)
        self.reason = reason


class GenomeError(VgpError, ValueError):
    """A node array is no genome, or cannot be written out as one. `reason` is a stable name such as "too_deep"."""

    def __init__(self, message: str, reason: str = "malformed"):
        super().__init__(message)
        self.reason = reason


class FormulaError(InputError):
    """A formula typed by a user cannot be read. Names the position."""


class CheckpointError(VgpError):
    """A checkpoint or model file is missing, damaged, or belongs to other data. Names the file."""


class SandboxError(VgpError):
    """The sandbox cannot be started, or keeps dying. Says why and what to do."""


class BackendError(VgpError):
    """The workers that a run was given are gone, or keep dying. Says what was lost and what to do."""
