"""What is sent arrives, newest only, however long S3 is away, and nobody waits for it."""

import threading
import time

from vmesh.cloud.faults import Unfit, Unreachable
from vmesh.cloud.post import Post

SECONDS = 20


class Box:
    """Where posts arrive; while `broken` is set it takes nothing."""

    def __init__(self):
        self.broken, self.got, self.tried, self.gate = None, [], threading.Event(), threading.Event()
        self.gate.set()
        self.post = Post(self.put, first_pause=0.01)

    def put(self, key, content):
        self.tried.set()
        self.gate.wait(SECONDS)
        if self.broken:
            raise self.broken
        self.got.append((key, content))


def test_it_arrives():
    box = Box()
    box.post.send("a", b"1")
    assert box.post.flush(SECONDS) and box.got == [("a", b"1")]
    box.post.close()


def test_while_one_is_on_its_way_only_the_newest_waits():
    box = Box()
    box.gate.clear()
    box.post.send("a", b"1")
    assert box.tried.wait(SECONDS)
    for i in range(2, 100):
        box.post.send("a", b"%d" % i)
    box.post.send("b", b"x")
    box.gate.set()
    assert box.post.flush(SECONDS)
    assert box.got[0] == ("a", b"1") and sorted(box.got[1:]) == [("a", b"99"), ("b", b"x")]
    box.post.close()


def test_it_outlasts_a_service_that_is_away():
    box = Box()
    for error in (Unreachable("away"), Unfit("gone")):
        box.broken = error
        box.tried.clear()
        box.post.send("a", str(error).encode())
        assert box.tried.wait(SECONDS)
        began = time.monotonic()
        assert not box.post.flush(0.05) and time.monotonic() - began < SECONDS
        box.broken = None
        assert box.post.flush(SECONDS)
    assert [content for _, content in box.got] == [b"away", b"gone"]
    box.post.close()
