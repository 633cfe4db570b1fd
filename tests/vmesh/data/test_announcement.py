"""One table wins in the whole mesh, whatever is lost and whoever announces at the same time; what a peer claims is checked."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgp.errors import InputError
from vmesh.data import Announcements, recall, remember
from vmesh.data.announcement import INTERVAL
from vmesh.messages import DataAnnouncement, DataVersion, Member

SUMS = ["0" * 64, "7" * 64, "f" * 64]
FIRST = DataAnnouncement(0, "s3://b/first.csv", SUMS[0], "y")


def member(number):
    return Member(f"host/{number}", f"10.0.0.{number}:7100", 1, number, "")


def worker(seed=1, used=FIRST):
    return Announcements(used, ("s3://b/",), Random(seed))


class Mesh:
    """Workers in a ring with some chords; messages are lost at will."""

    def __init__(self, size, seed, loss):
        self.random, self.loss = Random(seed), loss
        self.members = [member(number) for number in range(size)]
        self.workers = [worker(number) for number in range(size)]
        self.by_address = {one.address: number for number, one in enumerate(self.members)}
        self.links = {number: {(number + 1) % size, (number - 1) % size} - {number} for number in range(size)}
        for _ in range(size // 2):
            a, b = self.random.randrange(size), self.random.randrange(size)
            if a != b:
                self.links[a].add(b)
                self.links[b].add(a)
        self.sent = 0

    def active(self, number):
        return [self.members[other] for other in sorted(self.links[number])]

    def deliver(self, sender, outputs):
        waiting = [(sender, output) for output in outputs]
        while waiting:
            source, output = waiting.pop(self.random.randrange(len(waiting)))
            self.sent += 1
            if self.random.random() < self.loss:
                continue
            target = self.by_address[output.address]
            answers = self.workers[target].receive(self.members[source], output.message, self.active(target))
            waiting += [(target, answer) for answer in answers]

    def round(self, now):
        for number, one in enumerate(self.workers):
            self.deliver(number, one.advance(now, self.active(number)))


@settings(max_examples=30)
@given(
    st.integers(2, 20),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.3, 0.6]),
    st.lists(st.integers(0, 19), min_size=1, max_size=4),
)
def test_all_end_with_the_same_table(size, seed, loss, announcers):
    mesh = Mesh(size, seed, loss)
    for step, number in enumerate(announcer % size for announcer in announcers):
        outputs = mesh.workers[number].announce(f"s3://b/{step}.csv", SUMS[step % 3], mesh.active(number))
        mesh.deliver(number, outputs if step % 2 else [])  # some are known to one worker only at first
    for step in range(200):
        mesh.round(step * INTERVAL * 2)
    newest = {(one.newest.version, one.newest.checksum) for one in mesh.workers}
    assert len(newest) == 1
    mesh.loss, mesh.sent = 0.0, 0
    mesh.round(10**6)
    assert mesh.sent == size, "when all agree, a round costs a message each"


def test_a_newcomer_is_told_and_tells():
    old, new = worker(), worker()
    old.announce("s3://b/2.csv", SUMS[1], [])
    (hello,) = new.link_up(member(0))
    assert hello.message == DataVersion(0)
    (told,) = old.receive(member(1), hello.message, [])
    assert told.message == old.newest and told.address == member(1).address
    assert new.receive(member(0), told.message, []) == []
    assert new.pending(0.0) == old.newest


def test_of_two_with_one_version_the_larger_checksum_wins():
    one, other = worker(), worker()
    one.announce("s3://b/1.csv", SUMS[1], [])
    other.announce("s3://b/2.csv", SUMS[2], [])
    (answer,) = other.receive(member(1), one.newest, [])
    assert answer.message == other.newest
    one.receive(member(2), answer.message, [])
    assert one.newest.url == "s3://b/2.csv"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 0}, "version"),
        ({"version": 2**63}, "version"),
        ({"version": 2**40}, "version"),
        ({"version": -1}, "version"),
        ({"checksum": "x"}, "checksum"),
        ({"checksum": "F" * 64}, "checksum"),
        ({"target": "z"}, "target"),
        ({"url": "s3://other/1.csv"}, "place"),
        ({"url": "/etc/passwd.csv"}, "place"),
        ({"url": "s3://b/../c/1.csv"}, "place"),
        ({"url": "s3://b/" + "x" * 5000}, "place"),
        ({"url": "s3://b/\n.csv"}, "place"),
    ],
)
def test_what_cannot_be_accepted_is_counted_and_not_passed_on(changes, reason):
    here = worker()
    fields = {"version": 3, "url": "s3://b/1.csv", "checksum": SUMS[1], "target": "y", **changes}
    assert here.receive(member(1), DataAnnouncement(**fields), [member(2)]) == []
    assert here.refused == {reason: 1} and here.newest == FIRST and here.pending(0.0) is None


@given(st.integers(), st.text(max_size=30), st.text(max_size=30), st.text(max_size=5))
def test_no_announcement_raises(version, url, checksum, target):
    here = worker()
    here.receive(member(1), DataAnnouncement(version, url, checksum, target), [member(2)])
    here.receive(member(1), DataVersion(version), [member(2)])
    assert here.newest.version == 0


def test_one_cannot_announce_what_others_would_refuse():
    here = worker()
    with pytest.raises(InputError, match=r"tables may come from: s3://b/ \(setting worker.data_from\)"):
        here.announce("/data/x.csv", SUMS[1], [])
    assert here.newest == FIRST


def test_a_table_that_cannot_be_had_is_tried_again_with_growing_pauses():
    here = worker()
    here.announce("s3://b/1.csv", SUMS[1], [])
    now, pauses = 0.0, []
    for _ in range(12):
        wanted = here.pending(now)
        here.failed(wanted, "S3 cannot be reached", now)
        begin = now
        while here.pending(now) is None:
            now += 0.5
        pauses.append(now - begin)
    assert pauses == sorted(pauses) and pauses[0] <= 2 and 60 <= pauses[-1] <= 120
    assert here.status()["error"] == "S3 cannot be reached" and here.status()["version"] == 0
    here.moved(here.newest)
    assert here.pending(now) is None and here.status()["error"] == "" and here.status()["version"] == 1


def test_a_newer_table_is_tried_at_once_although_the_one_before_failed():
    here = worker()
    here.announce("s3://b/1.csv", SUMS[1], [])
    here.failed(here.newest, "damaged", 0.0)
    stale = here.newest
    here.announce("s3://b/2.csv", SUMS[2], [])
    assert here.pending(0.1) == here.newest
    here.failed(stale, "late news", 0.2)
    assert here.pending(0.3) == here.newest


def test_a_restart_begins_on_the_table_it_was_moved_to(tmp_path):
    path = tmp_path / "worker-0.data.json"
    assert recall(path) is None
    announcement = DataAnnouncement(4, "s3://b/ü.csv", SUMS[1], "y")
    remember(path, announcement)
    assert recall(path) == announcement
    here = worker(used=recall(path))
    assert here.link_up(member(1))[0].message == announcement


@given(st.binary(max_size=300))
def test_what_is_remembered_may_be_damaged(content):
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        assert recall(file.name) is None
