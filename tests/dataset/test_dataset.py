"""Dataset: what cannot be fitted is refused, and the data file is laid out as vgp/core/datafile.hpp says, to the byte."""

import os
import stat
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vgp.dataset import HEADER_BYTES, Dataset
from vgp.errors import InputError
from vgp.tables import read_table

P = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
MASK = (1 << 64) - 1


def xxh64(data):
    """XXH64 with seed 0 for whole stripes, after the xxHash specification, slow and obvious. len(data) is a multiple of 32."""
    rotate = lambda x, k: ((x << k) | (x >> (64 - k))) & MASK  # noqa: E731
    lane = lambda acc, word: rotate((acc + word * P[1]) & MASK, 31) * P[0] & MASK  # noqa: E731
    lanes = [(P[0] + P[1]) & MASK, P[1], 0, -P[0] & MASK]
    for stripe in struct.iter_unpack("<4Q", data):
        lanes = [lane(acc, word) for acc, word in zip(lanes, stripe, strict=True)]
    digest = sum(rotate(acc, k) for acc, k in zip(lanes, (1, 7, 12, 18), strict=True)) & MASK
    for acc in lanes:
        digest = ((digest ^ lane(0, acc)) * P[0] + P[3]) & MASK
    digest = (digest + len(data)) & MASK
    digest = (digest ^ (digest >> 33)) * P[1] & MASK
    digest = (digest ^ (digest >> 29)) * P[2] & MASK
    return digest ^ (digest >> 32)


def parts(path):
    content = path.read_bytes()
    return struct.unpack_from("<8sIIQQIIIIQ", content), content[56:HEADER_BYTES], content[HEADER_BYTES:]


finite = st.floats(-(2.0**100), 2.0**100, width=32).filter(lambda x: x == 0 or abs(x) > 1e-30)


@settings(max_examples=100, deadline=None)
@given(
    X=arrays(np.float32, st.tuples(st.integers(2, 40), st.integers(1, 4)), elements=finite),
    weighted=st.booleans(),
    precision=st.sampled_from(["float32", "float64"]),
)
def test_data_file_layout(tmp_path_factory, X, weighted, precision):
    rows, columns = X.shape
    y = np.arange(rows, dtype=float)
    weights = np.linspace(1, 2, rows) if weighted else None
    path = tmp_path_factory.mktemp("data") / "data"
    Dataset.from_arrays(X, y, weights=weights).write(path, precision)
    header, rest, body = parts(path)
    padded = (rows + 15) // 16 * 16
    size = 4 if precision == "float32" else 8
    assert header == (b"VGPDATA1", 1, size, rows, padded, columns, 1, int(weighted), 0, xxh64(body))
    assert not any(rest)
    stored = np.frombuffer(body, f"<f{size}").reshape(-1, padded)
    expected = [*X.T, y, *([weights] if weighted else [])]
    assert len(stored) == len(expected)
    for i, column in enumerate(expected):
        np.testing.assert_array_equal(stored[i, :rows], column.astype(f"<f{size}"))
        is_weights = weighted and i == len(expected) - 1
        assert (stored[i, rows:] == (0 if is_weights else stored[i, rows - 1])).all()


