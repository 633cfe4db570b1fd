"""Tables: shares, medians, intervals, and what is compared with what."""

import math

import numpy as np
import pytest

from vgp.benchmarks.quality.intervals import median_interval, wilson
from vgp.benchmarks.quality.picture import draw
from vgp.benchmarks.quality.real import real_tables
from vgp.benchmarks.quality.summary import printable, tables


def record(engine, problem, seed=0, noise=0.0, **figures):
    return {"suite": "laws", "engine": engine, "problem": problem, "seed": seed, "noise": noise, "seconds": 30.0, "settings": {},
            "status": "done", "exact": False, "r2": 0.5, "size": 10, "soon": None, **figures}  # fmt: skip


def test_wilson_against_published_values():
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I, method 3
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_covers_the_share():
    rng = np.random.default_rng(0)
    for share in (0.05, 0.3, 0.7):
        counts = rng.binomial(60, share, 4000)
        inside = [low <= share <= high for low, high in (wilson(int(k), 60) for k in counts)]
        assert np.mean(inside) == pytest.approx(0.95, abs=0.035)


def test_the_median_lies_in_its_interval_and_the_interval_is_the_same_each_time():
    values = list(np.random.default_rng(1).exponential(size=50))
    middle, low, high = median_interval(values)
    assert low < middle < high and middle == np.median(values)
    assert median_interval(values) == (middle, low, high)
    assert all(map(math.isnan, median_interval([])))


RECORDS = [
    record("vgp", "a", exact=True, form=True, wide=True, srbench=True, r2=1.0, size=3, soon=0.5),
    record("vgp", "b", r2=0.9995, size=9, soon=2.0),
    record("vgp", "c", r2=None, size=5),
    {**record("vgp", "d"), "status": "killed", "r2": None, "size": None},
    record("pyoperon", "a", r2=1.0, size=20, soon=2.0),
    record("pyoperon", "b", r2=0.9, size=30),
    record("pyoperon", "c", r2=0.9999, size=40, soon=1.0),
    record("vgp", "a", noise=0.1),
]


def test_a_table_per_noise_level_and_a_row_per_engine():
    results = tables(RECORDS)
    assert list(results) == ["noise 0, 30 s", "noise 0.1, 30 s"]
    ours, theirs = results["noise 0, 30 s"]
    assert (ours["engine"], ours["runs"], ours["failed"]) == ("vgp", 4, 1)
    assert ours["exact %"] == 25 and ours["R2>0.999 %"] == 50, "a run that failed found nothing"
    assert ours["exact % interval"] == pytest.approx([100 * x for x in wilson(1, 4)])
    assert ours["size"] == 5 and ours["s to R2>0.9999"] == 1.25
    assert theirs["x vgp"] == 4.0, "of the runs where both got there: a, not c"
    assert "[" in printable([ours])[0]["exact %"]


def test_changed_settings_are_a_row_of_their_own():
    changed = {**record("vgp", "a", soon=1.0), "settings": {"population_size": 10}}
    rows = tables([RECORDS[0], changed])["noise 0, 30 s"]
    assert [row["engine"] for row in rows] == ["vgp", "vgp population_size=10"] and rows[1]["x vgp"] == 2.0


def test_real_tables_count_tables_not_runs():
    base = {"suite": "tables", "noise": 0.0, "settings": {}, "status": "done"}
    records = [
        {**base, "engine": "vgp", "problem": "t", "seed": s, "seconds": 30.0, "r2": r, "size": 5}
        for s, r in enumerate((0.1, 0.5, 0.9))
    ]
    records += [{**base, "engine": "vgp", "problem": "u", "seed": 0, "seconds": 30.0, "r2": 0.7, "size": 9}]
    records += [{**base, "engine": "linear", "problem": p, "seed": 0, "seconds": 0.0, "r2": 0.6, "size": None} for p in "tu"]
    records += [{**base, "engine": "gplearn", "problem": "t", "seed": 0, "seconds": 30.0, "status": "killed"}]
    ours, linear, failed = real_tables(records)["real tables, 30 s"]
    assert ours["tables"] == 2 and ours["test R2"] == pytest.approx(0.6) and ours["size"] == 7
    assert linear["vgp no worse"] == "1 of 2" and linear["size"] is None
    assert failed["failed"] == 1


def test_a_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    assert draw(tables(RECORDS), RECORDS, tmp_path / "folder" / "quality.png")
    assert (tmp_path / "folder" / "quality.png").stat().st_size > 1000
