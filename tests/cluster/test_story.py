"""The life of a small cluster, as its user sees it: set up, launch, look, lose a node, get it back, bring home, end.

The tests of this file are chapters: each begins where the one before it ended.
"""

import hashlib
import json
import subprocess
import sys

import pytest

from tests.cluster.playing import ROOT

pytestmark = pytest.mark.xdist_group("cluster")


def test_setup_makes_everything_once(cluster):
    assert cluster.play("setup").changed > 0
    assert cluster.play("setup").changed == 0


def test_without_a_bundle_launch_says_what_to_do(cluster):
    played = cluster.play("launch", nodes=2, fails=True)
    assert "ansible-playbook devserver.yml" in played.output


def test_the_bundle_is_published(cluster, bundle):
    cluster.publish(bundle)


@pytest.mark.parametrize("nodes", ["0", "-1", "2.5", "many", ""])
def test_a_number_of_nodes_that_is_none_buys_nothing(cluster, nodes):
    played = cluster.play("launch", nodes=nodes, fails=True)
    assert "whole number" in played.output
    assert cluster.instances() == []


def test_launch_waits_until_all_evolve_and_prints_where_they_are(cluster):
    played = cluster.play("launch", nodes=2)
    nodes = cluster.status()["nodes"]
    assert [node["index"] for node in nodes] == [0, 1]
    assert all(node["state"] == "evolving" and node["workers_evolving"] == node["workers"] > 0 for node in nodes)
    assert all(instance["public_hostname"] in played.output for instance in cluster.instances())


def test_launching_the_same_again_changes_nothing(cluster):
    before = cluster.instances()
    assert cluster.play("launch", nodes=2).changed == 0
    assert cluster.instances() == before


def test_the_nodes_are_one_mesh(cluster):
    """Organisms come over the network: each node's worker is linked with the other's."""
    peers = json.loads(cluster.admin("peers", "--json").splitlines()[0])["result"]
    assert {member["name"].split("/")[0] for member in peers["active"]} >= {f"{cluster.name}-1"} or peers["self"]["name"].startswith(f"{cluster.name}-1")


def test_the_journal_tells_what_the_workers_do(cluster):
    journal = cluster.ssh(f"{cluster.name}-0", "sudo", "journalctl", "-u", "vmesh", "-o", "cat")
    assert "takes part at" in journal
    assert "evaluations" in journal


def test_a_node_that_loses_its_power_is_replaced_and_goes_on(cluster):
    victim = cluster.instances()[1]
    cluster.ssh(f"{cluster.name}-1", "sudo", "vmesh-checkpoint-now", check=False)
    cluster.local("power-cut", victim["instance"], "--for-good")
    cluster.play("launch", nodes=2)
    after = cluster.instances()
    assert [node["index"] for node in after] == [0, 1]
    assert after[1]["instance"] != victim["instance"]
    assert "checkpoint" in cluster.ssh(f"{cluster.name}-1", "sudo", "journalctl", "-u", "vmesh", "-o", "cat")


def test_collect_brings_the_formulas_home(cluster):
    cluster.play("collect")
    [collected] = (cluster.results / "collected").iterdir()
    [model] = collected.glob("*.json")
    shown = subprocess.run([sys.executable, "-m", "vgp", "show", str(model)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "semi_major_axis_au" in shown.stdout
    for line in (collected / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        assert hashlib.sha256((collected / name).read_bytes()).hexdigest() == digest


def test_terminate_leaves_nothing_that_costs(cluster):
    cluster.play("terminate")
    assert cluster.instances() == []
    assert cluster.hosts() == []
    cluster.play("terminate", buckets="delete")
    assert cluster.leftovers() == []
