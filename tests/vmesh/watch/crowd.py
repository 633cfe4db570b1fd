"""Admin sockets of workers that are made up: as many as a test wants, in one thread or, as a program, in a process of its own.

    python -m tests.vmesh.watch.crowd 512      # prints the addresses, a line of JSON, and answers until its stdin is closed

An answer has the size of a real one; its figures grow with every question.
"""

import json
import sys
import threading
import time

import zmq

CAUSES = ("starved", "eaten_error", "eaten_size", "eaten_age", "eaten_cost", "eaten_likeness")
EDGES = [float(1 << k) for k in range(16)]


class Worker:
    """What one of them answers. `mute`: it hears and says nothing."""

    def __init__(self, name):
        self.name, self.admin, self.others = name, "", []
        self.asked, self.mute, self.incarnation = 0, False, 1
        self.heard = []

    def answer(self, request):
        self.heard.append((request["command"], request["arguments"]))
        del self.heard[:-10]
        if request["command"] == "peers":
            members = [{"name": other.name, "admin": other.admin, "address": "", "incarnation": 1} for other in self.others]
            return {"self": {"name": self.name, "admin": self.admin}, "active": members, "passive": [], "successor": None}
        if request["command"] == "figures":
            return self.figures(request["arguments"])
        return {"done": True}

    def figures(self, known):
        self.asked += 1
        n = self.asked
        front = [
            {"size": 1 + 2 * k, "loss": 1 / (k + 1), "r2": 1 - 1 / (k + 2), "formula": f"x{k} * 2 + y", "mathml": "<math></math>",
             "chosen": k == 3, "id": f"{k:016x}", "constants": k}
            for k in range(12)
        ]  # fmt: skip
        histogram = {"edges": EDGES, "counts": [n + k for k in range(16)]}
        return {
            "name": self.name, "admin": self.admin, "version": "0.1.0", "incarnation": self.incarnation, "state": "running",
            "written": 1e9 + n, "uptime": float(n), "tick": 10 * n, "era": 0, "evaluations": 5000 * n, "evaluations_before": 0,
            "evaluations_per_second": 5000.0, "living": 9000, "capacity": 10_000, "loss": "squared", "best_loss": 1 / 12,
            "best_r2": 0.9, "best_size": 9, "median_loss": 2.5, "mean_size": 12.5, "mean_age": 44.0, "mean_energy": 1.5,
            "diversity": 0.4, "births": 900 * n, "duplicates": 30 * n, "stillborn": 2 * n, "immigrants": 20 * n,
            "deaths": dict.fromkeys(CAUSES, 100 * n), "invalid": {"non_finite": n},
            "exchange": {"sent": n, "sent_organisms": 20 * n, "received": n, "accepted": 12 * n, "duplicate": n, "no_room": 0},
            "age": histogram, "size": histogram, "energy": histogram, "memory_bytes": 150 << 20, "sandbox_memory_bytes": 50 << 20,
            "memory_limit_bytes": 400 << 20, "cpu_seconds": 0.5 * n, "sandbox_restarts": 0,
            "neighbours": [[other.name, 4 * n, 3 * n] for other in self.others[:5]], "checkpoint_age": 12.0,
            "checkpoint_bytes": 1 << 20, "checkpoint_tick": n, "checkpoint_error": "", "data_url": "table.csv", "data_version": 0,
            "data_rows": 1000, "target": "y", "front_version": f"{n // 10}",
            "front": None if known.get("front") == f"{n // 10}" else front,
            "lines": [{"number": n, "time": 1e9 + n, "level": "INFO", "text": f"line {n}"}] if n % 7 == 0 else [], "last_line": n,
        }  # fmt: skip


class Crowd:
    """A context manager. Each knows the next five, round a ring: who asks for peers finds all."""

    def __init__(self, number, per_host=64):
        self.workers = [Worker(f"host{k // per_host}/{k % per_host}") for k in range(number)]
        self._restarts = []

    def __enter__(self):
        self._context = zmq.Context(io_threads=2)
        self._context.max_sockets = len(self.workers) + 16
        self._sockets = {self._bound(worker): worker for worker in self.workers}
        for k, worker in enumerate(self.workers):
            worker.others = [self.workers[(k + step) % len(self.workers)] for step in range(1, 6) if len(self.workers) > step]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for socket in self._sockets:
            socket.close(0)
        self._context.destroy(linger=0)

    def restart(self, worker, *, elsewhere):
        """It is started again, at another address or at the same; returns when it answers there."""
        done = threading.Event()
        self._restarts.append((worker, elsewhere, done))
        assert done.wait(20)

    def _restart(self, worker, elsewhere):
        (old,) = (socket for socket, other in self._sockets.items() if other is worker)
        address = worker.admin
        old.unbind(f"tcp://{address}")
        old.close(0)
        worker.incarnation += 1
        self._sockets = {socket: other for socket, other in self._sockets.items() if other is not worker}
        self._sockets |= {self._bound(worker, None if elsewhere else address): worker}

    def _bound(self, worker, address=None):
        socket = self._context.socket(zmq.ROUTER)
        if address is None:
            worker.admin = f"127.0.0.1:{socket.bind_to_random_port('tcp://127.0.0.1')}"
            return socket
        while True:
            try:
                socket.bind(f"tcp://{address}")
                return socket
            except zmq.ZMQError:  # the one before is still being closed
                time.sleep(0.01)

    def _serve(self):
        while not self._stop.is_set():
            sockets = self._sockets
            poller = zmq.Poller()
            for socket in sockets:
                poller.register(socket, zmq.POLLIN)
            while not self._restarts and not self._stop.is_set():
                for socket, _ in poller.poll(20):
                    self._reply(socket, sockets[socket])
            for worker, elsewhere, done in list(self._restarts):
                self._restart(worker, elsewhere)
                self._restarts.remove((worker, elsewhere, done))
                done.set()

    def _reply(self, socket, worker):
        *route, payload = socket.recv_multipart()
        request = json.loads(payload)
        if not worker.mute:
            answer = {"vmesh": 1, "id": request["id"], "worker": worker.name, "ok": True, "result": worker.answer(request)}
            socket.send_multipart([*route, json.dumps(answer).encode()])


if __name__ == "__main__":
    with Crowd(int(sys.argv[1])) as crowd:
        print(json.dumps([worker.admin for worker in crowd.workers]), flush=True)
        sys.stdin.read()
