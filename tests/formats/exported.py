"""What the tests of exports share: genomes to try, and when two libraries agree on their values."""

import numpy as np
from hypothesis import HealthCheck, given, settings

from tests.formats.twin import edge_table, values
from vgp.export import to_text
from vgp.formula import parse
from vgp.layout import ARITIES, MAX_DEPTH, OPCODES

TABLE = edge_table(5)
EVERYTHING = "if(x0 < x1, sin(x2)^x3, aq(x0, x1)) - min(x1, -2)/max(x2, cos(x3)) + tan(tanh(abs(-x4)))*log(exp(sqrt(x0))) + x1^2"
DEEP = MAX_DEPTH - 1
DEEPEST = {
    "calls": "sin(" * DEEP + "x0" + ")" * DEEP,
    "sum": "+".join(["x0"] * DEEP),
    "conditions": "if(" * DEEP + "x0" + ", x1, x2)" * DEEP,
}
HOSTILE = ["class", "np", "double", "exp", "_t0", "9 lives", 'q"*/\n// evil \\', "µ", "a b", "a_b", "NAN", "", "y0", "float", "_aq"]


def application(name):
    """A function applied to the first columns."""
    return parse(f"{name}({', '.join(f'x{i}' for i in range(ARITIES[OPCODES[name]]))})")


def sample(strategy, n):
    """So many genomes."""
    drawn = []

    @given(strategy)
    @settings(max_examples=n, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def draw(genome):
        drawn.append(genome)

    draw()
    return drawn


def without_infinities(x):
    """For a format that has one word for all that is no number."""
    return np.where(np.isfinite(x), x, np.nan)


def close(got, wanted):
    """Equal up to the rounding of different mathematical libraries, NaN and infinities included."""
    np.testing.assert_allclose(got, np.broadcast_to(wanted, np.shape(got)), rtol=1e-9, atol=1e-300)


def agree(got, genome, reduced=lambda x: x, rtol=1e-6):
    """The same values, except where a nudge of the data of 1e-13 changes them too: there the last bit of a library decides."""
    want = reduced(values(genome, TABLE))
    same = np.isclose(reduced(got), want, rtol=rtol, atol=1e-9, equal_nan=True)
    nudged = [reduced(values(genome, TABLE * (1 + sign * 1e-13))) for sign in (-1, 1)]
    stable = np.all([np.isclose(n, want, rtol=1e-6, atol=1e-9, equal_nan=True) for n in nudged], axis=0)
    assert (same | ~stable).all(), to_text(genome)
