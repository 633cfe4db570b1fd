"""Islands in threads, as whoever drives islands sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backends.states import timeless
from tests.island.tables import SMALL, table
from vgp.archipelago import Archipelago
from vgp.backends import backend, open_islands
from vgp.checkpoint_bytes import decoded, encoded
from vgp.errors import CheckpointError, InputError


def opened(**more):
    return open_islands("threads", table(), SMALL, sandbox="off", **{"jobs": 2, "seed": 3, **more})


def test_threads_are_the_archipelago():
    with opened() as islands, Archipelago(table(), SMALL, jobs=2, seed=3, sandbox="off") as archipelago:
        for one in (islands, archipelago):
            one.create()
            one.advance(13)
        assert timeless(islands.state()) == timeless(archipelago.state())
        assert (islands.jobs, islands.tick) == (2, 13)


def test_a_state_goes_on_as_if_nothing_had_been():
    with opened() as whole:
        whole.create()
        whole.advance(7)
        kept = whole.state()
        whole.advance(8)
        with opened(state=kept, seed=99, jobs=1) as rest:
            assert (rest.tick, rest.jobs) == (7, 2)
            rest.advance(8)
            assert [e.formula for e in rest.front()] == [e.formula for e in whole.front()]
            assert rest.evaluations == whole.evaluations


def test_what_is_no_backend_is_told_in_one_line():
    for wrong in ("thread", 7, None, open_islands):
        with pytest.raises(InputError, match="threads") as caught:
            backend(wrong)
        assert "\n" not in str(caught.value)


@given(st.dictionaries(st.text(max_size=8), st.binary(max_size=200), max_size=5))
def test_sections_come_back_from_bytes(sections):
    assert {name: bytes(content) for name, content in decoded(encoded(sections)).items()} == sections


@given(st.binary(max_size=300), st.integers(0, 10_000), st.integers(1, 255))
def test_any_bytes_are_a_state_or_an_error(junk, place, change):
    whole = bytearray(encoded({"a": b"x" * 200, "b": b""}))
    whole[place % len(whole)] ^= change
    for content in (junk, bytes(whole), bytes(whole[: place % len(whole)])):
        with pytest.raises(CheckpointError, match="the state"):
            decoded(content)
