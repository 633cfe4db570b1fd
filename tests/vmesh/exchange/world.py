"""Workers without engines on a network that loses, doubles and reorders what it is told to: what exchange is tested in."""

import itertools
from dataclasses import dataclass, field
from random import Random

import numpy as np

from tests.core.tables import indexed, node
from vgp import genome
from vgp.exchange import ORGANISM
from vgp.island import ImportReport
from vgp.layout import REFERENCE, batch, constant_payload
from vmesh.codec import decode, encode
from vmesh.exchange import Exchange
from vmesh.memory_transport import MemoryNetwork, MemoryTransport, Quality
from vmesh.messages import Member
from vmesh.outputs import Send
from vmesh.settings import Exchange as Settings

COLUMNS = 77
LIMIT = 4096


def organism(value, *callees):
    """A genome of its own that calls these ids."""
    nodes = [node("constant", constant_payload(float(value)))]
    for callee in callees:
        nodes += [node("reference", callee, 0), node("add")]
    return indexed(nodes)


def id_of(body):
    return genome.genome_id(body)


def record_of(*bodies, roots=None):
    return genome.encode_bundle(*batch(list(bodies)), roots, open=True)


def member(name, incarnation=1, nonce=None):
    return Member(name, address_of(name), incarnation, incarnation * 1000 if nonce is None else nonce, "")


def address_of(name):
    return f"{name.replace('/', '-')}:1"


class FakePopulation:
    """Genomes with losses that their own sandbox - a function of the id - gives them."""

    columns = COLUMNS

    def __init__(self, most=8):
        self.most = most
        self.held = {}
        self.alive = {}
        self.inbox = []
        self.evaluated = []
        self.exports = 0

    def loss_of(self, body):
        return abs(float(np.uint64(body["payload"][0]).view(np.float64)))

    def add(self, body, alive=True):
        id = id_of(body)
        self.held[id] = body
        if alive:
            self.evaluated.append(id)
            self.alive[id] = self.loss_of(body)
        return id

    @property
    def best(self):
        return min(self.alive.values(), default=np.inf)

    def standings(self, most, seed):
        ids = sorted(self.alive)
        return self._records(Random(seed).sample(ids, min(most, len(ids))))

    def champions(self):
        return self._records(sorted(self.alive, key=lambda id: -self.alive[id])[-12:])

    def _records(self, ids):
        records = np.zeros(len(ids), ORGANISM)
        records["id"] = ids
        records["signature"] = ids
        records["loss"] = [self.alive[id] for id in ids]
        return records

    def export(self, ids, callees=True):
        self.exports += 1
        bodies, own = {}, set(ids)

        def visit(id):
            if id in self.held and id not in bodies:
                for nodes in self.held[id]:
                    if callees and nodes["op"] == REFERENCE:
                        visit(int(nodes["payload"]))
                bodies[id] = self.held[id]

        for id in ids:
            visit(id)
        return record_of(*bodies.values(), roots=[id in own for id in bodies])

    def missing(self, record):
        bundle = genome.decode_bundle(record, open=True)
        called = {int(n["payload"]) for n in bundle.nodes if n["op"] == REFERENCE}
        return sorted(called - set(bundle.ids.tolist()) - self.held.keys())

    def deliver(self, delivery, record):
        if len(self.inbox) >= self.most:
            return False
        self.inbox.append((delivery, record))
        return True

    def take_in(self):
        """Imports the next delivery: (delivery, report)."""
        delivery, record = self.inbox.pop(0)
        bundle = genome.decode_bundle(record, open=True)
        accepted = duplicate = 0
        rejected = {}
        for i, id in enumerate(bundle.ids.tolist()):
            body = bundle.genome(i).copy()
            if any(int(n["payload"]) not in self.held for n in body if n["op"] == REFERENCE):
                rejected["missing_reference"] = rejected.get("missing_reference", 0) + 1
            elif id in self.alive:
                duplicate += bool(bundle.is_root[i])
            else:
                self.add(body, alive=bool(bundle.is_root[i]))
                accepted += bool(bundle.is_root[i])
        return delivery, ImportReport(accepted, duplicate, 0, rejected)


@dataclass
class Known:
    """The peers of a worker."""

    active: tuple = ()
    passive: tuple = ()
    successor: Member | None = None


@dataclass
class Worker:
    """One worker: its exchange, its population, whom it knows."""

    me: Member
    exchange: Exchange
    population: FakePopulation
    peers: Known = field(default_factory=Known)
    transport: MemoryTransport | None = None
    slow: bool = False


class World:
    """Workers on a network in memory. `loss`, `copies`: chances; `delay`: most seconds, which reorders."""

    def __init__(self, names="abc", *, loss=0.0, copies=0.0, delay=0.0, seed=1, limit=LIMIT, **settings):
        self.random, self.limit = Random(seed), limit
        self.network = MemoryNetwork(Random(seed), Quality(loss, copies, 0.5 * (delay > 0), (0.0, delay)))
        self.settings = Settings(**settings)
        self.sent = []
        self.workers = {}
        for name in names:
            self.start(f"{name}/0")
        self.connect()

    def start(self, name, incarnation=1):
        me, population = member(name, incarnation), FakePopulation()
        exchange = Exchange(name, self.settings, population, Random(self.random.random()), self.limit)
        self.workers[name] = Worker(me, exchange, population, transport=self.network.transport(me.address))
        return self.workers[name]

    @property
    def now(self):
        return self.network.now

    def lose(self, chance):
        """From now on messages between all workers are lost with this chance, and nothing else happens to them."""
        addresses = [worker.me.address for worker in self.workers.values()]
        for way in itertools.permutations(addresses, 2):
            self.network.set_quality(*way, Quality(chance))

    def __getitem__(self, name):
        return self.workers[f"{name}/0"]

    def connect(self):
        """Everyone is everyone's neighbour; the ring goes by name."""
        names = sorted(self.workers)
        for i, name in enumerate(names):
            worker = self.workers[name]
            others = tuple(self.workers[other].me for other in names if other != name)
            successor = self.workers[names[(i + 1) % len(names)]].me
            worker.peers = Known(others, (), successor if successor != worker.me else None)
            for other in others:
                self.post(worker, worker.exchange.link_up(other, self.now))

    def kill(self, name):
        gone = self.workers.pop(f"{name}/0")
        gone.transport.close()
        for worker in self.workers.values():
            self.post(worker, worker.exchange.link_down(gone.me, self.now))

    def post(self, worker, outputs):
        for output in outputs:
            assert isinstance(output, Send)
            self.sent.append((worker.me.name, output.address, output.message))
            worker.transport.send(output.address, encode(worker.me, output.message))

    def deliver(self):
        for worker in self.workers.values():
            while (received := worker.transport.receive()) is not None:
                sender, message = decode(received.payload)
                self.post(worker, worker.exchange.receive(sender, message, self.now))

    def take_in(self):
        for worker in self.workers.values():
            while worker.population.inbox and not worker.slow:
                self.post(worker, worker.exchange.taken_in(*worker.population.take_in(), self.now))

    def step(self, seconds=0.1):
        self.network.advance(seconds)
        for worker in list(self.workers.values()):
            self.post(worker, worker.exchange.advance(self.now, worker.peers))
        for _ in range(3):  # what arrives at once, its answer, and what that brings
            self.network.advance(0.0)
            self.deliver()
            self.take_in()

    def run(self, seconds):
        for _ in range(round(seconds / 0.1)):
            self.step()

    def messages(self, kind, sender=None):
        return [message for name, _, message in self.sent if isinstance(message, kind) and sender in (None, name[0])]
