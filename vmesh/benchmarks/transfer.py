"""Organisms a second from one worker to another, over loopback: without keys and with, in batches of several sizes.

Two processes. One sends portable records of random organisms as Emigrants, as many at a time as the other has given credit for;
the other decodes message and record and gives credit back. All that happens to an immigrant before it is evaluated is in the
figure. The bar: 20,000 organisms a second with keys.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from vgp.formula import parse
from vgp.genome import decode_bundle, encode_bundle
from vgp.layout import batch
from vmesh.codec import decode, encode
from vmesh.messages import Credit, Emigrants, Member
from vmesh.security.key_folder import new_folder, worker_keys
from vmesh.settings import Exchange, Network
from vmesh.sockets import Sockets
from vmesh.zmq_transport import ZmqTransport

BATCHES = (20, 50, 100)
ORGANISMS = 100_000
BAR = 20_000
WINDOW = Exchange().window
SILENCE = 10.0  # s without an answer, after which a benchmark has failed
COLUMNS = ("a", "b", "c", "d")

Row = dict[str, Any]


def run() -> list[Row]:
    """A row for each batch size, without keys and with."""
    with tempfile.TemporaryDirectory(prefix="vmesh-bench-") as folder:
        keys = Path(folder) / "keys"
        new_folder(keys)
        return [measure(organisms, place) for place in (None, keys) for organisms in BATCHES]


def measure(organisms: int, keys: Path | None) -> Row:
    """Sends so many organisms in each message to a process of its own."""
    command = [sys.executable, "-c", "from vmesh.benchmarks.transfer import receive; receive()", str(keys or "")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdout is not None
        record = record_of(organisms)
        sender = _Worker(keys)
        try:
            seconds = send(sender, receiver.stdout.readline().strip(), record, ORGANISMS // organisms)
        finally:
            sender.close()
            receiver.terminate()
    rate = ORGANISMS / seconds
    return {
        "connection": "CURVE" if keys else "plain",
        "organisms a message": organisms,
        "bytes a message": len(record),
        "organisms/s": rate,
        "messages/s": rate / organisms,
        "reached": rate >= BAR,
    }


def record_of(organisms: int) -> bytes:
    """Random formulas of about fifteen nodes, each different."""
    random = Random(organisms)
    formulas = [
        f"sqrt({random.choice(COLUMNS)} * {random.random():.6f} + {random.choice(COLUMNS)}) / "
        f"(sin({random.choice(COLUMNS)}) - {random.random():.6f} * {random.choice(COLUMNS)}) + {random.random():.6f}"
        for _ in range(organisms)
    ]
    return encode_bundle(*batch([parse(formula, COLUMNS) for formula in formulas]), [True] * organisms)


class _Worker:
    """One end with its name."""

    def __init__(self, keys: Path | None) -> None:
        self.sockets = Sockets(Network(), worker_keys(keys) if keys is not None else None)
        self.transport = ZmqTransport(self.sockets, "127.0.0.1", 0)
        self.member = Member("bench/0", self.transport.address, 1, 1, "")

    def close(self) -> None:
        self.transport.close()
        self.sockets.close()


def send(worker: _Worker, address: str, record: bytes, messages: int) -> float:
    """Seconds from the first message to the credit that the last one gives back."""
    sent, credit, heard = 0, WINDOW, time.perf_counter()
    began = heard
    while credit < messages + WINDOW:
        while sent < min(credit, messages):
            sent += worker.transport.send(address, encode(worker.member, Emigrants(sent + 1, 0, record)))
        received = worker.transport.receive()
        if received is not None:
            message = decode(received.payload)[1]
            credit, heard = message.limit if isinstance(message, Credit) else credit, time.perf_counter()
        elif time.perf_counter() - heard > SILENCE:
            raise TimeoutError(f"no credit for {SILENCE:g} s after {sent} messages")
        else:
            worker.sockets.wait(0.1)
    return time.perf_counter() - began


def receive() -> None:
    """The receiving process: says its address, then gives credit until it is ended or nobody sends any more."""
    worker = _Worker(Path(sys.argv[1]) if sys.argv[1] else None)
    print(worker.transport.address, flush=True)
    taken, heard = 0, time.monotonic()
    while time.monotonic() - heard < SILENCE:
        worker.sockets.wait(1.0)
        while (received := worker.transport.receive()) is not None:
            sender, message = decode(received.payload)
            heard = time.monotonic()
            if isinstance(message, Emigrants):
                decode_bundle(message.record, open=True)
                taken += 1
                worker.transport.send(sender.address, encode(worker.member, Credit(taken + WINDOW)))
