"""--all reaches everybody who can be reached from one worker, whatever the others' lists hold."""

import random
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.admin.fakes import hall_of
from tests.vmesh.admin.test_protocol import JSON
from vmesh.admin.client import Inquiries
from vmesh.admin.crawl import crawl, members


class Paper:
    """A mesh on paper: {address: (name, [(name, address)])}; who is not in it does not answer."""

    def __init__(self, workers):
        self.workers, self.queue, self.asked = workers, [], []

    def add(self, address, command, arguments=None, timeout=1.0):
        assert command == "peers"
        self.queue.append(address)

    def __iter__(self):
        while self.queue:
            address = self.queue.pop(random.randrange(len(self.queue)))
            self.asked.append(address)
            yield self.outcome(address)

    def outcome(self, address):
        if address not in self.workers:
            return SimpleNamespace(address=address, answer=None, error="silent")
        name, known = self.workers[address]
        peers = {"active": [{"name": other, "admin": at} for other, at in known], "passive": [], "successor": None}
        return SimpleNamespace(address=address, answer=SimpleNamespace(ok=True, worker=name, result=peers), error="")


@given(st.integers(1, 40), st.sets(st.integers(0, 39)), st.randoms())
def test_everybody_alive_that_is_linked_is_found_and_asked_once(count, dead, chance):
    dead -= {0}
    links = {i: {(i + 1) % count, (i + 2) % count, chance.randrange(count)} for i in range(count)}
    alive = {f"a{i}": (f"host/{i}", [(f"host/{j}", f"a{j}") for j in links[i]]) for i in range(count) if i not in dead}
    paper = Paper(alive)
    mesh = crawl(paper, ["a0"])
    reachable, todo = set(), {0}
    while todo:
        reachable |= todo
        todo = {j for i in todo for j in links[i]} - reachable - dead
    assert mesh.workers == {f"host/{i}": f"a{i}" for i in sorted(reachable)}
    assert set(mesh.silent) == {f"host/{j}" for i in reachable for j in links[i]} - mesh.workers.keys()
    assert len(paper.asked) == len(set(paper.asked))


def test_who_came_back_at_another_address_is_not_missed():
    """Old lists still hold where it was."""
    mesh = crawl(Paper({"a0": ("host/0", [("host/1", "old"), ("host/1", "new")]), "new": ("host/1", [])}), ["a0"])
    assert mesh.workers == {"host/0": "a0", "host/1": "new"}
    assert mesh.silent == {}


def test_workers_without_admin_socket_are_left_out():
    assert list(members({"active": [{"name": "host/0", "admin": ""}], "passive": None, "successor": 5})) == []


@given(JSON | st.fixed_dictionaries({"active": JSON, "passive": st.lists(JSON), "successor": JSON}))
def test_whatever_a_worker_says_about_others(peers):
    list(members(peers))


def test_many_workers_over_sockets_with_dead_ones_among_them():
    with hall_of(40) as hall, Inquiries(parallel=16) as inquiries:
        for node in hall.nodes[::10]:
            node.known.append(("ghost/0", "127.0.0.1:1"))
        hall.servers.pop(5)  # this one hangs: its socket is open, and nobody serves it
        mesh = crawl(inquiries, [hall.addresses[0]], timeout=1.5)
        assert list(mesh.workers) == [f"host/{i}" for i in range(40) if i != 5]
        assert set(mesh.silent) == {"ghost/0", "host/5"}
