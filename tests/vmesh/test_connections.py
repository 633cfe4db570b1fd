"""Too many connections: who has not proved a key goes first, and never more than the limit stay."""

import os
import socket

from hypothesis import given
from hypothesis import strategies as st

from vmesh.connections import Connections, hang_up


def test_the_oldest_that_proved_nothing_goes():
    connections = Connections(3, handshake_time=2.0)
    assert [connections.opened(fd, 0.0) for fd in (10, 11)] == [None, None]
    assert connections.opened(12, 5.0) is None
    assert connections.opened(13, 5.5) == 12
    assert connections.opened(14, 5.6) == 13
    assert len(connections) == 3 and connections.turned_away == 2


def test_those_who_proved_themselves_stay_and_the_newcomer_goes():
    connections = Connections(2, handshake_time=2.0)
    connections.opened(10, 0.0)
    connections.opened(11, 0.0)
    assert connections.opened(12, 10.0) == 12


def test_a_number_that_is_used_again_is_another_connection():
    connections = Connections(2, handshake_time=2.0)
    connections.opened(10, 0.0)
    connections.closed(10)
    connections.opened(11, 0.5)
    connections.opened(10, 1.0)
    assert connections.opened(12, 1.5) == 11


EVENTS = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.floats(0, 3)), max_size=100)


@given(EVENTS, st.integers(1, 5))
def test_never_more_than_the_limit_stay(events, most):
    connections, now, there = Connections(most, handshake_time=2.0), 0.0, set()
    for opens, fd, pause in events:
        now += pause
        if opens and fd not in there:
            there.add(fd)
            goes = connections.opened(fd, now)
            assert goes is None or goes in there
            there.discard(goes)
        elif not opens:
            there.discard(fd)
            connections.closed(fd)
        assert len(connections) == len(there) <= most
        assert len(connections._young) <= len(events)


def test_only_a_connection_of_that_port_is_hung_up():
    """The number of a descriptor may belong to another file by the time that it is used."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        server, _ = listener.accept()
        reading, writing = os.pipe()
        with client, server:
            client.settimeout(5)
            for other in (reading, writing, listener.fileno(), client.fileno(), 10_000, -1):
                hang_up(other, port)
            hang_up(server.fileno(), port + 1)
            server.sendall(b"still here")
            assert client.recv(20) == b"still here"
            hang_up(server.fileno(), port)
            assert client.recv(20) == b""
        os.write(writing, b"x")
        assert os.read(reading, 1) == b"x"
        os.close(reading)
        os.close(writing)
