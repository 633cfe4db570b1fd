"""Takes what is to be written to S3 off the agent's hands: a thread that tries until it succeeds, newest content only.

The agent's loop never waits for S3. While it is away, pauses between attempts grow; when it is back, the newest record is written.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from vmesh.cloud.faults import Unfit, Unreachable

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between attempts

log = logging.getLogger(__name__)


class Post:
    """`put(key, content)` writes; it may raise Unreachable or Unfit."""

    def __init__(self, put: Callable[[str, bytes], None], first_pause: float = FIRST_PAUSE) -> None:
        self._put, self._first_pause = put, first_pause
        self._waiting: dict[str, bytes] = {}  # by key
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="post", daemon=True)
        self._thread.start()

    def send(self, key: str, content: bytes) -> None:
        """To be written as soon as possible, instead of what still waits for that key."""
        with self._changed:
            self._waiting[key] = content
            self._changed.notify_all()

    def flush(self, seconds: float) -> bool:
        """Waits until all is written, so long at most; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, seconds)

    def close(self) -> None:
        """Nothing more is begun."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _run(self) -> None:
        pause = 0.0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._waiting)
                if self._ended:
                    return
                key, content = next(iter(self._waiting.items()))
            pause = self._attempt(key, content, pause)
            time.sleep(pause)

    def _attempt(self, key: str, content: bytes, pause: float) -> float:
        """Writes once; returns the pause before the next attempt, in seconds."""
        try:
            self._put(key, content)
        except (Unfit, Unreachable) as error:
            pause = min(2 * pause or self._first_pause, LONGEST_PAUSE)
            log.warning("%s; tried again in %g s", error, pause)
            return pause
        with self._changed:
            if self._waiting.get(key) is content:
                del self._waiting[key]
            self._changed.notify_all()
        if pause:
            log.info("S3 takes records again")
        return 0.0
