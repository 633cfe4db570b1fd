"""Moving to another table: what is read, and what is held while it goes wrong."""

import threading
from random import Random
from types import SimpleNamespace

import pytest

from vgp.errors import InputError
from vmesh.data import Announcements
from vmesh.messages import DataAnnouncement
from vmesh.moving import Moving

FIRST = DataAnnouncement(0, "/data/first.csv", "0" * 64, "y")


def moving(tmp_path, prepare, evolution=None):
    dataset = SimpleNamespace(names=("x",), target="y", n_rows=1)
    prepared = SimpleNamespace(dataset=dataset, data_file=None, url=FIRST.url, checksum=FIRST.checksum)
    announcements = Announcements(FIRST, ("/data/",), Random(1))
    return Moving(announcements, prepared, prepare, evolution, tmp_path / "data.json", lambda: None)


def test_an_administrator_cannot_have_a_file_read_that_no_table_may_come_from(tmp_path):
    """On a mesh without keys that would be everyone with an account on the machine; errors tell what stands in a table."""
    read = []
    one = moving(tmp_path, lambda url, checksum: read.append(url))
    for url in ("/home/somebody/secret.csv", "/data/../home/secret.csv", "s3://bucket/secret.csv"):
        with pytest.raises(InputError, match="data_from"):
            one.announce(url, None)
    assert not read


def test_a_population_that_cannot_be_founded_on_the_new_table_leaves_no_sandbox_behind(tmp_path):
    closed = threading.Event()

    def create():
        raise InputError("no formula has finite values")

    successor = SimpleNamespace(living=list, create=create, close=closed.set)
    island = SimpleNamespace(moved=lambda dataset, data_file: successor)
    one = moving(tmp_path, lambda url, checksum: None)
    with pytest.raises(InputError):
        one._move(one.prepared, island)
    assert closed.is_set()
