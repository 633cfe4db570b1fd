"""Who may take part in a mesh of several hosts: those with keys that are allowed, and nobody else."""

import shutil

import pytest

from tests.vmesh.mesh import law
from tests.vmesh.mesh.host_keys import ClusterKeys
from tests.vmesh.mesh.hosts import HostWorker, host_mesh, needed, network
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import PATIENCE, Worker, eventually
from vmesh.security.key_folder import AdminKeys

pytestmark = needed()


@pytest.fixture(scope="module")
def hosts():
    """The stranger's host has no part in the mesh."""
    with network("a", "b", "c", "stranger") as hosts:
        yield hosts


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return ClusterKeys(tmp_path_factory.mktemp("keys"), "abc")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return law.write_table(tmp_path_factory.mktemp("table") / "law.csv")


@pytest.fixture(scope="module")
def three(hosts, keys, table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mesh")
    with host_mesh(folder, hosts, keys, "abc", options=law.SETTINGS, data=table, target="y") as three:
        yield three


def test_without_keys_no_address_of_the_host_is_bound(hosts, table, tmp_path):
    """Otherwise anybody on the network could administrate it."""
    host = hosts["stranger"]
    sentence = refusal(host, tmp_path, table, f"network.bind={host.address}")
    assert f"bind {host.address}" in sentence and "vmesh keys new" in sentence and "network.keys" in sentence


def test_a_folder_without_keys_is_no_key(hosts, table, tmp_path):
    host = hosts["stranger"]
    (tmp_path / "keys").mkdir()
    sentence = refusal(host, tmp_path, table, f"network.bind={host.address}", f"network.keys={tmp_path / 'keys'}")
    assert str(tmp_path / "keys") in sentence and "vmesh keys" in sentence


def refusal(host, folder, table, *settings):
    """The sentence that a worker ends with at once."""
    options = [word for setting in settings for word in ("--set", setting)]
    with Worker(folder, 0, host="stranger", prefix=host.prefix, options=options, data=table, target="y") as worker:
        assert worker.process.wait(PATIENCE) == 2
        (sentence,) = (line for line in worker.log().splitlines() if line.startswith("vmesh: "))
    assert not host.pids()
    return sentence


@pytest.mark.parametrize("whose", ["another cluster's", "one that nobody allowed"])
def test_with_the_wrong_keys_a_worker_stays_alone(hosts, keys, three, table, tmp_path, whose):
    """Neither side learns anything of the other, and its formulas do not come in."""
    assert_whole(three)
    before = fronts(three)
    wrong = ClusterKeys(tmp_path / "keys", ["stranger"])
    if whose == "one that nobody allowed":  # it knows what the cluster's listeners prove
        for name in ("mesh-server.key", "admin-server.key", "mesh-server.pub", "admin-server.pub"):
            shutil.copy(keys.operator / name, wrong.folder / "stranger" / name)
        wrong.admin = AdminKeys(wrong.admin.client, keys.admin.server)
    seeds = [hosts["a"].seed, hosts["b"].seed]
    with HostWorker(tmp_path, hosts["stranger"], 0, seeds, wrong, options=law.SETTINGS, data=table, target="y") as stranger:
        stranger.wait_ready()
        law.tell(0, stranger)
        assert_goes_on([stranger])
        assert_goes_on(three)
        peers = stranger.ask("peers")
        assert peers["active"] == peers["passive"] == []
        assert stranger.ask("status")["exchange"]["received"] == 0
        assert stranger.terminate() == 0
    assert not any(stranger.name in str(worker.ask("peers")) for worker in three)
    assert law.unknown(0, three)
    assert_no_worse(fronts(three), before)


@pytest.mark.parametrize("whose", ["nobody's", "another cluster's", "a worker's"])
def test_an_administrator_needs_a_key_for_that(hosts, keys, three, tmp_path, whose):
    shown = None if whose == "nobody's" else ClusterKeys(tmp_path / "keys", ["x"]).admin
    if whose == "a worker's":
        shown = AdminKeys(keys.pair("c"), keys.admin.server)
    outcome = hosts["stranger"].outcome(three[0].admin, shown, "shutdown", 3, {})
    assert outcome.answer is None and "key" in outcome.error
    assert three[0].running
    right = hosts["stranger"].outcome(three[0].admin, keys.admin, "status", PATIENCE, {})
    assert right.result["name"] == three[0].name


def test_a_revoked_host_is_outside_at_once_and_stays_there(hosts, keys, three):
    """Its processes still run and still hold their key. Only the others' folders say that it is no good any more."""
    *others, revoked = three
    shared(three)
    before = fronts(others)
    for worker in others:
        worker.ask("keys", revoke=keys.public["c"])
    eventually(lambda: not any(revoked.name in worker.neighbours() for worker in others))
    law.tell(0, revoked)
    assert_goes_on(others)
    assert_whole(others)
    assert not any(revoked.name in str(worker.ask("peers")) for worker in others)
    assert law.unknown(0, others)
    assert_no_worse(fronts(others), before)
    assert revoked.running


def test_with_a_new_key_the_host_comes_back_with_what_it_knows(hosts, keys, three, table):
    """As an operator does it once the machine is clean: the same name, the same state, another key."""
    revoked = three[2]
    assert revoked.terminate() == 0
    keys.renew("c")
    seeds = [hosts["a"].seed, hosts["b"].seed]
    three[2] = again = HostWorker(revoked.folder.parent, hosts["c"], 0, seeds, keys, options=law.SETTINGS, data=table, target="y")
    again.wait_ready()
    assert_whole(three)
    eventually(lambda: law.known(0, three))
