"""Who is let in, who is listened to, and that nothing else decides it than the key that a connection proved."""

import shutil

import pytest
import zmq

from tests.vmesh.ends import until
from vmesh.security import ADMIN, MESH
from vmesh.security.curve import prove_key
from vmesh.security.key_file import new_pair
from vmesh.security.key_folder import WorkerKeys, add, admin_keys, new_folder, revoke, worker_keys
from vmesh.settings import Network
from vmesh.sockets import AdminEndpoint, Sockets
from vmesh.zmq_transport import ZmqTransport


class Visitor:
    """A client of the raw library: it keeps no rule but those that it is made to keep."""

    def __init__(self, address, client=None, server=None, name=None, kind=zmq.DEALER):
        self.context = zmq.Context()
        self.socket = self.context.socket(kind)
        self.socket.linger = 0
        self.socket.reconnect_ivl = 20
        if client is not None:
            prove_key(self.socket, client, server)
        if name is not None:
            self.socket.routing_id = name
        self.socket.connect(f"tcp://{address}")

    def close(self):
        self.socket.close()
        self.context.term()


@pytest.fixture
def visit():
    visitors = []

    def make(*args, **options):
        visitors.append(Visitor(*args, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def endpoint(open_sockets, folder):
    sockets = open_sockets(worker_keys(folder))
    made = AdminEndpoint(sockets, "127.0.0.1", 0)
    made.sockets = sockets
    return made


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def strangers_attempts(folder, tmp_path):
    """Clients that must not get in at the mesh's socket, by why."""
    new_folder(tmp_path / "other")
    ours, other = worker_keys(folder), worker_keys(tmp_path / "other")
    server = ours.servers[MESH].public
    stranger = new_pair("stranger")
    return {
        "no key": (None, None),
        "a key that nobody allowed": (stranger, server),
        "the right key for another cluster's server": (ours.client, other.servers[MESH].public),
        "another cluster's key": (other.client, server),
        "an administrator's key": (admin_keys(folder).client, server),
        "the server's own key": (ours.servers[MESH], server),
        "the right key for the administrators' server": (ours.client, ours.servers[ADMIN].public),
    }


def test_only_allowed_keys_get_in(open_end, folder, tmp_path, visit):
    there, friend = open_end(folder), open_end(folder)
    for client, server in strangers_attempts(folder, tmp_path).values():
        visit(there.address, client, server).socket.send(b"let me in")
    # each of them fails several times while the friend's messages arrive
    until(lambda: there.sockets.counters["failed_handshakes"] >= 7 and there.sockets._gatekeeper.refused >= 4, there)
    assert there.is_reached_by(friend)
    assert not [one for one in there.received(0.3) if one.payload == b"let me in"]
    assert there.counters["refused"] == 0


def test_a_workers_key_does_not_administrate(endpoint, folder, visit):
    keys = worker_keys(folder)
    visit(endpoint.address, keys.client, keys.servers[ADMIN].public).socket.send(b"shutdown")
    visit(endpoint.address, None, None).socket.send(b"shutdown")
    until(lambda: endpoint.sockets._gatekeeper.refused, endpoint)
    admin = admin_keys(folder)
    visit(endpoint.address, admin.client, admin.server).socket.send(b"status")
    assert until(endpoint.receive, endpoint).payload == b"status"
    assert endpoint.receive() is None


def test_a_worker_does_not_talk_to_a_server_that_it_does_not_know(open_end, folder, tmp_path):
    """Whoever sits at a dead worker's address learns nothing."""
    new_folder(tmp_path / "other")
    shutil.copy(folder / "allowed" / "mesh" / "worker.pub", tmp_path / "other" / "allowed" / "mesh" / "guest.pub")
    false, here = open_end(tmp_path / "other"), open_end(folder)
    here.transport.send(false.address, b"secret")
    assert false.received(0.5) == []


def test_a_message_bears_the_key_that_its_connection_proved(open_end, folder, visit):
    keys = worker_keys(folder)
    there = open_end(folder)
    add(folder, "second", MESH)
    there.sockets.allow_list.look()
    second = worker_keys(folder).servers[MESH]
    visitor = visit(there.address, keys.client, second.public, name=b"second")
    visitor.socket.send(b"hello")
    assert there.receive().identity == keys.client.public


def test_a_revoked_key_is_mute_at_once_also_on_a_connection_that_it_has(open_end, folder, visit):
    clock = Clock()
    add(folder, "second", MESH)
    there = open_end(folder, clock=clock)
    friend = open_end(folder)
    second = visit(there.address, WorkerKeys_client(folder, "second"), worker_keys(folder).servers[MESH].public).socket
    second.send(b"hello")
    assert there.receives(b"hello")
    revoke(folder, "second")
    clock.now += 1.0
    second.send(b"still here?")
    assert there.is_reached_by(friend)
    until(lambda: there.transport.receive() or there.counters["refused"] == 1, there)
    assert there.counters["refused"] == 1
    again = visit(there.address, WorkerKeys_client(folder, "second"), worker_keys(folder).servers[MESH].public).socket
    again.send(b"and now?")
    until(lambda: there.sockets._gatekeeper.refused, there)
    assert there.is_reached_by(friend)


def WorkerKeys_client(folder, name):
    from vmesh.security.key_file import read_pair

    return read_pair(folder / f"{name}.key")


def test_a_key_that_is_added_gets_in_without_a_restart(open_end, folder, visit):
    clock = Clock()
    there = open_end(folder, clock=clock)
    late = new_pair("late")
    visitor = visit(there.address, late, worker_keys(folder).servers[MESH].public)
    visitor.socket.send(b"hello")
    until(lambda: there.sockets._gatekeeper.refused, there)
    add(folder, "late", MESH, late.public)
    clock.now += 1.0
    visit(there.address, late, worker_keys(folder).servers[MESH].public).socket.send(b"hello again")
    assert there.receives(b"hello again")


def test_who_was_refused_gets_in_with_the_same_socket_once_its_key_is_added(open_end, folder, tmp_path):
    """A worker keeps its socket for each address: it must not have to be restarted because its key reached the others late."""
    copied = shutil.copytree(folder, tmp_path / "copy")
    (copied / "worker.key").unlink()
    public = add(copied, "late", MESH)
    clock = Clock()
    there, late = open_end(folder, clock=clock, handshake_time=0.2), open_end(copied)
    late.transport.send(there.address, b"hello")
    until(lambda: there.sockets._gatekeeper.refused, there)
    add(folder, "late", MESH, public)
    clock.now += 1.0
    assert there.is_reached_by(late)


def test_a_revoked_administrator_gets_no_answer(endpoint, folder, visit):
    admin = admin_keys(folder)
    visitor = visit(endpoint.address, admin.client, admin.server, kind=zmq.REQ)
    visitor.socket.send(b"status")
    request = until(endpoint.receive, endpoint)
    assert request.identity == admin.client.public
    revoke(folder, "admin")
    endpoint.sockets.allow_list.look()
    assert not endpoint.reply(request, b"all is well")
    assert not visitor.socket.poll(200)


def test_a_borrowed_name_takes_nobodys_answer(endpoint, folder, visit):
    """Routing ids are chosen by clients: the second one of a name is not heard, and the first one keeps its answers."""
    admin = admin_keys(folder)
    first = visit(endpoint.address, admin.client, admin.server, name=b"boss").socket
    first.send(b"first")
    request = until(endpoint.receive, endpoint)
    thief = visit(endpoint.address, admin.client, admin.server, name=b"boss").socket
    thief.send(b"second")
    other = visit(endpoint.address, admin.client, admin.server).socket
    other.send(b"third")
    assert until(endpoint.receive, endpoint).payload == b"third"
    assert endpoint.reply(request, b"for the first")
    assert first.poll(5000) and first.recv() == b"for the first"
    assert not thief.poll(100)


def test_keys_do_not_show_in_what_is_printed(folder):
    keys = worker_keys(folder)
    assert isinstance(keys, WorkerKeys)
    assert keys.client.secret not in repr(keys) and keys.client.public in repr(keys)


def test_a_socket_without_a_keeper_lets_nobody_in(folder, visit):
    """Should the keeper ever be missing, the domain is closed, not open."""
    keys = worker_keys(folder)
    sockets = Sockets(Network(), keys)
    transport = ZmqTransport(sockets, "127.0.0.1", 0)
    keeper, sockets._gatekeeper = sockets._gatekeeper, None
    sockets._poller.unregister(keeper.socket)
    keeper.socket.close(0)
    visit(transport.address, keys.client, keys.servers[MESH].public).socket.send(b"hello")
    for _ in range(10):
        sockets.wait(0.05)
        assert transport.receive() is None
    transport.close()
    sockets.close()
