"""A mesh over three hosts whose network loses packets, all or some, in both directions or in one, or is slow."""

import pytest

from tests.vmesh.mesh import law, processes
from tests.vmesh.mesh.host_keys import ClusterKeys
from tests.vmesh.mesh.hosts import host_mesh, needed, network
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts
from tests.vmesh.mesh.workers import eventually

pytestmark = needed()

FAR = {"membership.ping_interval": 3.0, "membership.ping_timeout": 2.0, "membership.suspicion_time": 15.0}  # the preset wan
NEAR = {"membership.ping_interval": 0.5, "membership.ping_timeout": 0.25, "membership.suspicion_time": 1.5}  # the preset local
WAITING, WINDOW = 64, 4  # immigrations and credits that settings allow
GROWTH = 24 << 20  # bytes; what piles up for one peer without a bound is more within seconds


@pytest.fixture(scope="module")
def hosts():
    with network("a", "b", "c") as hosts:
        yield hosts


@pytest.fixture(scope="module")
def five(hosts, tmp_path_factory):
    """Two workers on each of the first two hosts, one on the third."""
    folder = tmp_path_factory.mktemp("mesh")
    table = law.write_table(folder / "law.csv")
    keys = ClusterKeys(folder / "keys", "abc")
    options = (*law.SETTINGS, "--set", "network.handshake_time=10")
    with host_mesh(folder, hosts, keys, "abcab", options=options, data=table, target="y") as five:
        yield five


@pytest.fixture(autouse=True)
def healed(hosts, five):
    """Each test begins with a whole mesh, and ends with one that knows what it knew, whatever the network did meanwhile."""
    assert_whole(five)
    before = fronts(five)
    yield
    hosts.heal()
    assert_whole(five)
    assert_goes_on(five)
    assert_no_worse(fronts(five), before)
    assert all(worker.running for worker in five)


def on(five, places):
    return [worker for worker in five if worker.host in places]


def apart(one, other):
    """Neither side has a neighbour on the other any more."""
    names = [{worker.name for worker in side} for side in (one, other)]
    return not any(worker.neighbours() & names[1] for worker in one) and not any(worker.neighbours() & names[0] for worker in other)


def test_with_a_cut_in_one_direction_news_takes_a_detour(hosts, five):
    """Nothing of host a gets to c. Both are heard by b, so that nobody is dead, and what c finds is soon known on a."""
    hosts.lose(100, "a", "c")
    eventually(lambda: apart(on(five, "a"), on(five, "c")))
    assert_whole(five)
    law.tell(0, on(five, "c")[0])
    eventually(lambda: law.known(0, five))
    assert_goes_on(five)


def test_with_every_second_packet_lost_a_patient_mesh_stays_together(hosts, five):
    """With the intervals of long distances, set while it runs. News arrives, late."""
    for worker in five:
        worker.ask("parameters", set=FAR)
    hosts.lose(50, "abc", "abc")
    law.tell(1, on(five, "a")[0])
    eventually(lambda: law.known(1, five))
    assert_whole(five)
    hosts.heal()
    for worker in five:
        worker.ask("parameters", set=NEAR)


def test_a_slow_line_to_one_host_costs_the_others_nothing(hosts, five):
    """Less gets through to c than its peers have for it: they neither wait nor pile it up."""
    others = on(five, "ab")
    hosts.slow_down("c", "16kbit")
    try:
        resident = [processes.memory(worker.process.pid) for worker in others]
        sent = sendings(others)
        eventually(lambda: all(now > was + 20 for now, was in zip(sendings(others), sent, strict=True)))
        eventually(lambda: hosts.held_up("c") > 20)
        assert_goes_on(others)
        assert_whole(others)
        for worker, was in zip(others, resident, strict=True):
            exchange = worker.ask("status", timeout=5)["exchange"]
            assert exchange["waiting"] <= WAITING and exchange["credits_used"] <= WINDOW * len(five)
            assert processes.memory(worker.process.pid) < was + GROWTH
    finally:
        hosts.speed_up("c")


def sendings(workers):
    """Emigrations so far."""
    return [worker.ask("status")["exchange"]["sent"] for worker in workers]


def test_both_halves_of_a_partition_go_on_and_are_one_mesh_again(hosts, five):
    """It lasts until each side has declared the other one dead."""
    left, right = on(five, "a"), on(five, "bc")
    hosts.partition("a", "bc")
    eventually(lambda: apart(left, right))
    for side in (left, right):
        assert_whole(side)
        assert_goes_on(side)
    law.tell(2, right[0])
    eventually(lambda: law.known(2, right))
    assert law.unknown(2, left)
    hosts.heal()
    eventually(lambda: law.known(2, five))


def test_a_silence_shorter_than_a_suspicion_costs_no_neighbour(hosts, five):
    """Suspects get new connections, so that the time that is left to object is enough."""
    for worker in five:
        worker.ask("parameters", set={"membership.suspicion_time": 60.0})
    eventually(lambda: not suspects(five))
    lost = deaths(five)
    hosts.partition("a", "bc")
    eventually(lambda: len({worker.host for worker in five if suspects([worker])}) == 3)
    hosts.heal()
    eventually(lambda: not suspects(five))
    assert deaths(five) == lost
    for worker in five:
        worker.ask("parameters", set=NEAR)


def suspects(workers):
    """Neighbours that do not answer."""
    return [member for worker in workers for member in worker.ask("peers")["active"] if member["state"] == "suspect"]


def deaths(workers):
    """How often a neighbour was declared dead."""
    return sum(line.endswith(": dead") for worker in workers for line in worker.log().splitlines())
