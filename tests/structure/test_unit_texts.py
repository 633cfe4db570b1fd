"""Unit texts are read as people write them; anything else is an error of one line. What was read comes back from a file."""

import json
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vgp.errors import InputError
from vgp.units import EXPONENT_UNIT, assignments, dimension_of, units_from, units_of

NEWTON = {"mass": 1, "length": 1, "time": -2}


@pytest.mark.parametrize("text", ["N", "kg*m/s^2", "kg m s^-2", "kg*m/s**2", "kg·m/s²", "J/m", "mN", "newton"])
def test_one_unit_in_many_spellings(text):
    assert dimension_of(text, "F") == NEWTON


@pytest.mark.parametrize("text", ["", "1", "-", "rad", "%", "m/m", "dimensionless"])
def test_plain_numbers(text):
    assert dimension_of(text, "n") == {}


def test_fractions_and_names_of_ones_own():
    assert dimension_of("m^0.5", "a") == {"length": Fraction(1, 2)}
    assert dimension_of("Hz^(1/3)", "a") == {"time": Fraction(-1, 3)}
    assert dimension_of("USD/h", "wage") == {"USD": 1, "time": -1}
    assert dimension_of("[person]*km", "traffic") == {"person": 1, "length": 1}
    assert dimension_of("[m]", "a") == {"m": 1} != dimension_of("m", "a")
    assert dimension_of("degC", "T") == {"temperature": 1}


NO_UNITS = ["m+s", "2*m", "kg**", "m^100", "m^(1/7)", "__import__('os')", "m)", "m\nm", "x" * 300, "m2"]
ENDLESS = ["9**9**9**9", "1^999^999^999", "(9^9)^9"]


@pytest.mark.parametrize("text", NO_UNITS + ENDLESS)
def test_what_is_no_unit_is_an_error_of_one_line(text):
    with pytest.raises(InputError) as caught:
        dimension_of(text, "a")
    assert "\n" not in str(caught.value) and "of a" in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.text("kgmsNJ*/^()1234-. [],'", max_size=20))
@example("A¼")
def test_any_text_is_a_unit_or_an_error(text):
    try:
        powers = dimension_of(text, "a")
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert all(isinstance(power, Fraction) and power for power in powers.values())


def test_assignments_as_they_are_typed():
    known = ["m", "r", "odd, name", "F"]
    assert assignments(["m=kg, r=m", "odd, name=1/s", "F=N"], known) == {"m": "kg", "r": "m", "odd, name": "1/s", "F": "N"}
    for wrong in ("m", "=kg", "m=kg,,r=m"):
        with pytest.raises(InputError, match="COLUMN=UNIT"):
            assignments([wrong], known)
    with pytest.raises(InputError, match="'m' has two"):
        assignments(["m=kg", "m=s"], known)


def test_units_come_back_from_plain_values():
    units = units_of(["m", "wage", "n"], {"m": "kg", "wage": "USD/h^0.5"}, "N")
    again = units_from(json.loads(json.dumps(units.as_dict())), ["m", "wage", "n"])
    assert again == units and again.same_dimensions(units)
    assert units.own_bases == ("USD",)
    assert units.describe("F") == "F [N], m [kg], wage [USD/h^0.5], n [1]"
    assert units.dimension(units.exponents[1]) == "USD/s^(1/2)"
    assert units.target_exponents[units.bases.index("time")] == -2 * EXPONENT_UNIT


@pytest.mark.parametrize("broken", [{}, {"bases": []}, {"bases": ["a"] * 20, "columns": {"m": ["", []]}, "target": None},
                                    {"bases": ["a"], "columns": {"m": ["", [99999]]}, "target": None},
                                    {"bases": ["a"], "columns": {"m": ["", []]}, "target": None}])  # fmt: skip
def test_broken_values_are_refused(broken):
    with pytest.raises((KeyError, TypeError, ValueError)):
        units_from(broken, ["m"])


def test_a_name_that_is_no_column():
    with pytest.raises(InputError, match="no column 'mas'; did you mean 'mass'"):
        units_of(["mass", "r"], {"mas": "kg"})
    many = {f"x{i}": f"[d{i}]" for i in range(17)}
    with pytest.raises(InputError, match="more than 16"):
        units_of(list(many), many)
