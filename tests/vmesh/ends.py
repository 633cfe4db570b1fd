"""Ends of a mesh on loopback, and what strangers do to them."""

import os
import socket
import time

from vmesh.zmq_transport import ZmqTransport

PATIENCE = 20.0  # s; only a failure takes that long


class End:
    """Sockets and a transport, pumped by the test."""

    def __init__(self, sockets, port=0, most_ways=128):
        self.sockets = sockets
        self.transport = ZmqTransport(sockets, "127.0.0.1", port, most_ways=most_ways)
        self.address = self.transport.address
        self.port = int(self.address.rpartition(":")[2])
        self.counters = self.transport.counters

    @property
    def connections(self):
        return len(self.transport._router.connections)

    def receive(self):
        """The next message; whoever wants in meanwhile is let in."""
        return until(self.transport.receive, self)

    def receives(self, payload):
        """Waits for that message, others before it aside."""
        until(lambda: (found := self.transport.receive()) and found.payload == payload, self)
        return True

    def received(self, seconds):
        """What comes in that time."""
        found, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            self.sockets.wait(0.02)
            found += iter(self.transport.receive, None)
        return found

    def is_reached_by(self, other):
        """A message of the other one arrives here before anything else."""
        token = os.urandom(8)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            other.transport.send(self.address, token)
            self.sockets.wait(0.1)
            if any(one.payload == token for one in iter(self.transport.receive, None)):
                return True
        return False


def until(happened, *ends):
    """Serves the sockets until something is there, and returns it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := happened()):
        assert time.monotonic() < deadline, "it did not happen"
        for end in ends:
            getattr(end, "sockets", end).wait(0.02)
    return found


def stranger(port):
    """A connection that knows nothing of ZeroMQ."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(PATIENCE)
    return connection


def is_hung_up(connection):
    """Whether the other side has ended it; what it still says is thrown away."""
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def descriptors():
    return len(os.listdir("/proc/self/fd"))
