"""Workers without evolution: a node that remembers what it was told, an endpoint in memory, a hall of workers on real sockets."""

import contextlib
import threading
from collections import deque
from concurrent.futures import Future
from types import SimpleNamespace

from vgp.errors import InputError
from vgp.island import ImportReport
from vmesh.admin.server import Server
from vmesh.errors import MeshError
from vmesh.settings import Network
from vmesh.sockets import AdminEndpoint, Sockets

RECORD = b"a record"


def done(value):
    future = Future()
    future.set_result(value)
    return future


class FakeNode:
    """Obeys at once, except `advance`, whose futures stand in `advancing` until a test resolves them."""

    def __init__(self, name="host/0", admin="127.0.0.1:1"):
        self.name, self.admin = name, admin
        self.told = []
        self.advancing = []
        self.known = []  # (name, admin address)

    def status(self):
        return {
            "name": self.name, "address": "127.0.0.1:7100", "admin": self.admin, "incarnation": 3, "version": "0.1.0",
            "log_level": "info",
            "uptime": 61.4, "memory_bytes": 200 << 20, "paused": "pause" in self.told, "draining": False, "tick": 7, "living": 1000,
            "evaluations": 12_345, "evaluations_per_second": 4.5e6, "best_loss": 0.25, "best_r2": 0.999, "best_formula": "x ^ 1.5",
            "active": len(self.known), "passive": 0, "checkpoint": {"path": "/tmp/0", "age": 5.0, "error": None},
            "data": {"url": "t.csv", "version": 1, "checksum": "0" * 64, "rows": 9, "columns": ["a", "b"]},
            "exchange": {"sent": 5, "rejected": {"columns": 2}},
        }  # fmt: skip

    def figures(self, front, line):
        return {"name": self.name, "state": "running", "tick": 7, "deaths": {"starved": 3}, "births": 9, "memory_bytes": 1 << 20,
                "front": None if front else [], "last_line": line}  # fmt: skip

    def history(self, points, since):
        return {"time": [1.0, 2.0], "best_loss": [0.5, 0.25], "pace": [None, 4.0], "tick": [1, 2]}

    def peers(self):
        me = {"name": self.name, "address": "", "admin": self.admin, "incarnation": 3, "state": "alive"}
        others = [{**me, "name": name, "admin": admin} for name, admin in self.known]
        return {"self": me, "active": others[:2], "passive": others[2:], "successor": others[0] if others else None}

    def front(self):
        entry = {"size": 1, "loss": 2.0, "r2": 0.9, "formula": "a", "slope": 1.0, "intercept": 0.0, "id": 5, "record": RECORD}
        loss = float("inf") if self.name.endswith("/9") else 0.5
        return [entry, {**entry, "size": 3, "loss": loss, "formula": f"a + b at {self.name}"}]

    def parameters(self):
        return {"vgp": {"population_size": 1000, "functions": ["add", "mul"]}, "exchange": {"interval": 1.0}}

    def export(self, which):
        self.told.append(("export", which))
        return RECORD

    def keys(self):
        return [{"domain": "admin", "name": "admin", "public": "k" * 40}]

    def set_parameters(self, changes):
        self.told.append(("set", changes))
        return done(changes)

    def pause(self):
        self.told.append("pause")

    def resume(self):
        self.told.append("resume")

    def advance(self, ticks):
        self.told.append(("advance", ticks))
        self.advancing.append(Future())
        if ticks == 1:
            self.advancing[-1].set_result({"tick": 8, "evaluations": 13_000})
        return self.advancing[-1]

    def checkpoint(self):
        future = Future()
        future.set_exception(MeshError("the disk is full\nsecond line"))
        return future

    def inject(self, organisms):
        self.told.append(("inject", organisms))
        return done(ImportReport(1, 0, 0, {"bad": 2}))

    def migrate(self, names):
        if names == ["nobody"]:
            raise InputError("there is no worker nobody")
        return {"sent": 20, "to": names or ["host/1"]}

    def announce_data(self, url, checksum):
        return done({"version": 2, "url": url, "checksum": checksum, "rows": 10})

    def log_level(self, level):
        self.told.append(("log", level))

    def drain(self):
        raise RuntimeError("a bug with a\nlong story")

    def shutdown(self):
        self.told.append("shutdown")

    def revoke(self, public):
        self.told.append(("revoke", public))


class MemoryEndpoint:
    """Requests that a test puts in, and the answers that come out, by route."""

    def __init__(self):
        self.requests, self.replies = deque(), []

    def put(self, payload, route=0, identity=""):
        self.requests.append(SimpleNamespace(route=route, payload=payload, identity=identity))

    def receive(self):
        return self.requests.popleft() if self.requests else None

    def reply(self, request, payload):
        self.replies.append((request.route, payload))


class Hall:
    """Workers on real sockets, all served by one thread."""

    def __init__(self, nodes, keys=None, port=0):
        self.nodes = nodes
        self.sockets = Sockets(Network(), keys)
        self.endpoints = [AdminEndpoint(self.sockets, "127.0.0.1", port) for _ in nodes]
        self.servers = [Server(endpoint, node, self.sockets.wake) for endpoint, node in zip(self.endpoints, nodes, strict=True)]
        for node, endpoint in zip(nodes, self.endpoints, strict=True):
            node.admin = endpoint.address
        self.deaf = threading.Event()  # while set, requests wait
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    @property
    def addresses(self):
        return [endpoint.address for endpoint in self.endpoints]

    def _serve(self):
        while not self._ended.is_set():
            self.sockets.wait(0.05)
            if not self.deaf.is_set():
                for server in self.servers:
                    while server.serve():
                        pass
        for endpoint in self.endpoints:
            endpoint.close()
        self.sockets.close()

    def __enter__(self):
        self._thread.start()
        return self

    def close(self):
        self._ended.set()
        self.sockets.wake()
        self._thread.join()

    def __exit__(self, *_):
        with contextlib.suppress(RuntimeError):
            self.close()


def hall_of(count, **settings):
    """Workers that know the next two around a circle, and the one after those in passing."""
    hall = Hall([FakeNode(f"host/{i}") for i in range(count)], **settings)
    for i, node in enumerate(hall.nodes):
        node.known = [(hall.nodes[j % count].name, hall.nodes[j % count].admin) for j in range(i + 1, i + min(4, count))]
    return hall
