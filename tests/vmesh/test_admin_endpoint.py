"""Any REQ client can ask; who asked gets the answer; who went away costs nothing."""

import contextlib

import pytest
import zmq

from tests.vmesh.ends import until
from vmesh.sockets import AdminEndpoint


@pytest.fixture
def endpoint(open_sockets):
    sockets = open_sockets()
    made = AdminEndpoint(sockets, "127.0.0.1", 0)
    made.sockets = sockets
    return made


@pytest.fixture
def client(endpoint):
    with contextlib.ExitStack() as stack:
        context = stack.enter_context(zmq.Context())

        def make(kind=zmq.REQ, **options):
            socket = stack.enter_context(context.socket(kind))
            socket.linger = 0
            for name, value in options.items():
                setattr(socket, name, value)
            socket.connect(f"tcp://{endpoint.address}")
            return socket

        yield make


def answered(endpoint, socket, question=b"status"):
    request = until(endpoint.receive, endpoint)
    assert request.payload == question and request.identity == ""
    assert endpoint.reply(request, b"answer to " + question)
    assert socket.poll(20_000)
    return socket.recv_multipart()


def test_a_plain_req_client(endpoint, client):
    socket = client()
    for question in (b"one", b"two"):
        socket.send(question)
        assert answered(endpoint, socket, question) == [b"answer to " + question]


def test_a_req_client_that_numbers_its_requests(endpoint, client):
    socket = client(req_correlate=True, req_relaxed=True)
    socket.send(b"status")
    assert answered(endpoint, socket) == [b"answer to status"]


@pytest.mark.parametrize("envelope", [[], [b""], [b"id", b""]], ids=len)
def test_a_dealer_gets_its_envelope_back(endpoint, client, envelope):
    socket = client(zmq.DEALER)
    socket.send_multipart([*envelope, b"status"])
    assert answered(endpoint, socket) == [*envelope, b"answer to status"]


def test_each_gets_the_answer_to_what_it_asked(endpoint, client):
    sockets = [client() for _ in range(20)]
    for number, socket in enumerate(sockets):
        socket.send(b"%d" % number)
    requests = [until(endpoint.receive, endpoint) for _ in sockets]
    for request in reversed(requests):
        assert endpoint.reply(request, request.payload * 2)
    assert [socket.poll(20_000) and socket.recv() for socket in sockets] == [b"%d%d" % (n, n) for n in range(20)]


def test_a_client_that_left_is_not_waited_for(endpoint, client):
    socket = client()
    socket.send(b"status")
    request = until(endpoint.receive, endpoint)
    socket.close()
    until(lambda: not endpoint.reply(request, b"x"), endpoint)
    assert endpoint.counters["dropped"] == 1


def test_a_client_that_does_not_read_is_not_waited_for(endpoint, client):
    socket = client(zmq.DEALER, rcvhwm=1)
    socket.send(b"status")
    request = until(endpoint.receive, endpoint)
    until(lambda: not endpoint.reply(request, bytes(1 << 20)), endpoint)


def test_too_many_frames_are_no_request(endpoint, client):
    socket = client(zmq.DEALER)
    socket.send_multipart([b"a", b"b", b"c", b"d"])
    socket.send(b"status")
    assert answered(endpoint, socket) == [b"answer to status"]
    assert endpoint.counters["malformed"] == 1
