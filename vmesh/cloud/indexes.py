"""Numbers of nodes in one word, as the tag `vcloud-indexes` holds them: "0-3,7".

All instances of one RunInstances call have the same tags; `ami-launch-index`, which counts from 0 within the call, says which
element of the list is an instance's own. So a node has its number from its first moment, at no further call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vgp.errors import InputError

LONGEST = 250  # characters; a tag's value may have 256
MOST = 100_000  # an index is below; records are called 00000.json to 99999.json
RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def written(indexes: Iterable[int]) -> str:
    """The word for these indexes, in rising order."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs(sorted(indexes)))


def read(word: str) -> list[int]:
    """The indexes that a word lists, in its order. Raises InputError for anything that `written` would not write."""
    found: list[int] = []
    for part in word.split(","):
        match = RANGE.fullmatch(part)
        if match is None:
            raise InputError(f"{word!r} lists no indexes; it should look like 0-3,7")
        first = int(match[1])
        found.extend(range(first, int(match[2] or first) + 1))
    if written(set(found)) != word:
        raise InputError(f"{word!r} lists no indexes in rising order; it should look like 0-3,7")
    return found


def runs(indexes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each stretch without a gap."""
    first: int | None = None
    last = -1
    for index in indexes:
        if first is not None and index != last + 1:
            yield first, last
            first = None
        first, last = (index if first is None else first), index
    if first is not None:
        yield first, last


def batches(indexes: Iterable[int], most: int) -> Iterator[list[int]]:
    """The indexes in lists of at most `most`, each short enough for a tag."""
    batch: list[int] = []
    for index in sorted(indexes):
        if len(batch) == most or len(written([*batch, index])) > LONGEST:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
