"""Values of options, the budget, what the display says, the tables of benchmarks."""

import argparse
import io
import json
import math

import numpy as np
import pytest
from rich.console import Console

from tests.cli.running import called
from vgp import Dataset, Island, Parameters
from vgp.benchmarks.report import print_table, write_json
from vgp.budget import Budget
from vgp.cli.arguments import count, duration, printable
from vgp.display import LiveDisplay, Pace, PlainDisplay, Snapshot, clock, quantity, r2_text
from vgp.suggestions import did_you_mean


@pytest.mark.parametrize(
    ("text", "number"),
    [("20000", 20000), ("1e6", 10**6), ("2M", 2 * 10**6), ("1.5k", 1500), ("1_000", 1000), ("3g", 3 * 10**9)],
)
def test_counts(text, number):
    assert count(text) == number


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "1e-3", "k", "1x", "nan", "inf", "1e999", "0x10"])
def test_what_is_no_count(text):
    with pytest.raises(argparse.ArgumentTypeError, match="whole number"):
        count(text)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1.5m", 90), ("2h", 7200), ("10s", 10), ("0.5", 0.5), ("3min", 180)])
def test_durations(text, seconds):
    assert duration(text) == seconds


def test_the_last_ticks_before_a_budget_of_evaluations_are_not_too_many():
    budget, evaluations, steps = Budget(evaluations=100_500), 0, []
    while budget.used(evaluations) < 1:
        steps.append(budget.ticks(evaluations, ticks_per_second=1000, most_per_tick=1000))
        evaluations += 1000 * steps[-1]
    assert evaluations == 101_000  # the first multiple of a tick that reaches the budget, however fast the machine
    assert max(steps) == 50 and steps[-1] == 1


def spent(pace, parameters, most_evaluations):
    """What an island has evaluated when the budget ends its run, on a machine that does so many ticks a second."""
    with Island(Dataset.from_arrays(np.linspace(0, 1, 40)[:, None], np.sin(9 * np.linspace(0, 1, 40))), parameters) as island:
        island.create()
        while Budget(evaluations=most_evaluations).used(island.evaluations) < 1:
            budget = Budget(evaluations=most_evaluations)
            island.advance(budget.ticks(island.evaluations, pace, parameters.most_evaluations_per_tick))
        return island.evaluations


@pytest.mark.parametrize("more", [{}, {"tuning_share": 0.3}, {"tuning_steps": 0}, {"restart_after": 2}])
def test_a_run_of_so_many_evaluations_ends_at_the_same_tick_on_every_machine(more):
    small = Parameters(population_size=100, births_per_tick=50, **more)
    assert len({spent(pace, small, 5050) for pace in (20, 60, 100, 200, 1000, 10_000)}) == 1


def test_time_left():
    budget = Budget(seconds=100.0)
    budget.began -= 40
    assert budget.seconds_left(0) == pytest.approx(60, abs=1)
    counted = Budget(evaluations=1000)
    counted.began -= 10
    assert counted.seconds_left(0) is None
    assert counted.seconds_left(250) == pytest.approx(30, abs=1)


@pytest.mark.parametrize(
    ("r2", "text"),
    [(0.5, "0.500"), (0.99987, "0.99987"), (1 - 2.4e-8, "0.999999976"), (1.0, "1"), (-3.0, "-3.000"), (math.nan, "-")],
)
def test_r2_shows_as_many_nines_as_it_has(r2, text):
    assert r2_text(r2) == text


def test_clock_and_quantities():
    assert [clock(0), clock(59.6), clock(3723), clock(None), clock(math.inf)] == ["0:00", "1:00", "1:02:03", "-:--", "-:--"]
    assert [quantity(950), quantity(12_345), quantity(4_560_000), quantity(999_900)] == ["950", "12.3k", "4.56M", "1000k"]


def snapshot(**changes):
    values = {
        "elapsed": 5.0,
        "used": 0.5,
        "left": 5.0,
        "evaluations": 1000,
        "generation": 3,
        "loss": 0.25,
        "r2": 0.9,
        "formula": "[red]*x",
    }
    return Snapshot(**{**values, **changes})


def test_plain_display_is_one_line_per_snapshot():
    stream = io.StringIO()
    with PlainDisplay(stream) as display:
        display.show(snapshot())
        display.show(snapshot(elapsed=10.0, evaluations=6000, left=None, formula=""))
    first, second = stream.getvalue().splitlines()
    assert "1k evaluations" in first and "loss 0.25" in first and "[red]*x" in first and "0:05 left" in first
    assert "(1k/s)" in second and "-:-- left" in second and "no formula yet" in second


def test_live_display_shows_names_as_they_are():
    stream = io.StringIO()
    with LiveDisplay(Console(file=stream, force_terminal=True, width=100, color_system=None)) as display:
        display.show(snapshot())
    assert "[red]*x" in stream.getvalue() and "best loss" in stream.getvalue()


def test_pace_is_that_of_the_last_seconds():
    pace = Pace()
    for second in range(10):
        rate = pace.per_second(snapshot(elapsed=float(second), evaluations=1000 * second + (50_000 if second > 3 else 0)))
    assert rate == pytest.approx(1000)


def test_printable_leaves_one_safe_line():
    assert printable("a\nb\x1b[31m é") == "a b\N{REPLACEMENT CHARACTER}[31m é"


def test_suggestions():
    assert did_you_mean("Mas", ["mass", "radius"]) == "did you mean 'mass'?"
    assert did_you_mean("zzz", [f"c{i}" for i in range(20)]).endswith("c11 and 8 more")
    assert did_you_mean("x", []) == "there are none"


def test_benchmark_tables_and_files(tmp_path):
    rows = [{"what": "a", "rate": 39.2e9, "n": 1000, "ok": True}, {"what": "bcd", "rate": 1.5, "ratio": None}]
    stream = io.StringIO()
    print_table("title", rows, stream)
    lines = stream.getvalue().splitlines()
    assert lines[1] == "title"
    assert lines[2].split() == ["what", "rate", "n", "ok", "ratio"]
    assert lines[3].split() == ["a", "39.2", "G", "1,000", "yes", "-"]
    assert len(lines[3]) == len(lines[4]) or lines[4].endswith("-")
    write_json(tmp_path / "r.json", {"one": rows})
    content = json.loads((tmp_path / "r.json").read_text())
    assert content["results"]["one"][0]["rate"] == 39.2e9
    assert content["machine"]["cores"] >= 1


def test_bench_lists_its_benchmarks():
    result = called("bench", "--list")
    assert result.returncode == 0, result.stderr
    assert "report" not in [line.split()[0] for line in result.stdout.splitlines()]


@pytest.mark.parametrize("command", ["fit", "predict", "show", "report", "bench"])
def test_help_has_examples_that_name_the_command(command):
    result = called(command, "--help")
    assert result.returncode == 0
    assert f"examples:\n  vgp {command}" in result.stdout
