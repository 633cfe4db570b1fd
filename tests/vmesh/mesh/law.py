"""A table whose law a small population does not find within a test, and the law: so it is known where a better formula comes from."""

import numpy as np

LAW = "(a * b - c) / (a * a + b) + sqrt(c + a * b) * (b - a / c)"
TARGET = "y"
EXACT = 1e-6  # a loss below this is the law's
SETTINGS = ("--set", "vgp.population_size=60", "--set", "vgp.births_per_tick=10", "--set", "exchange.interval=0.2")


def write_table(path):
    """At this path, which is given back."""
    random = np.random.default_rng(7)
    a, b, c = random.uniform(0.5, 5.0, (3, 200))
    y = (a * b - c) / (a * a + b) + np.sqrt(c + a * b) * (b - a / c)
    rows = [f"{','.join(f'{value!r}' for value in map(float, row))}\n" for row in zip(a, b, c, y, strict=True)]
    path.write_text("a,b,c,y\n" + "".join(rows))
    return path
