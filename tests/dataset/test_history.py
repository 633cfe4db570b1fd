"""What a model remembers of its run: few records with true totals, and a file that anybody may have damaged."""

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgp.errors import InputError
from vgp.history import COUNTED, MOST_RECORDS, history_body, history_from, thinned
from vgp.statistics import TICK_RECORD


def records(n, seed=0):
    """A made-up run: every field differs from record to record, evaluations rise unevenly."""
    random = np.random.default_rng(seed)
    made = np.zeros(n, TICK_RECORD)
    for name in TICK_RECORD.names:
        made[name] = random.integers(0, 1000, n) if TICK_RECORD[name].kind == "u" else random.integers(0, 1000, n) / 8
    made["tick"] = np.arange(1, n + 1)
    made["evaluations"] = np.cumsum(random.geometric(0.001, n))
    return made


@given(st.integers(1, 3000), st.integers(2, 500), st.integers(0, 99))
def test_thinned_records_keep_ends_order_and_totals(n, most, seed):
    whole = records(n, seed)
    few = thinned(whole, most)
    assert len(few) <= most and (len(few) == n if n <= most else len(few) >= 2)
    assert (few["tick"][0], few["tick"][-1]) == (1, n)
    assert (np.diff(few["tick"].astype(int)) > 0).all()
    for name in TICK_RECORD.names:
        if name in COUNTED:
            assert few[name].sum() == whole[name].sum(), name
        else:
            np.testing.assert_array_equal(few[name], whole[name][few["tick"].astype(int) - 1])


def test_records_are_spread_evenly_by_evaluations():
    whole = records(5000)
    few = thinned(whole)
    steps = np.diff(few["evaluations"].astype(float))
    assert len(few) > 0.9 * MOST_RECORDS
    assert steps.max() <= np.diff(whole["evaluations"].astype(float)).max() + np.ptp(whole["evaluations"]) / (MOST_RECORDS - 2)


def test_runs_of_equal_evaluations_are_thinned_too():
    whole = records(1000)
    whole["evaluations"] = 7
    few = thinned(whole)
    assert few["tick"].tolist() == [1, 1000] and few["births"].sum() == whole["births"].sum()


def test_what_counts_is_what_the_record_counts_in_one_tick():
    assert set(COUNTED) <= set(TICK_RECORD.names)
    assert not {"tick", "evaluations", "node_evaluations", "living", "era", "best_loss"} & set(COUNTED)


@pytest.mark.parametrize("wrong", [np.zeros(3), [1, 2], np.zeros((2, 2), TICK_RECORD)])
def test_other_arrays_are_refused(wrong):
    with pytest.raises(InputError, match="TICK_RECORD"):
        thinned(wrong)


@given(st.integers(0, 50), st.integers(0, 9))
def test_records_come_back_to_the_last_bit(n, seed):
    whole = records(n, seed)
    if n:
        whole["best_loss"][0], whole["median_loss"][-1], whole["evaluations"][-1] = np.inf, np.nan, 2**64 - 1
    assert history_from(history_body(whole)).tobytes() == whole.tobytes()


def test_files_of_other_versions_are_read_by_name():
    body = history_body(records(3))
    columns = zlib.decompress(base64.b64decode(body["columns"]))
    body["fields"] = ["a_new_field" if name in ("births", "diversity") else name for name in body["fields"]]
    body["columns"] = base64.b64encode(zlib.compress(columns)).decode()
    read = history_from(body)
    assert read["births"].tolist() == [0, 0, 0] and np.isnan(read["diversity"]).all()
    assert read["tick"].tolist() == [1, 2, 3]


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional={"fields": HOSTILE, "records": HOSTILE, "columns": HOSTILE}))
def test_anything_else_is_refused_by_name(body):
    with pytest.raises((ValueError, TypeError, KeyError)):
        history_from(body)


@given(st.integers(0, 10**9), st.binary(max_size=40))
def test_a_small_file_cannot_ask_for_much(n, content):
    columns = base64.b64encode(zlib.compress(content)).decode()
    names = list(TICK_RECORD.names)
    if len(content) == 8 * n * len(names):
        return
    with pytest.raises(ValueError, match="history"):
        history_from({"fields": names, "records": n, "columns": columns})


def test_a_bomb_is_not_unpacked():
    columns = base64.b64encode(zlib.compress(bytes(1 << 26), 9)).decode()
    with pytest.raises(ValueError, match="another length"):
        history_from({"fields": ["tick"], "records": 10, "columns": columns})