def test_temporary_file_is_private_and_removed_on_errors_too():
    dataset = Dataset.from_arrays([[1.0], [2.0]], [1.0, 2.0])
    with dataset.temporary() as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()
    with pytest.raises(ZeroDivisionError), dataset.temporary() as path:
        1 / len(())
    assert not path.parent.exists()


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    with pytest.raises(InputError, match="missing/data"):
        Dataset.from_arrays([[1.0], [2.0]]).write(tmp_path / "missing" / "data")


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_data_file_is_known_by_its_content(tmp_path, precision):
    """A worker that evolves on another file than the table it reports on would find laws of something else."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(50, 2)), rng.normal(size=50)
    dataset, path = Dataset.from_arrays(X, y, names=("a", "b")), tmp_path / "data"
    dataset.write(path, precision)
    dataset.check_file(path, precision)
    changed = X.copy()
    changed[49, 1] += 1
    others = {
        "another 'b'": Dataset.from_arrays(changed, y, names=("a", "b")),
        "another 'y'": Dataset.from_arrays(X, y + 1, names=("a", "b")),
        "does not hold": Dataset.from_arrays(X[:49], y[:49], names=("a", "b")),
        "does not hold the data in": Dataset.from_arrays(X, y, weights=np.ones(50), names=("a", "b")),
    }
    for reason, other in others.items():
        with pytest.raises(InputError, match=reason):
            other.check_file(path, precision)
    with pytest.raises(InputError, match="does not hold"):
        dataset.check_file(path, "float64" if precision == "float32" else "float32")
    with pytest.raises(InputError, match="cannot read the data file .*none: No such file"):
        dataset.check_file(tmp_path / "none", precision)
    for content in (path.read_bytes()[:-64], path.read_bytes() + b"x", b"", b"VGP"):
        (tmp_path / "cut").write_bytes(content)
        with pytest.raises(InputError, match=r"cut off|does not hold"):
            dataset.check_file(tmp_path / "cut", precision)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux")
def test_a_full_disk_is_an_error_not_a_signal():
    with pytest.raises(InputError, match="/dev/full"):
        Dataset.from_arrays([[1.0], [2.0]]).write("/dev/full")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1.0, 1e39], r"row 2, column 'x0': 1e\+39 is beyond float32"),
        ([1e-40, 2e-40], "below what float32 can hold"),
        ([1e9, 1e9 + 1], "differ by less than float32 can tell"),
    ],
)
def test_what_float32_would_destroy_is_refused(tmp_path, values, reason):
    dataset = Dataset.from_arrays(np.array(values)[:, None], [1.0, 2.0])
    with pytest.raises(InputError, match=reason):
        dataset.write(tmp_path / "data", "float32")
    dataset.write(tmp_path / "data", "float64")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"X": [[1.0], [np.nan]]}, "row 2, column 'x0': nan"),
        ({"X": [[1.0], [2.0]], "y": [1.0, np.inf]}, "row 2, column 'y': inf"),
        ({"X": [[1.0], [2.0]], "y": [3.0, 3.0]}, "the target is 3 in every row"),
        ({"X": [[1.0], [2.0], [3.0]], "y": [3.0, 3.0, 4.0], "weights": [1, 1, 0]}, "in every row wherever the weight is not 0"),
        ({"X": [[1.0]], "y": [3.0]}, "at least two"),
        ({"X": [[1.0], [2.0]], "y": [3.0]}, "1 values for 2 rows"),
        ({"X": np.zeros((0, 1))}, "no rows"),
        ({"X": np.zeros((2, 0))}, "no input column"),
        ({"X": [1.0, 2.0]}, "1 dimensions; 2 are needed"),
        ({"X": [["a"], ["b"]]}, "not real numbers"),
        ({"X": [[1j], [2j]]}, "not real numbers"),
        ({"X": [[1.0, 2.0]], "names": ["a"]}, "1 names were given for 2 columns"),
        ({"X": [[1.0, 2.0]], "names": ["a", "a"]}, "called 'a'"),
        ({"X": [[1.0], [2.0]], "y": [1.0, 2.0], "weights": [1.0, -1.0]}, "row 2: the weight -1 is negative"),
        ({"X": [[1.0], [2.0]], "y": [1.0, 2.0], "weights": [0.0, 0.0]}, "every weight is 0"),
        ({"X": [[1.0], [2.0]], "y": [1.0, 2.0], "weights": [1.0]}, "1 weights for 2 rows"),
    ],
)
def test_what_cannot_be_fitted_is_refused(arguments, reason):
    with pytest.raises(InputError, match=reason):
        Dataset.from_arrays(**arguments)


def test_columns_of_a_table_take_their_parts(tmp_path):
    (tmp_path / "t.csv").write_text("w,a,name,y,b\n1,2,n,3,4\n5,6,m,7,8\n")
    table = read_table(tmp_path / "t.csv").choose(needed=["y", "w"])
    dataset = Dataset.from_table(table, "y", weights="w")
    assert dataset.names == ("a", "b")
    np.testing.assert_array_equal(dataset.X, [[2, 4], [6, 8]])
    np.testing.assert_array_equal(dataset.y, [3, 7])
    np.testing.assert_array_equal(dataset.weights, [1, 5])


def test_nothing_that_was_given_can_change_it_later():
    X = np.ones((2, 1))
    dataset = Dataset.from_arrays(X, [1.0, 2.0])
    X[0, 0] = 7
    assert dataset.X[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        dataset.X[0, 0] = 7


def test_fingerprint_tells_tables_apart():
    def fingerprint(X=((1.0, 2.0), (3.0, 4.0)), y=(1.0, 2.0), **rest):
        return Dataset.from_arrays(X, y, **rest).fingerprint()

    same = fingerprint()
    assert same == fingerprint()
    assert same == fingerprint(X=np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]))
    others = [
        fingerprint(X=((1.0, 2.0), (3.0, 5.0))),
        fingerprint(y=(1.0, 3.0)),
        fingerprint(names=("a", "b")),
        fingerprint(target="z"),
        fingerprint(weights=(1.0, 1.0)),
    ]
    assert len({same, *others}) == 6
