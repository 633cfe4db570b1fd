"""What somebody may have meant by a name that does not exist."""

import difflib
from collections.abc import Iterable, Sequence


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ "did you mean 'mass'?", or the list of known names where none is near. One line, shortened where the list is long."""
    known = list(known)
    by_folded = {candidate.casefold(): candidate for candidate in known}
    near = [by_folded[f] for f in difflib.get_close_matches(name.casefold(), list(by_folded), n=3, cutoff=0.6)]
    if near:
        return f"did you mean {' or '.join(repr(candidate) for candidate in near)}?"
    return f"there are: {listed(known)}" if known else "there are none"


def listed(names: Sequence[str], most: int = 12) -> str:
    """a, b, c and 5 more"""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
