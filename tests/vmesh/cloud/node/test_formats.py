"""What nodes and playbooks write for each other: read back as it was, and any other bytes are one line of an error."""

import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.strategies import ADDRESSES, PLAIN_TEXT
from vgp.errors import InputError
from vmesh.cloud import agent_settings, cluster_values, launcher_status, record
from vmesh.cloud.agent_settings import AgentSettings
from vmesh.cloud.cluster_values import BundleReference, ClusterValues
from vmesh.cloud.record import Record

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 2**63)
MANY = st.lists(ADDRESSES, max_size=3).map(tuple)
RECORDS = st.builds(
    Record, COUNTS, PLAIN_TEXT, PLAIN_TEXT, st.sampled_from(record.STATES), PLAIN_TEXT, PLAIN_TEXT, PLAIN_TEXT, MANY, MANY,
    COUNTS, COUNTS, COUNTS, NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS, PLAIN_TEXT, NUMBERS, NUMBERS, PLAIN_TEXT,
    st.none() | NUMBERS, st.none() | NUMBERS,
)  # fmt: skip
SETTINGS = st.dictionaries(PLAIN_TEXT, st.dictionaries(PLAIN_TEXT, COUNTS | PLAIN_TEXT | st.booleans(), max_size=2), max_size=2)
VALUES = st.builds(
    ClusterValues, PLAIN_TEXT, st.builds(BundleReference, PLAIN_TEXT, PLAIN_TEXT, PLAIN_TEXT), PLAIN_TEXT, PLAIN_TEXT, PLAIN_TEXT,
    st.lists(PLAIN_TEXT, max_size=2).map(tuple), SETTINGS, st.none() | COUNTS, PLAIN_TEXT, st.none() | NUMBERS, PLAIN_TEXT,
)  # fmt: skip
READERS = (record.read, cluster_values.read, agent_settings.read)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Record.__annotations__, "target", "table"]), inner)
    ),
)


@given(RECORDS)
def test_a_record_comes_back(one):
    assert record.read(one.to_bytes()) == one


@given(VALUES)
def test_the_values_of_a_cluster_come_back(values):
    assert cluster_values.read(values.to_bytes()) == values


def test_what_the_agent_is_told_comes_back():
    told = AgentSettings("test", 3, "i-1", "test-3", "data", "us-east-1", mesh=("127.0.0.1:1",), max_hours=None)
    assert agent_settings.read(json.dumps(dataclasses.asdict(told)).encode()) == told


@given(st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused_in_one_line(content):
    for read in READERS:
        with pytest.raises(InputError) as caught:
            read(content)
        assert str(caught.value) and "\n" not in str(caught.value)


@given(RECORDS, st.sampled_from([*Record.__annotations__]), ANY_JSON)
def test_a_record_with_a_wrong_field_is_refused_or_harmless(one, name, value):
    content = json.loads(one.to_bytes()) | {name: value}
    try:
        found = record.read(json.dumps(content).encode())
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert all(isinstance(getattr(found, field), str) for field in ("instance", "name", "reason", "formula", "private"))
        assert math.isfinite(found.updated) and found.state in record.STATES


def test_a_record_of_a_later_version_may_say_more():
    content = json.loads(Record(1, "i-1", "test-1", "booting").to_bytes()) | {"mood": "good"}
    assert record.read(json.dumps(content).encode()).name == "test-1"


def test_what_is_written_at_the_first_moment_of_a_boot_is_a_record():
    content = {"format": 1, "index": 7, "instance": "i-1", "name": "t-7", "started": 1, "private": "", "public": ""}
    assert record.read(json.dumps(content | {"state": "booting", "reason": "", "updated": 1.5}).encode()).workers == 0


def test_numbers_that_are_none_are_null():
    assert json.loads(Record(1, "i", "n", "evolving", best_loss=math.inf, r2=math.nan).to_bytes())["best_loss"] is None


@pytest.mark.parametrize(
    ("state", "age", "fresh"), [("evolving", 599, True), ("evolving", 601, False), ("left", 1, False), ("failed", 1, False)]
)
def test_who_can_be_expected_to_be_there(state, age, fresh):
    assert Record(1, "i", "n", state, updated=1000.0).fresh(1000.0 + age) is fresh


@given(st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_status_file_is_a_status_or_none(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "status.json"
    path.write_bytes(content)
    assert launcher_status.look(str(path), 0.0) is None


def test_a_status_that_is_old_says_nothing(tmp_path):
    path = tmp_path / "status.json"
    path.write_text(json.dumps({"written": 1000.0, "state": "evolving", "workers": 1, "workers_evolving": 1}))
    assert launcher_status.look(str(path), 1009.0).workers == 1
    assert launcher_status.look(str(path), 1011.0) is None and launcher_status.look(str(tmp_path), 1000.0) is None
