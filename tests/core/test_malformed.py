"""Whatever bytes arrive as genomes or as a data file: a verdict, never a crash."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.tables import batch, datafile, genome
from vgp.errors import InputError
from vgp.evaluator import Evaluator
from vgp.genome import error_of
from vgp.layout import GENOME_ERRORS, NODE, Status

X = np.linspace(0, 1, 50, dtype=np.float32)
TABLE = datafile([X, X], X)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=12 * 20), min_size=1, max_size=6))
def test_random_bytes_as_genomes(blobs):
    genomes = [np.frombuffer(blob[: len(blob) // 12 * 12], NODE) for blob in blobs]
    results = Evaluator(TABLE).evaluate(*batch(genomes))
    assert (results["status"] != Status.pending).all()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_one_changed_byte_in_a_genome(data):
    raw = bytearray(genome("x0 x1 add 2.5 mul sin x0 x1 x0 if x1 sub").tobytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    changed = np.frombuffer(bytes(raw), NODE)
    (result,) = Evaluator(TABLE).evaluate(*batch([changed]))
    reason = error_of(changed, n_variables=2)
    assert (result["status"] == Status.malformed) == (reason != "none")
    if reason != "none":
        assert GENOME_ERRORS[int(result["detail"])] == reason


def test_a_malformed_genome_leaves_its_neighbours_alone():
    good = genome("x0 x1 mul")
    results = Evaluator(TABLE).evaluate(*batch([good, good[:2], np.zeros(0, NODE), good]))
    assert results["status"].tolist() == [Status.ok, Status.malformed, Status.malformed, Status.ok]
    assert results[0] == results[3]


@pytest.mark.parametrize("change", ["magic", "version", "rows", "padding", "columns", "body", "short", "long", "empty"])
def test_a_damaged_data_file_is_refused(change):
    raw = bytearray(TABLE)
    at = {"magic": 0, "version": 8, "rows": 16, "padding": 24, "columns": 32, "body": 4200}
    if change in at:
        raw[at[change]] ^= 64
    raw = {"short": raw[:-4], "long": raw + b"\0", "empty": raw[:100]}.get(change, raw)
    with pytest.raises(InputError, match="data file"):
        Evaluator(bytes(raw))


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=56, max_size=56))
def test_random_headers_are_refused(header):
    with pytest.raises(InputError, match="data file"):
        Evaluator(header + TABLE[56:])


def test_errors_for_users_name_the_thing():
    with pytest.raises(InputError, match="no loss is called 'cubic'"):
        Evaluator(TABLE).evaluate(*batch([genome("x0")]), loss="cubic")
    with pytest.raises(InputError, match="no target"):
        Evaluator(datafile([X])).evaluate(*batch([genome("x0")]))
    with pytest.raises(InputError, match="instruction set"):
        Evaluator(TABLE, instruction_set="vax")
    with pytest.raises(InputError, match="offsets"):
        Evaluator(TABLE).evaluate(genome("x0"), np.array([0, 5], np.uint32))
