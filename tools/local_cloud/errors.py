"""What a user can do something about: one line, never a traceback."""


class LocalCloudError(Exception):
    """Its text is one sentence that names the thing and says what to do."""
