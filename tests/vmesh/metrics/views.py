"""Views with every figure, and views with any."""

from hypothesis import strategies as st

from vgp.statistics import DEATHS, STATUS_NAMES
from vmesh.figures.record import STATES, Figures, Histogram
from vmesh.watch.view import Seen, View

BINS = Histogram((0.0, 1.0, 2.0, 4.0), (5, 6, 7, 8))


def figures(name, **changes):
    """Nothing is unknown."""
    told = {
        "written": 1.8e9, "uptime": 60.0, "tick": 500, "era": 2, "evaluations": 9000, "evaluations_before": 8000, "living": 26,
        "capacity": 100, "best_loss": 0.5, "best_r2": 0.9, "best_size": 7, "median_loss": 2.5, "mean_size": 9.0, "mean_age": 3.0,
        "mean_energy": 1.5, "diversity": 0.25, "births": 40, "duplicates": 3, "stillborn": 2, "immigrants": 1,
        "deaths": dict.fromkeys(DEATHS, 4), "invalid": dict.fromkeys(STATUS_NAMES[2:], 2),
        "exchange": {"sent": 3, "sent_organisms": 60, "received": 4, "accepted": 30, "duplicate": 5, "no_room": 6, "rejected": 7},
        "age": BINS, "size": BINS, "energy": Histogram((0.0, 0.5, 1.0), (10, 10, 6)), "memory_bytes": 1 << 28,
        "sandbox_memory_bytes": 1 << 24, "memory_limit_bytes": 1 << 30, "cpu_seconds": 55.5, "sandbox_restarts": 1,
        "neighbours": (("host-1/0", 5, 6), ("host-1/1", 7, 8)), "checkpoint_age": 12.25, "checkpoint_bytes": 4096,
        "checkpoint_tick": 480, "data_version": 1, "data_rows": 1000,
    }  # fmt: skip
    return Figures(name=name, **{**told, **changes})


def view(*names, silent=(), never=(), **changes):
    """`silent`: of these names, who does not answer now; `never`: names of workers that never did."""
    workers = {name: Seen(figures(name, **changes), 1.8e9, silent="gone" if name in silent else "") for name in names}
    return View(1.8e9, workers, silent=dict.fromkeys(never, "no answer"))


ODD = ["host/0", "a\\b/1", 'q"uote/2', "new\nline/3", "ü😀/4", "\ud800/5", "x" * 500 + "/6"]
NAMES = st.text(max_size=12) | st.sampled_from(ODD)
COUNTS = st.integers(0, 2**64 - 1)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
TABLES = st.dictionaries(st.sampled_from([*DEATHS, *STATUS_NAMES, "rejected", "sent"]) | st.text(max_size=8), COUNTS, max_size=12)


@st.composite
def histograms(draw):
    edges = draw(st.lists(NUMBERS, max_size=8))
    return Histogram(tuple(edges), tuple(draw(COUNTS) for _ in edges))


KINDS = {"str": NAMES, "int": COUNTS, "float": NUMBERS, "Mapping[str, int]": TABLES, "Histogram": histograms()}


@st.composite
def any_figures(draw):
    """Whatever `vmesh.figures.record.read` could have let in, and worse."""
    kinds = {name: KINDS[kind] for name, kind in Figures.__annotations__.items() if kind in KINDS}
    chosen = draw(st.sets(st.sampled_from(sorted(kinds)), max_size=12))
    return Figures(**{name: draw(kinds[name]) for name in sorted(chosen)} | {"state": draw(st.sampled_from([*STATES, "", "odd"]))})


def any_views():
    seen = st.builds(Seen, any_figures(), time=NUMBERS, silent=st.sampled_from(["", "", "gone"]))
    workers = st.dictionaries(NAMES, seen, max_size=5)
    return st.builds(View, time=NUMBERS, workers=workers, silent=st.dictionaries(NAMES, st.text(max_size=5), max_size=3))
