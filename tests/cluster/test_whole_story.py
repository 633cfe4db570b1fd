"""The long form of the story: a development server that really builds, growing, shrinking, and what may go wrong on the way.

The tests of this file are chapters: each begins where the one before it ended.
"""

import os
import signal
import time

import pytest

from tests.cluster.inside import Damaged, account, node_may, record, wait_until_gone, workers

pytestmark = pytest.mark.long

SHORT_TESTS = "tests/formats/test_layout.py tests/formats/test_record.py"


def indexes(cluster):
    return [node["index"] for node in cluster.status()["nodes"] if node["state"] == "evolving"]


def test_a_development_server_builds_tests_and_publishes(cluster):
    cluster.play("setup")
    played = cluster.play("devserver", timeout=2400, devserver_tests=SHORT_TESTS)
    assert " passed" in played.output
    assert "ssh -F" in played.output
    assert len(cluster.instances("devserver")) == 1


def test_the_same_source_is_not_built_twice(cluster):
    assert cluster.play("devserver", devserver_tests=SHORT_TESTS).changed == 0


def test_the_server_ends_when_it_is_not_kept(cluster):
    cluster.play("devserver", keep=False, devserver_tests=SHORT_TESTS)
    assert cluster.instances("devserver") == []


def test_a_launch_without_capacity_says_so_and_the_next_one_completes_it(cluster):
    cluster.local("fault", '{"action": "RunInstances", "code": "InsufficientInstanceCapacity", "http": 500, "times": 100}')
    played = cluster.play("launch", nodes=2, fails=True)
    assert "capacity" in played.output
    assert cluster.instances() == []
    cluster.local("fault", "clear")
    cluster.play("launch", nodes=2)
    assert indexes(cluster) == [0, 1]


def test_throttling_delays_and_does_not_fail(cluster):
    cluster.local("fault", '{"action": "DescribeInstances", "code": "RequestLimitExceeded", "http": 503, "times": 3}')
    assert cluster.play("launch", nodes=2).changed == 0
    cluster.local("fault", "clear")


def test_it_grows_and_shrinks(cluster):
    cluster.play("launch", nodes=4)
    assert indexes(cluster) == [0, 1, 2, 3]
    cluster.play("launch", nodes=3)
    assert indexes(cluster) == [0, 1, 2]


def test_an_interrupted_launch_is_resumed_without_orphans(cluster):
    before = {instance["InstanceId"] for instance in cluster.instances()}
    launch = cluster.start("launch", nodes=4)
    deadline = time.monotonic() + 120
    while {instance["InstanceId"] for instance in cluster.instances()} == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    os.killpg(launch.pid, signal.SIGINT)
    launch.wait(60)
    assert launch.returncode != 0
    cluster.play("launch", nodes=4)
    assert indexes(cluster) == [0, 1, 2, 3]
    assert len(cluster.instances()) == 4


def test_a_rebooted_node_joins_by_itself(cluster):
    """Nobody plays a playbook meanwhile."""
    instance = cluster.status()["nodes"][1]["instance"]
    cluster.local("power-cut", instance, "--restart")
    deadline = time.monotonic() + 180
    while f"{cluster.name}-1/0" not in workers(cluster):
        assert time.monotonic() < deadline
        time.sleep(2)


def test_a_spot_notice_makes_a_node_leave_and_its_successor_goes_on(cluster):
    node = cluster.status()["nodes"][3]
    cluster.local("spot-notice", node["instance"], "--seconds", "90")
    deadline = time.monotonic() + 85
    while (last := record(cluster, 3))["state"] != "left":
        assert time.monotonic() < deadline, last
        time.sleep(1)
    wait_until_gone(cluster, node["instance"])
    cluster.play("launch", nodes=4)
    assert indexes(cluster) == [0, 1, 2, 3]
    assert "resumed" in cluster.ssh(f"{cluster.name}-3", "sudo", "journalctl", "-u", "vmesh", "-o", "cat")


def test_a_node_reads_the_bundle_and_writes_below_its_own_prefixes_only(cluster):
    """With the credentials that its role gives it, as IAM decides."""
    deploy, data, code = (f"{cluster.name}-{account(cluster)}-{one}" for one in ("deploy", "data", "code"))
    own = f"clusters/{cluster.name}"
    assert node_may(cluster, 0, "get", deploy, f"{own}/cluster.json")
    assert node_may(cluster, 0, "put", data, f"{own}/logs/try")
    for bucket, key in (
        *((data, "clusters/another/logs/try"), (data, "tables/try"), (data, f"{own}/try")),
        *((deploy, f"{own}/cluster.json"), (deploy, "bundles/current-x86_64.json")),
    ):
        assert not node_may(cluster, 0, "put", bucket, key), key
    assert not node_may(cluster, 0, "get", code, "sources/any")


def test_a_bundle_whose_checksum_is_wrong_is_not_installed(cluster):
    cluster.play("launch", nodes=3)
    with Damaged(cluster):
        played = cluster.play("launch", nodes=4, fails=True)
    assert "checksum" in played.output


def test_a_node_that_never_answers_is_told_about(cluster):
    cluster.play("launch", nodes=3)
    launch = cluster.start("launch", nodes=4, cluster_launch_timeout=30)
    deadline = time.monotonic() + 120
    while len(cluster.instances()) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    newest = max(cluster.instances(), key=lambda one: one["LaunchTime"])["InstanceId"]
    cluster.local("shell", newest, "--", "ip", "link", "set", "eth0", "down", check=False)
    assert launch.wait(300) != 0
    output = (cluster.folder / "launch.log").read_text()
    assert f"{cluster.name}-3" in output
    assert "terminate.yml" in output


def test_everything_ends(cluster):
    cluster.play("terminate")
    assert cluster.instances() == []
    tag = cluster.tag()
    cluster.play("terminate", buckets="delete")
    assert cluster.leftovers(tag) == []
