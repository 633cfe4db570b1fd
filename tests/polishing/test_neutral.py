"""Parts without effect fall away, and nothing else does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.strategies import N_COLUMNS, genomes
from tests.formats.twin import values
from vgp.export import to_text
from vgp.formula import parse
from vgp.genome import validate
from vgp.polishing.neutral import without_neutral

NAMES = ("x", "y")


@pytest.mark.parametrize(
    ("formula", "left"),
    [
        ("x + 0", "x"), ("0 + x", "x"), ("x - 0", "x"), ("x*1", "x"), ("1*x", "x"), ("x/1", "x"), ("x^1", "x"), ("0*sin(x)", "0"),
        ("sin(x)*0", "0"), ("0/exp(x)", "0"), ("sqrt(x*(y*0 + 1)) - 0*y", "sqrt(x)"), ("y + (x - x)*0", "y"),
        ("0 - x", "0 - x"), ("1/x", "1/x"), ("x*2", "x*2"), ("x^0.5", "x^0.5"), ("1 - x", "1 - x"), ("x", "x"), ("3", "3"),
    ],
)  # fmt: skip
def test_what_is_left(formula, left):
    assert to_text(without_neutral(parse(formula, NAMES)), NAMES) == to_text(parse(left, NAMES), NAMES)


@given(genomes(constants=st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5])))
def test_values_stay_where_all_are_finite(nodes):
    table = np.random.default_rng(1).uniform(0.5, 2, (N_COLUMNS, 20))
    left = without_neutral(nodes)
    validate(left)
    assert len(left) <= len(nodes)
    before = values(nodes, table)
    if np.isfinite(before).all():
        np.testing.assert_allclose(values(left, table), before, rtol=1e-12)
