"""Where announced tables may come from: a prefix ends at a slash, and nothing climbs out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgp.errors import InputError
from vmesh.data import prefixes
from vmesh.data.location import is_allowed, parse


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("/data/x.csv", True),
        ("file:///data/x.csv", True),
        ("/data/deep/x.csv", True),
        ("/data", True),
        ("/database/x.csv", False),
        ("/data/../etc/x.csv", False),
        ("file:///data/%2e%2e/etc/x.csv", False),
        ("//data/x.csv", False),
        ("s3://bucket/tables/x.csv", True),
        ("s3://bucket/tables", False),
        ("s3://bucket/tables2/x.csv", False),
        ("s3://bucket/tables/../private/x.csv", False),
        ("s3://bucket2/tables/x.csv", False),
        ("http://bucket/tables/x.csv", False),
        ("", False),
    ],
)
def test_what_lies_below_a_prefix_is_allowed(url, allowed):
    assert is_allowed(url, prefixes("/data, s3://bucket/tables/", "/elsewhere/t.csv")) is allowed


def test_without_a_setting_a_table_may_come_from_beside_the_first_one():
    assert prefixes("", "/data/now/t.csv") == ("/data/now/",)
    assert prefixes("", "s3://bucket/now/t.csv") == ("s3://bucket/now/",)
    assert prefixes("", "s3://bucket/t.csv") == ("s3://bucket/",)
    assert prefixes("", "s3://bucket/parts-1/") == ("s3://bucket/",)
    assert is_allowed("s3://bucket/now/t2.csv", prefixes("", "s3://bucket/now/t.csv"))
    assert prefixes("s3://bucket, /data", "/t.csv") == ("s3://bucket/", "/data")
    assert not is_allowed("s3://other/now/t2.csv", prefixes("", "s3://bucket/now/t.csv"))


@given(st.text(max_size=60))
def test_any_text_is_a_location_or_refused_in_a_line(text):
    try:
        location = parse(text)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert str(parse(str(location))) == str(location)
    assert is_allowed(text, ("/allowed",)) in (True, False)


def test_a_location_does_not_depend_on_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(parse("t.csv")) == str(tmp_path / "t.csv")
    assert str(parse("./a/../t.csv")) == str(tmp_path / "t.csv")
