"""The client over real sockets: workers that are late, dead, dying, overloaded, strangers, or that ask for a key."""

import json
import socket
import threading
import time

import pytest
import zmq

from tests.vmesh.admin.fakes import FakeNode, Hall, hall_of
from vmesh.admin import client as client_module
from vmesh.admin import server as server_module
from vmesh.admin.client import Client, Inquiries
from vmesh.errors import AdminError
from vmesh.security.key_folder import AdminKeys, add, admin_keys, new_folder, revoke, worker_keys


@pytest.fixture
def hall():
    with hall_of(1) as hall:
        yield hall


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(client_module, "PATIENCE_FIRST", 0.2)
    monkeypatch.setattr(client_module, "SHUT_TIME", 0.3)


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_many_requests_through_one_client(hall):
    with Client(hall.addresses[0]) as client:
        assert [client.ask("status")["tick"] for _ in range(50)] == [7] * 50
        with pytest.raises(AdminError, match=r"^host/0: .*did you mean 'status'"):
            client.ask("statsu")


def test_a_late_worker_is_asked_again_and_obeys_once(hall):
    """It does not listen for a while; all the requests of that time reach it at once when it does."""
    hall.deaf.set()
    timer = threading.Timer(4.0, hall.deaf.clear)
    timer.start()
    with Client(hall.addresses[0]) as client:
        assert client.ask("advance", {"ticks": 1}, timeout=30)["tick"] == 8
    timer.join()
    assert hall.nodes[0].told == [("advance", 1)]
    assert hall.servers[0].served > 1


def test_a_slow_command_is_waited_for_across_retries(hall):
    (node,) = hall.nodes

    def finish():
        wait_until(lambda: hall.servers[0].served >= 3)
        node.advancing[0].set_result({"tick": 50})

    finisher = threading.Thread(target=finish)
    finisher.start()
    with Client(hall.addresses[0]) as client:
        assert client.ask("advance", {"ticks": 50}, timeout=30)["tick"] == 50
    finisher.join()
    assert node.told == [("advance", 50)]


def test_deadlines_hold(hall):
    with Client(hall.addresses[0]) as client:
        with pytest.raises(AdminError, match="not done within|did not answer within"):
            client.ask("advance", {"ticks": 50}, timeout=0.5)
        hall.deaf.set()
        with pytest.raises(AdminError, match=r"did not answer within 0.5 s"):
            client.ask("status", timeout=0.5)
        hall.deaf.clear()
        assert client.ask("status")["tick"] == 7


def test_a_worker_that_is_busy_is_asked_later(hall, monkeypatch):
    monkeypatch.setattr(server_module, "MOST_JOBS", 1)
    (node,) = hall.nodes
    with Inquiries() as inquiries:
        for _ in range(2):
            inquiries.add(hall.addresses[0], "advance", {"ticks": 50}, timeout=0.4)
        errors = [outcome.answer.error if outcome.answer else outcome.error for outcome in inquiries]
        assert any("under way" in error for error in errors)
        node.advancing[0].set_result({})
        inquiries.add(hall.addresses[0], "advance", {"ticks": 1})
        assert [outcome.result for outcome in inquiries] == [{"tick": 8, "evaluations": 13_000}]


def test_a_worker_that_dies_and_comes_back_is_found_again():
    with hall_of(1) as first:
        address = first.addresses[0]
        with Client(address) as client:
            assert client.ask("status")["tick"] == 7
            first.close()
            assert "127.0.0.1" in client.outcome("status", timeout=0.5).error
            came_back = Hall([FakeNode("host/back")], port=int(address.rpartition(":")[2]))
            with came_back:
                assert client.outcome("status").answer.worker == "host/back"


def test_a_worker_that_dies_while_it_is_asked():
    with hall_of(1) as hall, Client(hall.addresses[0]) as client:
        killer = threading.Timer(0.3, hall.close)
        killer.start()
        with pytest.raises(AdminError, match=r"did not answer within 1.5 s"):
            client.ask("advance", {"ticks": 50}, timeout=1.5)
        killer.join()


