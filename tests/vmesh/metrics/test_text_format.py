"""The checker of these tests can say no: each text has one thing wrong with it."""

import pytest

from tests.vmesh.metrics.text_format import checked, lint

GOOD = b'# HELP a_total All.\n# TYPE a_total counter\na_total{b="c"} 1\n'
BAD = {
    "no end of line": b"# HELP a A.\n# TYPE a gauge\na 1",
    "no help": b"# TYPE a gauge\na 1\n",
    "empty help": b"# HELP a \n# TYPE a gauge\na 1\n",
    "no type": b"# HELP a A.\na 1\n",
    "help twice": b"# HELP a A.\n# HELP a A.\n# TYPE a gauge\na 1\n",
    "type twice": b"# HELP a A.\n# TYPE a gauge\na 1\n# TYPE a gauge\n",
    "type below": b"# HELP a A.\na 1\n# TYPE a gauge\n",
    "another family": b"# HELP a A.\n# TYPE a gauge\nb 1\n",
    "a bad name": b"# HELP a A.\n# TYPE a gauge\n1a 1\n",
    "a bad label": b'# HELP a A.\n# TYPE a gauge\na{b-c="d"} 1\n',
    "a label twice": b'# HELP a A.\n# TYPE a gauge\na{b="d",b="e"} 1\n',
    "a quote": b'# HELP a A.\n# TYPE a gauge\na{b="d"e"} 1\n',
    "an unknown escape": b'# HELP a A.\n# TYPE a gauge\na{b="\\t"} 1\n',
    "a series twice": b'# HELP a A.\n# TYPE a gauge\na{b="c",d="e"} 1\na{d="e",b="c"} 2\n',
    "no number": b"# HELP a A.\n# TYPE a gauge\na True\n",
    "a negative counter": b"# HELP a_total A.\n# TYPE a_total counter\na_total -1\n",
    "no last bucket": b'# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 1\n',
    "falling buckets": b'# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n',
    "bounds in disorder": b'# HELP a A.\n# TYPE a histogram\na_bucket{le="2"} 1\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\n',
}
UNCONVENTIONAL = ["aB", "a_total", "a_gauge", "a_milliseconds", "a_percent", "a_count", "a__b"]


def test_what_is_right_passes():
    assert checked(GOOD) == {"a_total": ("counter", {("a_total", (("b", "c"),)): 1.0})}
    assert lint(checked(GOOD)) == []


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_refused(text):
    with pytest.raises(AssertionError):
        checked(text)


@pytest.mark.parametrize("name", UNCONVENTIONAL)
def test_what_is_against_the_conventions_is_named(name):
    assert lint({name: ("gauge", {})})


def test_labels_and_counters_have_conventions_too():
    assert lint({"a": ("counter", {})}) == ["a: a counter without _total"]
    assert lint({"a": ("gauge", {("a", (("le", "1"),)): 1.0})}) == ["a: le, and no histogram"]
