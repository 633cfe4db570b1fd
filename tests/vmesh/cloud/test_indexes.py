"""Numbers of nodes in a tag: what is written is read, nothing else is, and a tag is never too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgp.errors import InputError
from vmesh.cloud import indexes

SETS = st.sets(st.integers(0, indexes.MOST - 1), min_size=1, max_size=300)


@given(SETS)
def test_what_is_written_is_read(wanted):
    assert indexes.read(indexes.written(wanted)) == sorted(wanted)


@given(SETS, st.integers(1, 100))
def test_batches_hold_everything_and_fit_a_tag(wanted, most):
    batches = list(indexes.batches(wanted, most))
    assert [index for batch in batches for index in batch] == sorted(wanted)
    assert all(len(batch) <= most and len(indexes.written(batch)) <= 256 for batch in batches)


def test_it_looks_as_a_person_would_write_it():
    assert indexes.written([7, 0, 1, 2, 3]) == "0-3,7"
    assert indexes.written([]) == ""


@pytest.mark.parametrize("word", ["", "x", "3-1", "0,0", "1,0", "0-1,2", "0--1", "1-1", "-1", "0-3,", " 1", "0-99999999", "٣"])
def test_other_words_are_refused(word):
    with pytest.raises(InputError):
        indexes.read(word)