def test_where_nobody_listens_is_told_soon():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        with Client(address) as client, pytest.raises(AdminError, match="is a worker running there"):
            client.ask("status", timeout=60)


@pytest.mark.parametrize("address", ["", "nonsense", "host:99999", "tcp://a:1", ":1:", "a b:1"])
def test_what_is_no_address_is_told(address):
    with Client(address) as client, pytest.raises(AdminError, match="is no address|is a worker running there"):
        client.ask("status", timeout=0.5)


def test_a_stranger_that_accepts_and_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        client = Client(f"127.0.0.1:{stranger.getsockname()[1]}")
        with client, pytest.raises(AdminError, match="is no worker, or asks for a key"):
            client.ask("status", timeout=0.5)


@pytest.mark.parametrize("nonsense", [b"", b"\xff" * 100, b"[]", b'{"vmesh": 1}', b'{"vmesh": 9}', b"[" * 10_000])
def test_a_stranger_that_answers_nonsense(nonsense):
    context = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.linger = 0
    port = router.bind_to_random_port("tcp://127.0.0.1")

    def answer():
        route, empty, _ = router.recv_multipart()
        router.send_multipart([route, empty, nonsense])

    thread = threading.Thread(target=answer)
    thread.start()
    with Client(f"127.0.0.1:{port}") as client, pytest.raises(AdminError, match="is no worker of this version"):
        client.ask("status", timeout=20)
    thread.join()
    router.close(0)
    context.term()


def test_arguments_that_json_does_not_know(hall):
    with Client(hall.addresses[0]) as client, pytest.raises(AdminError, match="cannot be sent"):
        client.ask("inject", {"record": object()})


def test_random_bytes_on_the_socket_do_not_disturb_others(hall):
    context = zmq.Context()
    noise = context.socket(zmq.DEALER)
    noise.linger = 0
    noise.connect(f"tcp://{hall.addresses[0]}")
    for frames in ([b""], [b"", b""], [b"", b"\0" * 1000], [b"x"] * 9, [b"", json.dumps([1]).encode()]):
        noise.send_multipart(frames)
    with socket.create_connection(("127.0.0.1", int(hall.addresses[0].rpartition(":")[2]))) as raw:
        raw.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with Client(hall.addresses[0]) as client:
            assert client.ask("status")["tick"] == 7
    noise.close(0)
    context.term()


# --- keys ---


@pytest.fixture
def keyed(folder):
    with hall_of(1, keys=worker_keys(folder)) as hall:
        yield hall


def test_with_the_right_key(keyed, folder):
    with Client(keyed.addresses[0], admin_keys(folder)) as client:
        assert client.ask("status")["tick"] == 7


@pytest.mark.parametrize("which", ["none", "mesh's", "of another cluster", "unknown client", "wrong server"])
def test_with_the_wrong_key_there_is_no_answer(keyed, folder, tmp_path, which):
    new_folder(tmp_path / "other")
    own, other, worker = admin_keys(folder), admin_keys(tmp_path / "other"), worker_keys(folder)
    keys = {
        "none": None,
        "mesh's": AdminKeys(worker.client, own.server),
        "of another cluster": other,
        "unknown client": AdminKeys(other.client, own.server),
        "wrong server": AdminKeys(own.client, other.server),
    }[which]
    with Client(keyed.addresses[0], keys) as client, pytest.raises(AdminError, match=r"no worker.*\(--keys DIR\)"):
        client.ask("status", timeout=1.5)


def test_a_revoked_key_is_mute(keyed, folder):
    public = add(folder, "second", "admin")
    pair = admin_keys(folder)
    with Client(keyed.addresses[0], pair) as client:
        assert client.ask("status")["tick"] == 7
        revoke(folder, "admin")
        wait_until(lambda: client.outcome("status", timeout=0.3).answer is None)
    assert public
