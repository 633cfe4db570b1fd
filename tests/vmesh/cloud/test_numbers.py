"""Numbers as Ansible hands them over: text, whatever was typed."""

import pytest

from vgp.errors import InputError
from vmesh.cloud import numbers


@pytest.mark.parametrize(("given", "meant"), [("8", 8), (8, 8), (" 12 ", 12), ("007", 7), ("+3", 3)])
def test_whole_numbers(given, meant):
    assert numbers.whole("nodes", given) == meant


@pytest.mark.parametrize("given", ["0", "-1", "2.5", "x", "", None, 0, -3, 2.5, True, "1e2", "٣", "10001", "9" * 30, "1\n2"])
def test_other_numbers_of_nodes_are_one_sentence(given):
    with pytest.raises(InputError, match=r"^nodes is .*(-e nodes=4|are possible)$") as caught:
        numbers.whole("nodes", given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("given", "meant"), [("24", 24.0), (0.5, 0.5), ("", None), (None, None), ("1e3", 1000.0)])
def test_hours(given, meant):
    assert numbers.hours("max_hours", given) == meant


@pytest.mark.parametrize("given", ["0", "-1", "x", "nan", "inf", 0, True])
def test_other_hours_are_one_sentence(given):
    with pytest.raises(InputError, match=r"^max_hours is .*; give a number of hours above 0"):
        numbers.hours("max_hours", given)
