"""A mesh over several hosts whose network breaks in two, and heals."""

import pytest

from tests.vmesh.mesh import law
from tests.vmesh.mesh.host_keys import ClusterKeys
from tests.vmesh.mesh.hosts import all_leave, host_mesh, needed, network
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts
from tests.vmesh.mesh.workers import eventually

pytestmark = needed()


@pytest.fixture(scope="module")
def hosts():
    with network("a", "b", "c") as hosts:
        yield hosts


@pytest.fixture(scope="module")
def six(hosts, tmp_path_factory):
    """Two workers on each of three hosts."""
    folder = tmp_path_factory.mktemp("mesh")
    table = law.write_table(folder / "law.csv")
    with host_mesh(folder, hosts, ClusterKeys(folder / "keys", "abc"), "abcabc", options=law.SETTINGS, data=table, target="y") as six:
        yield six


def assert_apart(one, other):
    """Neither side has a neighbour on the other any more."""
    names = [{worker.name for worker in side} for side in (one, other)]
    for side, strangers in ((one, names[1]), (other, names[0])):
        eventually(lambda side=side, strangers=strangers: not any(worker.neighbours() & strangers for worker in side))


def test_both_halves_go_on_and_are_one_mesh_again(hosts, six):
    """For longer than a suspicion lasts: each side has declared the other one dead."""
    assert_whole(six)
    left, right = [worker for worker in six if worker.host == "a"], [worker for worker in six if worker.host != "a"]
    hosts.partition("a", "bc")
    assert_apart(left, right)
    before = fronts(six)
    for side in (left, right):
        assert_goes_on(side)
        assert_whole(side)
    right[0].ask("inject", formulas=[law.LAW])
    eventually(lambda: all(worker.best() < law.EXACT for worker in right))
    assert all(worker.best() > law.EXACT for worker in left)
    hosts.heal()
    assert_whole(six)
    eventually(lambda: all(worker.best() < law.EXACT for worker in six))
    assert_goes_on(six)
    assert_no_worse(fronts(six), before)


def test_a_partition_shorter_than_a_suspicion_costs_no_neighbour(hosts, six):
    pass


def test_nothing_is_left_behind(hosts, six):
    all_leave(hosts, six)
