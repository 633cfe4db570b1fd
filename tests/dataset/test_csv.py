"""Reading CSV: what people's spreadsheets and programs write is read as meant, and what cannot be meant is refused by line."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgp.errors import InputError
from vgp.tables import read_table


@pytest.fixture
def table_of(tmp_path):
    def read(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path)

    return read


@pytest.fixture
def refusal_of(table_of):
    """The message about column x (or about the table)."""

    def refuse(content, column="x"):
        with pytest.raises(InputError) as caught:
            table_of(content).choose().column(column)
        message = str(caught.value)
        assert "\n" not in message
        return message

    return refuse


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_recognised(table_of, delimiter):
    table = table_of(f"x{delimiter}y\n1{delimiter}2.5\n3{delimiter}4\n")
    assert table.names == ("x", "y")
    np.testing.assert_array_equal(table.column("y"), [2.5, 4])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(table_of, end):
    np.testing.assert_array_equal(table_of(f"x,y{end}1,2{end}3,4{end}").column("y"), [2, 4])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfx,y\n1,2\n", [1]),  # what spreadsheets put before UTF-8
        ("x,y\n\n1,2\n\n\n3,4\n\n", [1, 3]),
        ('x,y\n"1",2\n" 3 ",4\n', [1, 3]),
        ("x,y\n+1,2\n.5,4\n1.,6\n-1e-3,8\n", [1, 0.5, 1, -1e-3]),
        ('"x","a ""quoted"" name, with comma"\n1,2\n', [1]),
        ("x\n1\n2\n", [1, 2]),
        ("x,y\n1,2", [1]),
        (" x ,y\n1,2\n", [1]),
        ("x,y\n12345678901234567890,2\n", [12345678901234567890.0]),
    ],
    ids=[
        "bom",
        "blank lines",
        "quoted numbers",
        "forms of numbers",
        "quoted names",
        "one column",
        "no last line end",
        "spaces",
        "big",
    ],
)
def test_variants_of_csv(table_of, content, expected):
    np.testing.assert_array_equal(table_of(content).column("x"), expected)


def test_text_columns_are_labels_and_left_out_with_a_notice(table_of):
    table = table_of('name,x,when\n"a, b",1,2020-01-01\nc,2,2020-02-01\n').choose()
    assert table.names == ("x",)
    assert table.labels == ("name", "when")
    assert table.label("name") == ["a, b", "c"]
    assert table.notices == ("column 'name' is text: left out", "column 'when' is text: left out")


def test_index_column_of_pandas_and_trailing_delimiters_are_left_out(table_of):
    table = table_of(",x,\n0,1,\n1,2,\n").choose()
    assert table.names == ("x",)
    assert len(table.notices) == 2


def test_empty_columns_are_left_out(table_of):
    table = table_of("x,y\n1,\n2,\n").choose()
    assert table.names == ("x",)
    assert table.notices == ("column 'y' is empty: left out",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("x,y\n1,2\n,3\n", ["line 3", "'x'", "empty", "--drop"]),
        ("x,y\n1,2\n  ,3\n", ["line 3", "'x'", "empty"]),
        ("x,y\n1,2\nNA,3\n", ["line 3", "'x'", "'NA'", "--drop"]),
        ("x,y\n\n1,2\n\n\nabc,3\n", ["line 6", "'x'", "'abc'"]),
        ('x,y\n1,"a\nb\nc"\nabc,d\n', ["line 5", "'x'", "'abc'"]),
        ("x,y\n1,2\nnan,3\n", ["line 3", "'x'", "nan"]),
        ("x,y\n1,2\n-inf,3\n", ["line 3", "'x'", "-inf"]),
        ("x,y\n1,2\n1e400,3\n", ["line 3", "'x'", "inf"]),
        ("x;y\n1,5;2\n", ["line 2", "'x'", "write 1.5"]),
        (b"x,y\n1,2\n\xff,3\n", ["line 3", "'x'"]),
        ("x,y\n1,2\n3\n", ["line 3", "1 cells", "2"]),
        ("x,y\n1,2\n\n3,4,5\n", ["line 4", "3 cells", "2"]),
        ('x,y\n1,2\n3,"4\n5,6\n', ["line 3", "quote"]),
        ("x,x\n1,2\n", ["columns 1 and 2", "'x'", "--drop"]),
        ("x,y\n", ["no rows"]),
        ("x,y", ["no rows"]),
        ("", ["empty"]),
        ("\n\n", ["empty"]),
        ("1,2\n3,4\n", ["line 1", "header"]),
        ("x,y\n".encode("utf-16"), ["UTF-16"]),
        (b"PK\x03\x04rest", ["workbook"]),
        (b"PAR1rest", [".parquet"]),
        (b"\xff\xffx,y\n1,2\n", ["line 1", "UTF-8"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(refusal_of, content, expected):
    message = refusal_of(content)
    assert all(part in message for part in ["t.csv", *expected]), message


def test_a_dropped_column_may_hold_anything(table_of):
    table = table_of("x,y,y\n1,abc,\n2,3,nan\n").choose(drop=["y"])
    assert table.names == ("x",)


def test_unknown_columns_are_answered_with_near_ones(table_of):
    table = table_of("mass,radius\n1,2\n")
    with pytest.raises(InputError, match="did you mean 'mass'"):
        table.choose(needed=["Mas"])
    with pytest.raises(InputError, match="there are: mass, radius"):
        table.choose(drop=["zzz"])


def test_files_that_are_none(tmp_path):
    (tmp_path / "planets.csv").write_text("x\n1\n")
    with pytest.raises(InputError, match="there is no file .*; did you mean 'planets.csv'"):
        read_table(tmp_path / "planet.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_table(tmp_path)
    (tmp_path / "t.xlsx").write_text("")
    with pytest.raises(InputError, match=r"unknown kind; tables end in \.csv"):
        read_table(tmp_path / "t.xlsx")


def test_thousands_of_columns(table_of):
    names = [f"column {i}" for i in range(5000)]
    table = table_of(",".join(names) + "\n" + ",".join(map(str, range(5000))) + "\n").choose()
    assert table.names == tuple(names)
    assert table.column("column 4321")[0] == 4321


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and text.isprintable()
)


def is_label(text):
    """Text that nobody could mean as a number."""
    word = text.casefold().strip("+-")
    return any(c.isalpha() for c in text) and word not in ("nan", "inf", "infinity") and not text[0].isdigit()


@settings(max_examples=80, deadline=None)
@given(
    names=st.lists(texts.filter(is_label), min_size=2, max_size=4, unique=True),
    rows=st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), texts.filter(is_label)), min_size=1, max_size=20),
    delimiter=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, names, rows, delimiter, quoting):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting)
    writer.writerow(names[:2])
    writer.writerows([repr(number), label] for number, label in rows)
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(text.getvalue().encode())
    table = read_table(path)
    np.testing.assert_array_equal(table.column(names[0]), [number for number, _ in rows])
    assert table.label(names[1]) == [label for _, label in rows]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text("x,;\t\n\"'19.e-", max_size=60).map(str.encode))
def test_any_bytes_are_a_table_or_one_line(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(content)
    message = f"{path}"
    try:
        table = read_table(path).choose()
        numbers = [table.column(name) for name in table.names]
    except InputError as error:
        numbers, message = [], str(error)
    assert all(np.isfinite(column).all() for column in numbers)
    assert "\n" not in message and str(path) in message
