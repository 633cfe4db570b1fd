"""What the instance says about itself, also when the service is slow to come, forgets its tokens, or says nonsense."""

import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vmesh.cloud.node.fake_metadata import DOCUMENT, ROLE, moment
from vmesh.cloud.faults import Unfit, Unreachable
from vmesh.cloud.metadata import Metadata, element, seconds


def test_who_a_node_is(instance):
    facts = Metadata().facts("test")
    launched = seconds(json.loads(instance.answers[DOCUMENT])["pendingTime"])
    assert facts == {
        "index": 7,
        "instance": "i-0123456789abcdef0",
        "name": "test-7",
        "started": launched,
        "private": "127.0.0.1",
        "public": "ec2-192-0-2-7.compute.example",
    }


def test_an_instance_without_a_public_name_may_have_an_address_or_none(instance):
    instance.answers["meta-data/public-hostname"] = ""
    assert Metadata().facts("test")["public"] == ""
    instance.answers["meta-data/public-ipv4"] = "192.0.2.7"
    assert Metadata().facts("test")["public"] == "192.0.2.7"


def test_a_token_that_is_too_old_is_renewed(instance):
    metadata = Metadata()
    assert metadata.get("meta-data/ami-launch-index") == "2"
    instance.expire()
    assert metadata.get("meta-data/ami-launch-index") == "2"
    assert [path for method, path in instance.requests if method == "PUT"] == ["api/token"] * 2


def test_keys_are_kept_for_a_while(instance):
    metadata = Metadata()
    assert metadata.credentials() == metadata.credentials()
    assert sum(path == ROLE + "vcloud-node" for _, path in instance.requests) == 1


def test_an_instance_without_a_role_is_told(instance):
    del instance.answers[ROLE]
    with pytest.raises(Unreachable, match="no IAM role: give it the instance profile that setup.yml makes"):
        Metadata().credentials()


@pytest.mark.parametrize("fault", [500, 503, 401, 400, "drop"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_service_that_does_not_answer_may_do_so_later(instance, fault, method):
    instance.fault = lambda asked, path: fault if asked == method else None
    metadata = Metadata()
    with pytest.raises(Unreachable):
        metadata.facts("test")
    instance.fault = lambda asked, path: None
    assert metadata.facts("test")["index"] == 7


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=60), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())
    )
)
def test_any_answer_is_an_answer_or_none(instance, content):
    instance.fault = lambda method, path: content if method == "GET" else None
    for ask in (lambda one: one.facts("test"), lambda one: one.credentials(), lambda one: one.get("x")):
        try:
            ask(Metadata())
        except (Unreachable, Unfit) as error:
            assert str(error)


INDEXES = st.lists(st.integers(0, 100), min_size=1, unique=True)


def tag_of(indexes):
    """As the launcher writes it: runs joined."""
    runs = []
    for index in indexes:
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


@given(INDEXES.map(sorted))
def test_each_instance_of_a_call_gets_an_index_of_its_own(indexes):
    assert [element(tag_of(indexes), str(i)) for i in range(len(indexes))] == indexes
    with pytest.raises(Unfit, match="launch the instance by launch.yml"):
        element(tag_of(indexes), str(len(indexes)))


@given(st.text(max_size=30), st.text(max_size=5))
def test_any_tag_is_an_index_or_refused(tag, number):
    with contextlib.suppress(Unfit):
        assert element(tag, number) >= 0


@given(st.integers(0, 4_000_000_000))
def test_times_are_read_as_they_are_written(second):
    assert seconds(moment(second)) == second
