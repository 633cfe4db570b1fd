"""What anybody on the machine may send to the sockets of a worker without keys, while it works: nothing of it hurts the mesh."""

import contextlib
import json
import random

import pytest
import zmq

from tests.vmesh.ends import stranger
from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import Worker, eventually, mesh
from tests.vmesh.test_hostile_connections import GREETING, ready
from vgp.formula import parse
from vgp.genome import encode_bundle
from vgp.layout import batch
from vmesh import messages
from vmesh.codec import decode, encode
from vmesh.errors import MessageError
from vmesh.messages import Member
from vmesh.zmq_transport import MOST_WAYS

MOST = 256 << 10  # bytes of a message
LIMITS = ("--set", f"network.max_message={MOST}", "--set", "network.handshake_time=0.5", "--set", "network.max_connections=128")
OPTIONS = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50", *LIMITS)
GROWTH = 48 << 20  # bytes; one that keeps what it is sent grows by hundreds
HALF_OPEN = 300


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    with mesh(tmp_path_factory.mktemp("mesh"), 2, options=OPTIONS) as workers:
        shared(workers)
        yield workers


@pytest.fixture(autouse=True)
def unharmed(two):
    """Around each test: the mesh goes on, knows what it knew, and nothing has grown."""
    before, pids = fronts(two), [worker.process.pid for worker in two]
    resident = [processes.memory(pid) for pid in pids]
    open_files = [processes.descriptors(pid) for pid in pids]
    yield
    assert_whole(two)
    assert_goes_on(two)
    assert_no_worse(fronts(two), before)
    for pid, bytes_, files in zip(pids, resident, open_files, strict=True):
        assert processes.memory(pid) < bytes_ + GROWTH
        assert processes.descriptors(pid) <= files + 2 * MOST_WAYS + 16  # it may try for a while to reach whom it was told of
    assert not any("Traceback" in worker.log() for worker in two)


def ports(workers):
    return [int(address.rpartition(":")[2]) for worker in workers for address in (worker.address, worker.admin)]


@contextlib.contextmanager
def socket_to(address, kind=zmq.DEALER):
    with zmq.Context() as context, context.socket(kind) as made:
        made.linger = 2000
        made.connect(f"tcp://{address}")
        yield made


def test_random_bytes_and_half_handshakes_by_the_hundred(two):
    chance = random.Random(7)
    before = [processes.descriptors(worker.process.pid) for worker in two]
    starts = (b"", GREETING[:10], GREETING, ready(), GREETING.replace(b"NULL\0", b"CURVE"), b"GET / HTTP/1.1\r\n\r\n", bytes(64))
    with contextlib.ExitStack() as held:
        for port in ports(two):
            for number in range(HALF_OPEN):
                with contextlib.suppress(OSError):  # turned away
                    connection = held.enter_context(stranger(port))
                    rest = chance.randbytes(chance.randrange(500)) if number % 3 else b""
                    connection.sendall(starts[number % len(starts)] + rest)
        assert_goes_on(two)
    for worker, files in zip(two, before, strict=True):
        eventually(lambda worker=worker, files=files: processes.descriptors(worker.process.pid) <= files + 8)


def forged(two):
    """Well-formed messages with everything in them that could do harm, as if from a stranger and as if from a neighbour."""
    me = two[0].ask("status")
    known = Member(two[0].name, two[0].address, me["incarnation"], 1, two[0].admin)
    nowhere = Member("nobody/0", "127.0.0.1:1", 2**63, 2, "127.0.0.1:1")
    record = encode_bundle(*batch([parse("sqrt(a)", ("a", "b"))]))
    for sender in (nowhere, known, Member("x" * 80, "127.0.0.1:2", 0, 0, "")):
        for state in messages.RUMOURS:
            yield sender, messages.Rumour(known, state, 5)
            yield sender, messages.Rumour(nowhere, state, 2**31)
        yield sender, messages.Unlink()
        yield sender, messages.Link(True)
        yield sender, messages.Join()
        yield sender, messages.ForwardJoin(nowhere, 1000)
        yield sender, messages.Welcome((nowhere,) * 64)
        yield sender, messages.Shuffle(tuple(Member(f"made-up/{n}", f"127.0.0.1:{n + 1}", n, n, "") for n in range(64)))
        yield sender, messages.Ping(2**63, 2**62)
        yield sender, messages.IndirectPing(5, nowhere)
        yield sender, messages.Predecessor(nowhere, (nowhere,) * 64)
        yield sender, messages.Notify()
        yield sender, messages.Emigrants(1, 0, record)
        yield sender, messages.Emigrants(2**63, 2**63, b"no record")
        yield sender, messages.Credit(2**63)
        yield sender, messages.CreditRequest(2**63)
        yield sender, messages.Want(tuple(range(4096)))
        yield sender, messages.Supply((1, 2), record)
        yield sender, messages.DataVersion(2**61)
        yield sender, messages.DataAnnouncement(5, "/etc/passwd", "0" * 64, "y")


