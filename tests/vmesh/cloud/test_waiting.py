"""Waiting for a launch: who is well, what is said about who is not, and how little is asked for it."""

import re
import time

import pytest

from vgp.errors import InputError
from vmesh.cloud import waiting
from vmesh.cloud.node_records import NodeRecords
from vmesh.cloud.record import Record
from vmesh.cloud.waiting import Advice, Awaited, Watch, wait
from vmesh.errors import StorageError

NOW = 1_000_000.0
ADVICE = Advice("ssh -F config {name}", "console {instance}", "ansible-playbook terminate.yml")


class Cluster:
    """Records and instances that change as a test says, in a time of their own."""

    def __init__(self, count, timeout=600.0, monkeypatch=None):
        self.watch = Watch([Awaited(i, f"i-{i}", f"vcloud-{i}") for i in range(count)], timeout, ADVICE)
        self.now, self.known, self.states, self.lines, self.fetched, self.asked = 0.0, {}, {}, [], [], 0
        self.plan, self.trouble = {}, None
        if monkeypatch:
            monkeypatch.setattr(waiting.time, "time", lambda: NOW + self.now)

    def say(self, index, state, evolving=0, workers=2, **told):
        told = {"instance": f"i-{index}", "updated": NOW + self.now, **told}
        self.known[index] = Record(index, name=f"vcloud-{index}", state=state, workers=workers, workers_evolving=evolving, **told)

    def at(self, second, action):
        self.plan[second] = action

    def read(self, settled=(), most=None):
        for second in sorted(self.plan):
            if second <= self.now:
                self.plan.pop(second)()
        if self.trouble:
            raise self.trouble
        self.fetched.append(sorted(set(self.known) - set(settled)))
        return self.known

    def ask(self):
        self.asked += 1
        return self.states

    def sleep(self, seconds):
        self.now += seconds

    def wait(self):
        return wait(self.watch, self, self.ask, self.lines.append, clock=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def cluster(monkeypatch):
    return lambda count, timeout=600.0: Cluster(count, timeout, monkeypatch)


def test_it_ends_when_all_workers_of_all_nodes_evolve(cluster):
    c = cluster(2)
    c.at(0, lambda: c.say(0, "installing"))
    c.at(3, lambda: c.say(0, "evolving", 2))
    c.at(4, lambda: c.say(1, "starting"))
    c.at(6, lambda: c.say(1, "evolving", 1))
    c.at(8, lambda: c.say(1, "evolving", 2))
    assert c.wait() == []
    assert c.now == 8.0
    assert c.lines == [
        "0 s: 0 of 2 nodes evolving; vcloud-0: installing; vcloud-1: silent",
        "3 s: 1 of 2 nodes evolving; vcloud-1: silent",
        "4 s: 1 of 2 nodes evolving; vcloud-1: starting",
        "6 s: 1 of 2 nodes evolving; vcloud-1: starting, 1 of 2 workers evolving",
        "8 s: 2 of 2 nodes evolving",
    ]


def test_a_line_comes_every_fifteen_seconds_though_nothing_changes(cluster):
    c = cluster(1)
    c.at(40, lambda: c.say(0, "evolving", 2))
    assert c.wait() == []
    assert [line.partition(":")[0] for line in c.lines] == ["0 s", "15 s", "30 s", "40 s"]


def test_records_of_predecessors_do_not_count(cluster):
    c = cluster(1)
    c.say(0, "evolving", 2, instance="i-before")
    c.at(7, lambda: c.say(0, "evolving", 2))
    assert c.wait() == []
    assert c.now == 7.0
    assert "vcloud-0: silent" in c.lines[0]


def test_a_record_of_long_ago_counts_once_it_is_written_again(cluster):
    """Whatever the clocks say: a node that hangs writes nothing, and one whose clock is an hour late does."""
    c = cluster(1)
    c.say(0, "evolving", 2, updated=NOW - 3600)
    c.at(20, lambda: c.say(0, "evolving", 2, updated=NOW - 3580))
    assert c.wait() == []
    assert c.now == 20.0
    assert "vcloud-0: evolving as it last said, long ago" in c.lines[0]


def test_nodes_that_failed_are_told_with_their_reason(cluster):
    c = cluster(3)
    c.say(0, "evolving", 2)
    c.at(5, lambda: c.say(1, "failed", reason="the bundle's checksum is wrong: build it again."))
    c.at(6, lambda: c.say(2, "evolving", 2))
    (sentence,) = c.wait()
    assert sentence == (
        "vcloud-1 (i-1) failed: the bundle's checksum is wrong: build it again; look at it: ssh -F config vcloud-1 or console i-1; "
        "end everything: ansible-playbook terminate.yml"
    )
    assert c.now == 6.0


def test_after_a_failure_the_others_have_a_little_time(cluster):
    c = cluster(3)
    c.at(5, lambda: c.say(1, "failed", reason="why"))
    c.at(20, lambda: c.say(2, "evolving", 2))
    sentences = c.wait()
    assert [sentence.split()[0] for sentence in sentences] == ["vcloud-0", "vcloud-1"]
    assert 5 + waiting.LAST_CHANCE < c.now < 40


def test_a_node_that_tried_again_is_forgiven(cluster):
    c = cluster(2)
    c.at(5, lambda: c.say(1, "failed", reason="no network"))
    c.at(8, lambda: c.say(1, "evolving", 2))
    c.at(50, lambda: c.say(0, "evolving", 2))
    assert c.wait() == []


def test_silence_ends_with_what_is_known(cluster):
    c = cluster(2, timeout=100.0)
    c.states = {"i-0": "running", "i-1": "running"}
    c.say(0, "installing")
    silent, slow = sorted(c.wait(), key=lambda sentence: "still" in sentence)
    assert silent.startswith("vcloud-1 (i-1) has said nothing for 100 s; its instance is running; look at it: ssh -F config")
    assert slow.startswith("vcloud-0 (i-0) is still installing after 100 s; its instance is running")
    assert c.asked <= 11


def test_instances_that_ended_meanwhile_are_told_at_once(cluster):
    c = cluster(2)
    c.say(0, "evolving", 2)
    c.say(1, "evolving", 1)
    c.at(25, lambda: c.states.update({"i-1": "terminated: Server.SpotInstanceTermination"}))
    (sentence,) = c.wait()
    assert sentence.startswith("vcloud-1 (i-1) is terminated: Server.SpotInstanceTermination: it ended while")
    assert "run the same command again to replace it" in sentence
    assert c.now <= 40


def test_a_bucket_that_does_not_answer_for_a_while_is_told_and_asked_again(cluster):
    c = cluster(1)
    c.trouble = StorageError("s3://b/clusters: S3 cannot be reached")

    def mended():
        c.trouble = None
        c.say(0, "evolving", 2)

    c.at(5, mended)
    assert c.wait() == []
    assert c.lines == ["0 s: s3://b/clusters: S3 cannot be reached", "5 s: 1 of 1 node evolving"]


def test_a_bucket_that_may_not_be_read_ends_it(cluster):
    c = cluster(1)
    c.trouble = InputError("access is denied")
    with pytest.raises(InputError, match="denied"):
        c.wait()


def test_many_nodes_are_counted_not_listed(cluster):
    c = cluster(500, timeout=30.0)
    for index in range(500):
        c.say(index, "fetching" if index % 5 else "installing")
    assert len(c.wait()) == 500
    assert c.lines[0] == "0 s: 0 of 500 nodes evolving; 400 fetching, 100 installing"


def test_nodes_that_are_well_are_left_alone(cluster):
    c = cluster(3)
    c.say(0, "evolving", 2)
    c.say(1, "evolving", 2)
    c.at(14, lambda: c.say(2, "evolving", 2))
    assert c.wait() == []
    assert c.fetched[0] == [0, 1]
    assert all(turn == [] for turn in c.fetched[1:-1])


def test_records_are_fetched_again_only_when_they_changed(pretend):
    nodes = pretend.launch([0, 1, 2])
    for node in nodes:
        pretend.say(node, "installing")
    records = NodeRecords(pretend.data.name, pretend.name)
    assert [record.state for record in records.read().values()] == ["installing"] * 3
    gets = []
    get = records.service.get
    records.service.get = lambda entry, write: (gets.append(entry.place.key), get(entry, write))
    records.read()
    assert gets == []
    pretend.say(nodes[1])
    assert records.read(settled=[1])[1].state == "installing"
    assert records.read()[1].state == "evolving"
    assert gets == [f"clusters/{pretend.name}/nodes/00001.json"]


def test_what_is_no_record_is_passed_over(pretend):
    node, other = pretend.launch([0, 1])
    pretend.say(node)
    for key, content in (("00001.json", b"{"), ("00002.json", b'{"index": 1}'), ("note.txt", b"x"), ("00003.json", b"x" * 100_000)):
        pretend.data.put(f"clusters/{pretend.name}/nodes/{key}", content)
    records = NodeRecords(pretend.data.name, pretend.name)
    assert list(records.read()) == [0]
    pretend.say(other)
    assert sorted(records.read()) == [0, 1]


def test_with_moto(pretend):
    nodes = pretend.launch([0, 1])
    for node in nodes:
        pretend.say(node)
    lines = []
    given = {
        "cluster": pretend.name, "region": "us-east-1", "bucket": pretend.data.name, "nodes": pretend.awaited(), "timeout": 60.0,
        "advice": {"ssh": "ssh {name}"},
    }  # fmt: skip
    problems, told = waiting.wait_for(given, lines.append)
    assert problems == []
    assert [node["record"]["workers_evolving"] for node in told] == [2, 2]
    assert re.fullmatch(r"\d s: 2 of 2 nodes evolving", lines[0])
    pretend.terminate(nodes[0])
    problems, _ = waiting.wait_for(given, lines.append)
    assert problems[0].startswith(f"vcloud-0 ({nodes[0].instance}) is terminated")
    assert time.time() - told[0]["record"]["updated"] < 60
