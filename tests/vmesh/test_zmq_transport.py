"""Messages over real sockets: they arrive, nobody waits, nothing grows."""

import socket
import time
from dataclasses import replace

import pytest

from tests.vmesh.ends import End, descriptors, is_hung_up, stranger, until
from vmesh import zmq_transport
from vmesh.errors import MeshError, SettingsError
from vmesh.security import MESH
from vmesh.security.key_file import new_pair
from vmesh.security.key_folder import add, worker_keys
from vmesh.sockets import AdminEndpoint
from vmesh.transport import Transport
from vmesh.zmq_transport import ZmqTransport


def test_messages_arrive_in_order(open_any_end):
    here, there = open_any_end(), open_any_end()
    end: Transport = here.transport
    assert all(end.send(there.address, b"%d" % number) for number in range(50))
    assert [int(there.receive().payload) for _ in range(50)] == list(range(50))
    assert there.counters["received"] == 50


def test_the_largest_message_arrives_and_a_larger_one_is_not_sent(open_any_end):
    """If it were, the receiver would hang up on a peer that means well."""
    here, there = open_any_end(max_message=1 << 20), open_any_end(max_message=1 << 20)
    assert not here.transport.send(there.address, bytes((1 << 20) + 1))
    assert here.transport.send(there.address, b"\x01" * (1 << 20))
    assert there.receive().payload == b"\x01" * (1 << 20)
    assert here.counters["too_large"] == 1


def test_sending_to_a_dead_address_never_waits_and_keeps_little(open_any_end):
    here, dead = open_any_end(), open_any_end()
    dead.transport.close()
    began = time.monotonic()
    taken = sum(here.transport.send(dead.address, bytes(10_000)) for _ in range(5000))
    assert taken <= here.sockets.network.queue
    assert here.counters["dropped"] == 5000 - taken
    assert time.monotonic() - began < 10  # a single wait for a connection takes longer


def test_a_peer_that_does_not_read_costs_others_nothing(open_any_end):
    here, stuck, there = open_any_end(queue=8), open_any_end(queue=8), open_any_end(queue=8)
    assert stuck.is_reached_by(here)
    refused = 0
    for _ in range(100_000):
        refused = refused + 1 if not here.transport.send(stuck.address, bytes(50_000)) else 0
        if refused > 1000:
            break
        if refused:
            time.sleep(0.0001)
    assert refused > 1000, "what is queued has no bound"
    assert there.is_reached_by(here)


def test_a_worker_that_comes_back_at_its_address_is_reached(open_any_end):
    here, there = open_any_end(), open_any_end()
    assert there.is_reached_by(here)
    there.transport.close()
    there.sockets.close()
    again = open_any_end(port=there.port)
    assert again.is_reached_by(here)


def test_what_is_under_way_at_the_end_is_sent(open_any_end):
    here, there = open_any_end(), open_any_end()
    assert there.is_reached_by(here)
    here.transport.send(there.address, b"goodbye")
    here.transport.close()
    here.sockets.close()
    assert there.receives(b"goodbye")
    assert not here.transport.send(there.address, b"late") and here.transport.receive() is None
    here.sockets.wake()  # a thread that ends later may still do that


def test_a_worker_that_was_refused_gets_in_once_it_is_allowed(open_sockets, open_end, folder, monkeypatch):
    """A socket that was refused gives up; the way has to be made anew."""
    monkeypatch.setattr(zmq_transport, "STUCK", 0.2)
    key = new_pair("late")
    there, late = open_end(folder), End(open_sockets(replace(worker_keys(folder), client=key)))
    late.transport.send(there.address, b"let me in")
    until(lambda: there.sockets._gatekeeper.refused, there)
    add(folder, "late", MESH, key.public)
    there.sockets.allow_list.look()
    assert there.is_reached_by(late)


def test_a_worker_is_reached_where_something_else_answered_before(open_end, monkeypatch):
    monkeypatch.setattr(zmq_transport, "STUCK", 0.2)
    here = open_end()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        here.transport.send(f"127.0.0.1:{port}", b"hello")
        with other.accept()[0] as connection:
            connection.sendall(b"SSH-2.0-OpenSSH_9.2p1" + bytes(100))
            until(lambda: is_hung_up(connection), here)
    assert open_end(port=port).is_reached_by(here)


