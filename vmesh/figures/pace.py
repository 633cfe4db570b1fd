"""How fast a counter grows: its pace over the last few seconds."""

from __future__ import annotations

from collections import deque

SECONDS = 3.0


class Pace:
    """Of one counter that is looked at now and then."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, now: float, count: int) -> float | None:
        """Per second; None before the second look."""
        self._seen.append((now, count))
        while len(self._seen) > 2 and self._seen[-1][0] - self._seen[0][0] > SECONDS:
            self._seen.popleft()
        (begin, before), (end, after) = self._seen[0], self._seen[-1]
        return (after - before) / (end - begin) if end > begin else None
