"""The life of a small cluster, as its user sees it: set up, launch, look, lose a node, get it back, bring home, end.

The tests of this file are chapters: each begins where the one before it ended.
"""

import hashlib
import json
import subprocess
import sys

import pytest

from tests.cluster.playing import ROOT
from vmesh.watch.replayed import Replayed


def test_setup_makes_everything(cluster):
    assert cluster.play("setup").changed > 0


@pytest.mark.long
def test_setup_again_changes_nothing(cluster):
    assert cluster.play("setup").changed == 0


def test_without_a_bundle_launch_says_what_to_do(cluster):
    played = cluster.play("launch", nodes=2, fails=True)
    assert "ansible-playbook devserver.yml" in played.output


def test_the_bundle_is_published(cluster, bundle):
    cluster.publish(bundle)


def test_a_number_of_nodes_that_is_none_buys_nothing(cluster):
    """More of them: tests/vmesh/cloud/test_numbers.py."""
    played = cluster.play("launch", nodes="2.5", fails=True)
    assert "whole number" in played.output
    assert cluster.instances() == []


def test_launch_waits_until_all_evolve_and_prints_where_they_are(cluster):
    played = cluster.play("launch", nodes=2)
    nodes = cluster.status()["nodes"]
    assert [node["index"] for node in nodes] == [0, 1]
    assert all(node["state"] == "evolving" and node["workers_evolving"] == node["workers"] > 0 for node in nodes)
    assert all(instance["PublicDnsName"] in played.output for instance in cluster.instances())


def test_launching_the_same_again_changes_nothing(cluster):
    before = [instance["InstanceId"] for instance in cluster.instances()]
    assert cluster.play("launch", nodes=2).changed == 0
    assert [instance["InstanceId"] for instance in cluster.instances()] == before


def test_the_nodes_are_one_mesh(cluster):
    """From the admin machine every worker is reached through ssh to one node, by its private address."""
    answers = [json.loads(line) for line in cluster.admin("status", "--all", "--json").splitlines()]
    assert sorted(answer["worker"] for answer in answers if answer["ok"]) == [f"{cluster.name}-0/0", f"{cluster.name}-1/0"]
    assert all(answer["result"]["active"] for answer in answers)


def test_the_journal_tells_what_the_workers_do(cluster):
    journal = cluster.ssh(f"{cluster.name}-0", "sudo", "journalctl", "-u", "vmesh", "-o", "cat")
    assert "takes part at" in journal
    assert "workers" in journal


@pytest.mark.long
def test_a_node_that_loses_its_power_is_replaced_and_goes_on(cluster):
    victim = cluster.status()["nodes"][1]["instance"]
    cluster.admin("checkpoint", "--all")
    cluster.wait_for_copies(2)
    cluster.local("power-cut", victim)
    assert cluster.play("launch", nodes=2).changed > 0
    nodes = cluster.status()["nodes"]
    assert [node["index"] for node in nodes] == [0, 1]
    assert victim not in [node["instance"] for node in nodes]
    assert "resumed" in cluster.ssh(f"{cluster.name}-1", "sudo", "journalctl", "-u", "vmesh", "-o", "cat")


def test_collect_brings_the_formulas_home(cluster):
    cluster.admin("checkpoint", "--all")
    cluster.wait_for_copies(2)
    cluster.play("collect")
    [collected] = (cluster.results / "collected").iterdir()
    show = [sys.executable, "-m", "vgp", "show", str(collected / "front.json")]
    shown = subprocess.run(show, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "semi_major_axis_au" in shown.stdout
    files = json.loads((collected / "manifest.json").read_text())["files"]
    assert {name.split("/")[0] for name in files} >= {"front.json", "checkpoints", "histories", "logs"}
    run = Replayed(collected)
    assert sorted(run.look().workers) == [f"{cluster.name}-0/0", f"{cluster.name}-1/0"]
    run.close()
    for name, told in files.items():
        assert hashlib.sha256((collected / name).read_bytes()).hexdigest() == told["sha256"]


def test_terminate_ends_every_node(cluster):
    assert cluster.play("terminate").changed > 0
    assert cluster.instances() == []


@pytest.mark.long
def test_terminating_again_changes_nothing(cluster):
    assert cluster.play("terminate").changed == 0


def test_terminate_leaves_nothing_that_costs_if_asked(cluster):
    tag = cluster.tag()
    cluster.play("terminate", buckets="delete")
    assert cluster.leftovers(tag) == []
