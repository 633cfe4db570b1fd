"""Topologies and selections do what their names say."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.exchange.world import FakePopulation, Known, member, organism
from vgp.exchange import ORGANISM
from vmesh.errors import SettingsError
from vmesh.exchange.selection import SELECTIONS, most_different
from vmesh.exchange.topology import Topology, parse_edges
from vmesh.settings import SELECTIONS as SELECTION_NAMES
from vmesh.settings import Exchange

NAMES = ("a/0", "a/1", "b/0", "b/1")
A0, A1, B0, B1 = MEMBERS = tuple(member(name) for name in NAMES)
PEERS = Known(active=(A1, B0), passive=(B1, A1), successor=A1)


def audience(topology, edges="", me="a/0", peers=PEERS):
    return {m.name for m in Topology.of(Exchange(topology=topology, edges=edges), me).audience(peers)}


@pytest.mark.parametrize(
    ("topology", "expected"), [("random", {"a/1", "b/0"}), ("ring", {"a/1"}), ("fully-connected", {"a/1", "b/0", "b/1"})]
)
def test_who_may_ever_be_sent_to(topology, expected):
    assert audience(topology) == expected


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ("0>1", {"a/1", "b/1"}),
        ("a/0>b/0", {"b/0"}),
        ("a/0>b", {"b/0", "b/1"}),
        ("*>b/1, 1>*", {"b/1"}),
        ("1>0", set()),
        ("a>*", {"a/1", "b/0", "b/1"}),
    ],
)
def test_free_form(edges, expected):
    assert audience("free-form", edges) == expected


@pytest.mark.parametrize("edges", ["0", "0>", ">1", "0>1>2", "0-1", "0>1 >"])
def test_edges_that_cannot_be_read_are_named(edges):
    with pytest.raises(SettingsError, match="is no edge; write them as in"):
        parse_edges(edges)


def test_free_form_without_edges_is_no_silent_end_of_exchange():
    with pytest.raises(SettingsError, match="set exchange.edges"):
        audience("free-form", "")


def test_random_takes_so_many_neighbours_and_all_in_turn():
    topology = Topology.of(Exchange(destinations=1), "a/0")
    drawn = [topology.destinations(PEERS, Random(i)) for i in range(40)]
    assert {len(members) for members in drawn} == {1} and {m.name for (m,) in drawn} == {"a/1", "b/0"}


def test_a_worker_alone_sends_to_nobody():
    for topology in ("random", "ring", "fully-connected", "free-form"):
        assert audience(topology, "*>*", peers=Known(successor=A0 if topology == "ring" else None)) == set()


def chosen(policy, most, population):
    selection = SELECTIONS[policy]
    candidates = selection.candidates(population, population.champions(), most, Random(1))
    return selection.choose(candidates, most, Random(2))["id"].tolist()


def test_every_policy_of_the_settings_is_there_and_stays_within_its_number():
    population = FakePopulation()
    ids = {population.add(organism(value)) for value in range(1, 40)}
    assert set(SELECTIONS) == set(SELECTION_NAMES)
    for policy in SELECTIONS:
        for most in (1, 5, 100):
            taken = chosen(policy, most, population)
            assert len(taken) == len(set(taken)) <= most and set(taken) <= ids
        assert chosen(policy, 5, FakePopulation()) == []


def test_best_takes_the_front_from_its_best_end():
    population = FakePopulation()
    ids = [population.add(organism(value)) for value in range(1, 40)]
    assert chosen("best", 3, population) == ids[:3]


def standings(signatures, losses=None):
    records = np.zeros(len(signatures), ORGANISM)
    records["id"] = np.arange(1, len(signatures) + 1)
    records["signature"] = signatures
    records["loss"] = losses or range(len(signatures))
    return records


def test_diverse_takes_the_best_then_the_farthest_and_none_that_behaves_the_same():
    signatures = [0b1, 0b1, 0xFF, 0xF0, 0b11]
    assert most_different(standings(signatures), 3, Random(0))["id"].tolist() == [1, 3, 4]
    assert most_different(standings([5, 5, 5]), 3, Random(0))["id"].tolist() == [1]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=12), st.integers(1, 12))
def test_diverse_is_the_greedy_choice_written_out(signatures, most):
    left, taken = list(range(1, len(signatures))), [0]

    def nearest(i):
        return min((signatures[i] ^ signatures[j]).bit_count() for j in taken)

    while len(taken) < most and left:
        far = max(left, key=lambda i: (nearest(i), -i))
        if not nearest(far):
            break
        taken.append(far)
        left.remove(far)
    assert most_different(standings(signatures), most, Random(0))["id"].tolist() == [i + 1 for i in taken]