def test_forgetting_an_address_closes_the_way(open_any_end):
    here, there = open_any_end(), open_any_end()
    assert there.is_reached_by(here)
    here.transport.forget(there.address)
    here.transport.forget(there.address)
    until(lambda: there.connections == 0, there)
    assert there.is_reached_by(here)


def test_the_number_of_ways_is_bounded(open_end):
    here = open_end(most_ways=8)
    there = open_end()
    before = descriptors()
    for port in range(20_000, 20_200):
        here.transport.send(f"127.0.0.1:{port}", b"x")
    until(lambda: descriptors() <= before + 8 * 4, here)
    assert there.is_reached_by(here)


def test_no_descriptor_is_left_after_many_peers_came_and_went(open_any_end):
    there = open_any_end()
    visitor = open_any_end(most_ways=1)
    assert there.is_reached_by(visitor)
    before = descriptors()
    for number in range(120):
        if number % 2:
            visitor.transport.forget(there.address)
            assert there.is_reached_by(visitor)
        else:
            stranger(there.port).close()
    until(lambda: descriptors() <= before and there.connections == 1, there, visitor)


def test_closing_gives_everything_back(open_any_end):
    warm = open_any_end()
    warm.transport.close()
    warm.sockets.close()
    before = descriptors()
    for _ in range(3):
        one, other = open_any_end(), open_any_end()
        assert one.is_reached_by(other)
        for end in (one, other):
            end.transport.close()
            end.sockets.close()
            end.sockets.close()
    assert descriptors() <= before


def test_waiting_ends_when_another_thread_wakes_it(open_sockets):
    sockets = open_sockets()
    for _ in range(3):
        sockets.wake()
    began = time.monotonic()
    sockets.wait(30)
    assert time.monotonic() - began < 15
    sockets.wait(0.01)  # the wakes before are used up


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "example.org", "192.168.1.1"])
def test_without_keys_only_this_machine_is_let_in(open_sockets, host):
    with pytest.raises(SettingsError, match="vmesh keys new"):
        ZmqTransport(open_sockets(), host, 0, advertise="10.0.0.1")
    with pytest.raises(SettingsError, match="vmesh keys new"):
        AdminEndpoint(open_sockets(), host, 0)


def test_without_keys_nothing_is_sent_to_other_machines(open_end):
    here = open_end()
    assert not here.transport.send("10.255.255.1:7100", b"secret")
    assert not here.transport.send("127.0.0.1:1;10.0.0.1:7100", b"secret")
    assert here.counters["unreachable"] == 2


def test_a_name_is_looked_up_without_waiting(open_end):
    here, there = open_end(), open_end()
    name = f"localhost:{there.port}"
    here.transport.send(name, b"first")
    until(lambda: here.transport.send(name, b"again"), here)
    assert there.receive().payload in (b"first", b"again")


def test_a_port_that_is_taken_is_named(open_end):
    there = open_end()
    with pytest.raises(MeshError, match=f"port {there.port} of 127.0.0.1 is taken"):
        open_end(port=there.port)


def test_an_address_of_another_machine_cannot_be_bound(open_end, folder):
    sockets = open_end(folder).sockets
    with pytest.raises(SettingsError, match=r"cannot listen at 203\.0\.113\.1"):
        ZmqTransport(sockets, "203.0.113.1", 0)
    with pytest.raises(SettingsError, match=r"network\.advertise"):
        ZmqTransport(sockets, "0.0.0.0", 0)
    with pytest.raises(SettingsError, match=r"network\.advertise"):
        ZmqTransport(sockets, "127.0.0.1", 0, advertise="host:80")
    assert ZmqTransport(sockets, "0.0.0.0", 0, advertise="10.1.2.3").address.startswith("10.1.2.3:")


def test_sockets_made_and_refused_in_a_row_do_not_get_in_each_others_way(open_end, folder):
    sockets = open_end(folder).sockets
    for _ in range(200):
        with pytest.raises(SettingsError):
            ZmqTransport(sockets, "203.0.113.1", 0)


def test_ipv6(open_sockets):
    sockets = open_sockets()
    try:
        end = ZmqTransport(sockets, "::1", 0)
    except SettingsError:
        pytest.skip("this machine has no IPv6")
    assert end.address.startswith("[::1]:")
    assert end.send(end.address, b"to myself")
    until(lambda: (found := end.receive()) and found.payload == b"to myself", sockets)
