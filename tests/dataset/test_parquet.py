"""Reading Parquet: types that mean numbers are numbers, damaged files are named."""

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from vgp.errors import InputError
from vgp.tables import read_table


@pytest.fixture
def table_of(tmp_path):
    def read(columns):
        path = tmp_path / "t.parquet"
        parquet.write_table(pa.table(columns), path)
        return read_table(path)

    return read


def test_every_kind_of_number(table_of):
    table = table_of(
        {
            "int8": pa.array([1, 2], pa.int8()),
            "uint64": pa.array([1, 2], pa.uint64()),
            "float16": pa.array(np.array([1, 2], np.float16)),
            "float32": pa.array([1, 2], pa.float32()),
            "decimal": pa.array([decimal.Decimal("1.00"), decimal.Decimal("2.00")]),
            "numbers as text": ["1", "2"],
            "category of numbers": pa.array(["1", "2"]).dictionary_encode(),
        }
    )
    assert len(table.names) == 7
    for name in table.names:
        np.testing.assert_array_equal(table.column(name), [1, 2])


def test_truth_values_are_0_and_1(table_of):
    np.testing.assert_array_equal(table_of({"x": [True, False]}).column("x"), [1, 0])


def test_what_is_no_number_is_left_out(table_of):
    days = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]
    table = table_of({"x": [1, 2], "name": ["a", None], "day": days, "list": [[1], [2]], "nothing": pa.nulls(2)}).choose()
    assert table.names == ("x",)
    assert table.labels == ("name", "day")
    assert table.label("name") == ["a", ""]
    assert table.label("day") == ["2020-01-01", "2020-01-02"]
    assert len(table.notices) == 4


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, None], ["row 2", "empty"]),
        ([1.0, float("nan")], ["row 2", "nan"]),
        ([1.0, float("inf")], ["row 2", "inf"]),
        (["1", "abc"], ["row 2", "'abc'"]),
    ],
)
def test_what_is_wrong_is_named_with_its_row(table_of, values, expected):
    with pytest.raises(InputError) as caught:
        table_of({"x": values}).column("x")
    assert all(part in str(caught.value) for part in ["t.parquet", "'x'", *expected])


def test_damaged_files_are_named(tmp_path):
    whole = tmp_path / "whole.parquet"
    parquet.write_table(pa.table({"x": np.arange(1000.0)}), whole)
    content = whole.read_bytes()
    for kept in (0, 3, 100, len(content) // 2, len(content) - 1):
        cut = tmp_path / "cut.parquet"
        cut.write_bytes(content[:kept])
        with pytest.raises(InputError, match="cut.parquet is not a whole Parquet file") as caught:
            read_table(cut)
        assert "\n" not in str(caught.value)


def test_a_table_without_rows(table_of):
    with pytest.raises(InputError, match="has no rows"):
        table_of({"x": pa.array([], pa.float64())})


def test_control_characters_in_names_are_refused(table_of):
    with pytest.raises(InputError, match="rename it") as caught:
        table_of({"x\x1b[31m\ny": [1.0, 2.0]})
    assert str(caught.value).isprintable()