def garbled(payload, chance):
    content = bytearray(payload)
    for _ in range(chance.randrange(1, 6)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content[: chance.randrange(1, len(content) + 1)])


def test_forged_garbled_and_oversized_messages(two):
    """A neighbour that is said to be dead or gone by somebody is a neighbour again at once, if it ever ceased to be one."""
    chance = random.Random(3)
    for worker in two:
        with socket_to(worker.address) as rude:
            for sender, message in forged(two):
                with contextlib.suppress(MessageError, ValueError, OverflowError):  # not even encodable
                    payload = encode(sender, message)
                    rude.send(payload)
                    for _ in range(20):
                        rude.send(garbled(payload, chance))
            for _ in range(300):
                rude.send(chance.randbytes(chance.randrange(1, 2000)))
            rude.send_multipart([b"", b"a", b"b"])
            rude.send(bytes(MOST))  # as large as may be
        with socket_to(worker.address) as ruder:
            ruder.send(bytes(4 * MOST))
    assert_goes_on(two)
    eventually(lambda: all(sum(worker.ask("status")["exchange"]["refused_messages"].values()) >= 300 for worker in two))
    eventually(lambda: all(worker.neighbours() >= {other.name for other in two if other is not worker} for worker in two))


def test_whatever_is_sent_to_the_administrators_socket(two):
    chance = random.Random(5)
    requests = [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"vmesh": 1}', b'{"vmesh": 2, "command": "status"}',
        b'{"vmesh": 1, "command": "shutdown", "arguments": 7}', b'{"vmesh": 1, "command": "advance", "arguments": {"ticks": -1}}',
        json.dumps({"vmesh": 1, "command": "inject", "arguments": {"record": "A" * 100_000}}).encode(),
        json.dumps({"vmesh": 1, "command": "inject", "arguments": {"formulas": ["(" * 50_000]}}).encode(),
        json.dumps({"vmesh": 1, "command": "parameters", "arguments": {"vgp": {"population_size": 10**30}}}).encode(),
        json.dumps({"vmesh": 1, "command": "data", "arguments": {"url": "/etc/passwd"}}).encode(),
        *(chance.randbytes(chance.randrange(2000)) for _ in range(100)),
    ]  # fmt: skip
    for worker in two:
        with socket_to(worker.admin, zmq.REQ) as asking:
            for request in requests:
                asking.send(request)
                assert asking.poll(20_000), request[:80]
                answer = json.loads(asking.recv())
                assert answer["ok"] is False and "\n" not in answer["error"] and answer["error"], answer
        with socket_to(worker.admin) as asking:
            asking.send_multipart([b""] * 50)
            asking.send(bytes(4 * MOST))


class Eavesdropper:
    """A member of the mesh that writes down all that the mesh says to it."""

    def __init__(self, two):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.address = f"127.0.0.1:{self.socket.bind_to_random_port('tcp://127.0.0.1')}"
        self.me = Member("spy/0", self.address, 1, 99, "")
        self.ways = []
        for worker in two:
            way = self.context.socket(zmq.DEALER)
            way.connect(f"tcp://{worker.address}")
            self.ways.append(way)
        self.heard = []

    def say(self, message):
        for way in self.ways:
            way.send(encode(self.me, message))

    def listen(self, enough):
        while not enough():
            if self.socket.poll(20_000):
                payload = self.socket.recv_multipart()[-1]
                self.heard.append(payload)
                _, message = decode(payload)
                if isinstance(message, messages.Ping):
                    self.say(messages.Ack(message.sequence))

    def kinds(self):
        return {type(decode(payload)[1]) for payload in self.heard}

    def close(self):
        self.context.destroy(linger=2000)


def test_replayed_messages_of_real_workers(two, tmp_path):
    """All that was said to a member, also a worker's farewell before it came back, is sent to everybody again and again."""
    spy = Eavesdropper(two)
    with contextlib.closing(spy):
        spy.say(messages.Join())
        spy.say(messages.Link(True))
        spy.listen(lambda: {messages.Welcome, messages.Ping, messages.Emigrants} <= spy.kinds())
        spy.say(messages.CreditRequest(10))
        spy.listen(lambda: messages.Credit in spy.kinds())
        with Worker(tmp_path, 2, [two[0].address], options=OPTIONS) as third:
            third.wait_ready()
            assert_whole([*two, third])
            lives = [decode(payload)[0] for payload in spy.heard if decode(payload)[0].name != spy.me.name]
            farewell = encode(newest(lives, two[1]), messages.Rumour(newest(lives, two[1]), messages.LEFT, 3))
            ticks = [worker.ask("status")["exchange"]["accepted"] for worker in two]
            for _ in range(20):
                for way in spy.ways:
                    for payload in (*spy.heard[-200:], farewell):
                        way.send(payload)
            assert_goes_on([*two, third])
            assert_whole([*two, third])
            assert all(now >= was for now, was in zip([w.ask("status")["exchange"]["accepted"] for w in two], ticks, strict=True))
            assert third.terminate() == 0


def newest(lives, worker):
    return max((life for life in lives if life.name == worker.name), key=lambda life: life.incarnation)
