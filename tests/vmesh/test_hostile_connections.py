"""What strangers do to an open port: a peer that means well is served all the while, and nothing grows."""

import contextlib
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import zmq

from tests.vmesh.ends import descriptors, is_hung_up, stranger, until
from vmesh.codec import decode
from vmesh.errors import MessageError

GREETING = b"\xff" + bytes(7) + b"\x01\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
HALF_OPEN = 400


def memory():
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ready(kind=b"DEALER", name=b""):
    """ZMTP's handshake without keys, up to the point where messages follow."""
    parts = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
    if name:
        parts += b"\x08Identity" + struct.pack(">I", len(name)) + name
    return GREETING + b"\x06" + struct.pack(">Q", len(parts)) + parts


def shake_hands(port, name=b""):
    """A connection of our own making that may send messages now."""
    connection = stranger(port)
    connection.sendall(ready(name=name))
    answer = b""
    while b"READY" not in answer:
        answer += connection.recv(4096)
    return connection


@pytest.fixture
def strangers():
    opened = []
    yield opened
    for connection in opened:
        connection.close()


def test_random_bytes_on_the_port_disturb_nobody(open_any_end, strangers):
    there, friend = open_any_end(), open_any_end()
    chance = random.Random(1)
    starts = (b"", GREETING[:10], GREETING, ready(), GREETING.replace(b"NULL\0", b"CURVE"), b"GET / HTTP/1.1\r\n\r\n", bytes(64))
    for number in range(150):
        connection = stranger(there.port)
        strangers.append(connection)
        with contextlib.suppress(OSError):  # hung up already
            connection.sendall(starts[number % len(starts)] + chance.randbytes(chance.randrange(2000)))
        if number % 30 == 0:
            assert there.is_reached_by(friend)
    assert there.is_reached_by(friend)
    for payload in [one.payload for one in there.received(0.2)]:  # a frame may come about by chance; it is no message
        with pytest.raises(MessageError):
            decode(payload)


def test_slow_handshakes_do_not_keep_others_out_and_end(open_any_end, strangers):
    there, friend = open_any_end(handshake_time=1.0), open_any_end()
    before = descriptors()
    strangers += [stranger(there.port) for _ in range(HALF_OPEN)]
    for connection in strangers[::2]:
        connection.sendall(GREETING[:11])
    until(lambda: there.connections >= HALF_OPEN, there)
    assert there.is_reached_by(friend)
    until(lambda: all(is_hung_up(connection) for connection in strangers), there)
    until(lambda: there.connections == 1 and descriptors() <= before + HALF_OPEN + 10, there)
    assert there.is_reached_by(friend)


def test_connections_are_limited_and_newcomers_still_get_in(open_any_end, strangers):
    """Those go that have proved nothing yet, the oldest first."""
    there, early, late = open_any_end(max_connections=16, handshake_time=30.0), open_any_end(), open_any_end()
    assert there.is_reached_by(early)
    for _ in range(20):
        strangers += [stranger(there.port) for _ in range(10)]
        there.sockets.wait(0.02)
    until(lambda: sum(not is_hung_up(connection) for connection in strangers) <= 16, there)
    assert there.connections <= 16
    assert there.is_reached_by(late)
    assert there.is_reached_by(early)


def test_those_who_proved_themselves_stay_when_the_limit_is_reached(open_end, strangers):
    now = [0.0]
    there = open_end(max_connections=8, handshake_time=2.0, clock=lambda: now[0])
    friends = [open_end() for _ in range(8)]
    for friend in friends:
        assert there.is_reached_by(friend)
    now[0] = 10.0
    strangers += [stranger(there.port) for _ in range(30)]
    until(lambda: all(is_hung_up(connection) for connection in strangers), there)
    for friend in friends:
        friend.transport.send(there.address, b"still here")
    assert [there.receives(b"still here") for _ in friends]
    assert there.connections == 8


def test_a_frame_that_announces_gigabytes_takes_no_memory(open_end, strangers):
    there, friend = open_end(), open_end()
    connection = shake_hands(there.port)
    strangers.append(connection)
    before = memory()
    connection.sendall(b"\x02" + struct.pack(">Q", 8 << 30) + b"A" * 1000)
    until(lambda: is_hung_up(connection), there)
    assert memory() < before + (64 << 20)
    assert there.is_reached_by(friend)


def test_a_frame_beyond_the_limit_ends_its_connection(open_any_end):
    there, rude, friend = open_any_end(max_message=65_536), open_any_end(max_message=1 << 20), open_any_end()
    assert there.is_reached_by(rude)
    rude.transport.send(there.address, bytes(1 << 20))
    assert there.is_reached_by(friend)
    assert there.is_reached_by(rude), "it may come again and behave"
    assert not [one for one in there.received(0.1) if len(one.payload) > 65_536]


@pytest.fixture
def rude():
    """A socket that may send what it likes."""
    context = zmq.Context()
    with context, context.socket(zmq.DEALER) as made:
        made.linger = 0
        yield made


