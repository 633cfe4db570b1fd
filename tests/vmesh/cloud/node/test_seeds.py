"""Which workers are joined through: of fresh records only, spread, and never so that a node stays alone beside others."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmesh.cloud import seeds
from vmesh.cloud.faults import Unfit, Unreachable
from vmesh.cloud.places import record_key
from vmesh.cloud.record import Record


def write(bucket, index, state="evolving", age=0.0, addresses=1, cluster="test"):
    mesh = tuple(f"10.0.{index // 256}.{index % 256}:{7100 + 2 * i}" for i in range(addresses))
    record = Record(index, f"i-{index}", f"test-{index}", state, mesh=mesh, updated=time.time() - age)
    bucket.put(record_key(cluster, index), record.to_bytes())
    return mesh


def test_the_first_finds_nobody_and_all_others_find_it(storage, bucket):
    write(bucket, 3)
    assert seeds.find(storage, bucket.name, "test", 3) == []
    assert seeds.find(storage, bucket.name, "test", 4) == ["10.0.0.3:7100"]


def test_who_is_gone_or_silent_or_damaged_is_no_seed(storage, bucket):
    write(bucket, 1, "left")
    write(bucket, 2, "failed")
    write(bucket, 3, age=601)
    bucket.put(record_key("test", 4), b"{")
    write(bucket, 5, cluster="other")
    write(bucket, 6, "configuring")
    assert seeds.find(storage, bucket.name, "test", 0) == ["10.0.0.6:7100"]


def test_a_few_nodes_give_several_addresses_each(storage, bucket):
    write(bucket, 1, addresses=20)
    write(bucket, 2, addresses=2)
    found = seeds.find(storage, bucket.name, "test", 0)
    assert len(found) == 8 and found[:3] == ["10.0.0.1:7100", "10.0.0.2:7100", "10.0.0.1:7102"]


def test_of_many_some_are_taken_from_all_over_the_cluster_by_few_requests(storage, bucket, s3):
    for index in range(60):
        write(bucket, index)
    s3.requests.clear()
    found = seeds.find(storage, bucket.name, "test", 30)
    indexes = sorted(int(one.split(":")[0].split(".")[3]) for one in found)
    assert len(found) == 8 and 30 not in indexes
    assert max(b - a for a, b in itertools.pairwise(indexes)) < 20
    assert len(s3.requests) <= 1 + seeds.MOST_READ


def page(rows, token=""):
    content = "".join(f"<Contents><Key>{key}</Key><LastModified>2026-11-23T04:05:06.000Z</LastModified></Contents>" for key in rows)
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    return f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{content}{more}</ListBucketResult>'.encode()


def test_pages_follow_each_other():
    class Pages:
        def get(self, name, key, most, query=""):
            return page(["c"]) if "continuation-token=a%20b%2B" in query else page(["a", "b"], "a b+")

    assert [key for key, _ in seeds.listed(Pages(), "bucket", "p/")] == ["a", "b", "c"]


@given(st.binary(max_size=100) | st.text(max_size=40).map(lambda text: page([text], text)))
def test_any_list_is_read_or_refused(content):
    try:
        rows, _ = seeds.parsed(content)
    except Unfit as error:
        assert "cannot be read" in str(error)
    else:
        assert all(isinstance(key, str) and key for key, _ in rows)


def test_s3_that_is_away_is_told(storage, bucket, s3):
    s3.fault = lambda method, number: 503
    with pytest.raises(Unreachable):
        seeds.find(storage, bucket.name, "test", 0)


@given(st.lists(st.integers(), unique=True, max_size=200), st.integers(1, 40))
def test_what_is_spread_is_there_once(items, most):
    taken = seeds.spread(items, most)
    assert len(taken) == len(set(taken)) == min(most, len(items)) and set(taken) <= set(items)
