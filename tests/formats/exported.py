"""What the tests of exports share: samples of random genomes, and when two libraries agree."""

import numpy as np
from hypothesis import HealthCheck, given, settings

from tests.formats.error_bounds import bounded_values
from tests.formats.twin import values
from vgp.export import to_text
from vgp.formula import parse
from vgp.layout import ARITIES, MAX_DEPTH, OPCODES

EVERYTHING = "if(x0 < x1, sin(x2)^x3, aq(x0, x1)) - min(x1, -2)/max(x2, cos(x3)) + tan(tanh(abs(-x4)))*log(exp(sqrt(x0))) + x1^2"
DEEP = MAX_DEPTH - 1
DEEPEST = {
    "calls": "sin(" * DEEP + "x0" + ")" * DEEP,
    "sum": "+".join(["x0"] * DEEP),
    "conditions": "if(" * DEEP + "x0" + ", x1, x2)" * DEEP,
    "quotients": "x0/(" * DEEP + "x1" + ")" * DEEP,
    "logarithms": "log(" * DEEP + "x0" + ")" * DEEP,
}


def application(name):
    """The genome of a function applied to the first columns."""
    return parse(f"{name}({', '.join(f'x{i}' for i in range(ARITIES[OPCODES[name]]))})")


def sample(strategy, n):
    """That many genomes, the same each time."""
    drawn = []

    @given(strategy)
    @settings(max_examples=n, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def draw(genome):
        drawn.append(genome)

    draw()
    return drawn


def same_edges(got, wanted, no_value=False):
    """Equal up to the rounding of different mathematical libraries, NaN and infinities included. `no_value`: any of these will do."""
    wanted = np.broadcast_to(wanted, np.shape(got))
    if no_value:
        got, wanted = (np.where(np.isfinite(x), x, np.nan) for x in (got, wanted))
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-300)


def agree(got, genome, table, no_value=False):
    """Within the bounds of what rounding does to the genome; where it decides everything, nothing is asked."""
    with np.errstate(all="ignore"):
        want, bounds = bounded_values(genome, table)
        np.testing.assert_array_equal(np.nan_to_num(want, nan=0.125), np.nan_to_num(values(genome, table), nan=0.125))
        lost = ~np.isfinite(bounds) & np.isfinite(want)
        near = np.abs(got - want) <= 1e4 * bounds
        both_none = ~np.isfinite(got) & ~np.isfinite(want) if no_value else np.isclose(got, want, equal_nan=True)
    return lost, near, both_none, to_text(genome)
