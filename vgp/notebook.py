"""Progress and models in a notebook."""

from __future__ import annotations

import sys

from vgp.display import Display, display_for


def display_here(*, quiet: bool) -> Display:
    """The display that suits where this runs: a notebook's cell, a terminal, a log."""
    return display_for(sys.stderr, quiet=quiet)