SEVERAL = {"two": [b"a", b"b"], "empty": [b"", b"a"], "many": [b""] * 5000, "long": [b"x" * 1000] * 2000}


@pytest.mark.parametrize("frames", SEVERAL.values(), ids=SEVERAL)
def test_messages_of_several_frames_are_counted_and_dropped(open_end, rude, frames):
    there, friend = open_end(), open_end()
    rude.connect(f"tcp://{there.address}")
    rude.send_multipart(frames)
    rude.send(b"well behaved")
    assert there.receives(b"well behaved")
    assert there.counters["malformed"] == 1
    assert there.is_reached_by(friend)


def test_a_flood_of_malformed_messages_leaves_others_their_turn(open_end, rude):
    there, friend = open_end(), open_end()
    rude.connect(f"tcp://{there.address}")
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            with contextlib.suppress(zmq.Again):
                rude.send_multipart([b"a", b"b"], zmq.NOBLOCK)

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        until(lambda: there.transport.receive() or there.counters["malformed"] > 1000, there)
        assert there.is_reached_by(friend)
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("name", [b"", b"\0\0\0\0\1", b"\0" * 5, b"x" * 255])
def test_chosen_routing_ids_disturb_nobody(open_end, strangers, name):
    there, friend = open_end(), open_end()
    for _ in range(2):
        connection = shake_hands(there.port, name)
        strangers.append(connection)
        connection.sendall(b"\x00\x05hello")
    assert there.receives(b"hello")
    assert there.is_reached_by(friend)


def test_peers_that_fall_silent_are_hung_up_on(open_end, strangers):
    there, friend = open_end(heartbeat=0.2), open_end()
    silent = shake_hands(there.port)
    strangers.append(silent)
    silent.sendall(b"\x00\x05hello")
    assert there.receives(b"hello")
    assert there.is_reached_by(friend)
    until(lambda: is_hung_up(silent), there)
    until(lambda: there.connections == 1, there)


class Wiretap:
    """Stands between a peer and a port, and keeps what the peer says."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = bytearray()
        self.ends = []
        self.thread = threading.Thread(target=self._run, args=(port,), daemon=True)
        self.thread.start()

    def _run(self, port):
        client, server = self.listener.accept()[0], socket.create_connection(("127.0.0.1", port))
        self.ends += [client, server]
        back = threading.Thread(target=self._copy, args=(server, client, None), daemon=True)
        back.start()
        self._copy(client, server, self.heard)
        back.join()

    @staticmethod
    def _copy(source, target, record):
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if record is not None:
                    record += data
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.ends[0].shutdown(socket.SHUT_RDWR)
        self.thread.join()
        for end in (self.listener, *self.ends):
            end.close()


def test_bytes_that_were_overheard_are_worth_nothing(open_end, folder, strangers):
    """The same bytes again, at once and all together: the connection does not get as far as a message."""
    there, friend = open_end(folder, handshake_time=0.5), open_end(folder)
    tap = Wiretap(there.port)
    friend.transport.send(f"127.0.0.1:{tap.port}", b"once only")
    assert there.receives(b"once only")
    overheard = bytes(tap.heard)
    assert b"once only" not in overheard and len(overheard) > 300
    for cut in (len(overheard), len(overheard) - 1):
        connection = stranger(there.port)
        strangers.append(connection)
        connection.sendall(overheard[:cut])
        until(lambda connection=connection: is_hung_up(connection), there)
    tap.close()
    assert there.received(0.1) == []
    assert there.is_reached_by(friend)


def test_a_busy_worker_serves_its_handshakes_when_it_comes_back(open_end, folder):
    """Nobody waits on the sockets for a while; who wanted in meanwhile gets in."""
    there, friend = open_end(folder), open_end(folder)
    friend.transport.send(there.address, b"hello")
    time.sleep(0.3)
    assert there.receives(b"hello")


FEW_DESCRIPTORS = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from tests.vmesh.ends import End
from vmesh.settings import Network
from vmesh.sockets import Sockets
end = End(Sockets(Network(handshake_time=0.5)))
print(end.port, flush=True)
while True:
    end.sockets.wait(1.0)
    while (found := end.transport.receive()) is not None:
        end.transport.send(found.payload.decode(), b"alive")
"""


def test_a_process_that_runs_out_of_descriptors_lives_and_recovers(open_end, strangers):
    here = open_end()
    with subprocess.Popen([sys.executable, "-c", FEW_DESCRIPTORS], stdout=subprocess.PIPE, text=True) as process:
        try:
            port = int(process.stdout.readline())
            strangers += [stranger(port) for _ in range(300)]

            def answers():
                here.transport.send(f"127.0.0.1:{port}", here.address.encode())
                here.sockets.wait(0.1)
                return here.transport.receive()

            assert until(answers).payload == b"alive"
            assert process.poll() is None
        finally:
            process.terminate()
