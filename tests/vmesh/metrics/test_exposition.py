"""What Prometheus is told is in its format, keeps to its conventions, and is what the workers said."""

import math
import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.vmesh.metrics.text_format import checked, lint
from tests.vmesh.metrics.views import any_views, view
from vgp.statistics import DEATHS
from vmesh.figures.record import STATES, Histogram
from vmesh.metrics import CONTENT_TYPE, exposition
from vmesh.metrics.collector import LONGEST_NAME, cumulative
from vmesh.metrics.exposing import registry
from vmesh.metrics.measures import COUNTED_BY, COUNTERS, GAUGES
from vmesh.watch.view import Found, View

TWO = ("host-0/0", "host-0/1")
LABELS = {"worker", "cause", "reason", "state", "le", "host", "version"}


def told(content):
    """{(name, labels): value} of all samples."""
    return {series: value for _, samples in checked(content).values() for series, value in samples.items()}


def of(content, name, **labels):
    return told(content).get((name, tuple(sorted(labels.items()))))


def test_all_of_it_is_in_the_format_and_keeps_to_the_conventions():
    families = checked(exposition(view(*TWO, "host-1/0", silent=["host-0/1"], never=["host-2/0"]), None))
    assert lint(families) == []
    assert all(name.startswith("vmesh_") for name in families)
    assert all(samples for _, samples in families.values())
    assert {key for _, samples in families.values() for _, labels in samples for key, _ in labels} == LABELS
    assert CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"


def test_every_metric_tells_what_the_worker_said():
    content = exposition(view("host-0/0"), None)
    expected = {
        "vmesh_worker_up": 1, "vmesh_evaluations_total": 1000, "vmesh_evaluations_before": 8000, "vmesh_births_total": 40,
        "vmesh_exchange_organisms_sent_total": 60, "vmesh_exchange_organisms_accepted_total": 30, "vmesh_tick": 500,
        "vmesh_living_organisms": 26, "vmesh_best_loss": 0.5, "vmesh_best_r2": 0.9, "vmesh_memory_bytes": 1 << 28,
        "vmesh_sandbox_memory_bytes": 1 << 24, "vmesh_memory_limit_bytes": 1 << 30, "vmesh_cpu_seconds_total": 55.5,
        "vmesh_sandbox_restarts_total": 1, "vmesh_checkpoint_timestamp_seconds": 1.8e9 - 12.25, "vmesh_checkpoint_failed": 0,
        "vmesh_checkpoint_size_bytes": 4096, "vmesh_neighbours": 2, "vmesh_diversity_ratio": 0.25,
        "vmesh_worker_start_timestamp_seconds": 1.8e9 - 60,
    }  # fmt: skip
    assert {name: of(content, name, worker="host-0/0") for name in expected} == expected
    assert [of(content, "vmesh_deaths_total", worker="host-0/0", cause=cause) for cause in DEATHS] == [4] * len(DEATHS)
    assert [of(content, "vmesh_worker_state", worker="host-0/0", state=state) for state in STATES] == [1, 0, 0]
    assert of(content, "vmesh_exchange_organisms_refused_total", worker="host-0/0", reason="no_room") == 6


def test_a_node_tells_of_its_own_workers_and_of_the_whole_mesh_how_large_it_is():
    of_one = view(*TWO, "host-1/0", never=["host-1/1", "host-0/2"])
    content = exposition(of_one, "host-0")
    workers = {dict(labels)["worker"] for (_, labels) in told(content) if "worker" in dict(labels)}
    assert workers == {"host-0/0", "host-0/1", "host-0/2"}
    assert of(content, "vmesh_mesh_workers") == 5
    assert {dict(labels)["host"] for (_, labels) in told(content) if "host" in dict(labels)} == {"host-0"}


def test_of_a_silent_worker_nothing_is_told_but_that():
    content = exposition(view(*TWO, silent=["host-0/1"], never=["host-0/2"]), None)
    assert [of(content, "vmesh_worker_up", worker=f"host-0/{index}") for index in range(3)] == [1, 0, 0]
    assert {name for name, labels in told(content) if ("worker", "host-0/1") in labels} == {"vmesh_worker_up"}


def test_what_is_not_known_is_left_out():
    unknown = {"best_loss": math.nan, "checkpoint_age": math.nan, "memory_limit_bytes": 0, "age": Histogram()}
    content = exposition(view("host-0/0", **unknown), None)
    names = {name for name, _ in told(content)}
    assert "vmesh_tick" in names
    left_out = {"vmesh_best_loss", "vmesh_checkpoint_timestamp_seconds", "vmesh_memory_limit_bytes"}
    assert not names & {*left_out, "vmesh_organism_age_ticks_bucket"}
    assert left_out < set(checked(content))  # their names and meanings are told


def test_a_mesh_without_workers_is_told_as_well():
    content = exposition(View(5.0, {}), "host")
    assert lint(checked(content)) == []
    assert of(content, "vmesh_mesh_workers") == 0


def test_the_front_of_the_mesh_is_counted():
    from tests.vmesh.watch.feeds import ROW

    seen = View(5.0, view("host/0").workers, front=(Found(ROW, "host/0"),) * 3)
    assert of(exposition(seen, "host"), "vmesh_front_formulas") == 3


def test_a_histogram_counts_the_organisms_of_a_host_that_have_at_most_so_much():
    content = exposition(view(*TWO, "host-1/0"), None)
    buckets = [of(content, "vmesh_organism_age_ticks_bucket", host="host-0", le=bound) for bound in ("0.0", "1.0", "3.0", "+Inf")]
    assert buckets == [10, 22, 36, 52]  # 5, 6, 7, 8 in [0, 1), [1, 2), [2, 4), [4, ...), twice
    assert of(content, "vmesh_organism_age_ticks_gcount", host="host-0") == 52
    assert of(content, "vmesh_organism_age_ticks_gsum", host="host-0") == 2 * 26 * 3.0
    assert of(content, "vmesh_organism_energy_bucket", host="host-1", le="0.5") == 10  # no whole numbers: the edge itself


@pytest.mark.parametrize("edges", [(1.0, 1.0), (2.0, 1.0), (0.0, math.nan), (0.0, math.inf), ()], ids=str)
def test_bins_that_are_none_are_left_out(edges):
    assert cumulative(Histogram(edges, (1,) * len(edges))) == []


def test_causes_that_nobody_knows_are_one():
    content = exposition(view("host/0", deaths={"starved": 2, "eaten_age": 3, "bored": 4, "x" * 64: 5}), None)
    found = {dict(labels)["cause"]: value for (name, labels), value in told(content).items() if name == "vmesh_deaths_total"}
    assert found == dict.fromkeys(DEATHS, 0) | {"starved": 2, "eaten_age": 3, "other": 9}


@pytest.mark.parametrize("name", ['a"b/0', "a\\b/0", "a\\\\nb/0", "ü😀/0", "a{b}=c,/0", " /0", "#/0"])
def test_names_travel_as_they_are(name):
    assert of(exposition(view(name), None), "vmesh_tick", worker=name) == 500


def test_names_that_cannot_travel_are_changed_and_none_is_told_twice():
    content = exposition(view("a\nb/0", "a b/0", "\ud800/0", "\udfff/0", "x" * 500, "x" * 501), None)
    workers = [dict(labels)["worker"] for (name, labels) in told(content) if name == "vmesh_worker_up"]
    assert workers == ["a b/0", "\ufffd/0", "x" * LONGEST_NAME]


@settings(max_examples=200)
@given(any_views())
def test_whatever_workers_say_it_is_in_the_format(seen):
    for host in (None, "host"):
        content = exposition(seen, host)
        families = checked(content)
        assert lint(families) == []
        labels = {pair for _, samples in families.values() for _, labels in samples for pair in labels}
        assert {key for key, _ in labels} <= LABELS
        assert {value for key, value in labels if key == "cause"} <= {*DEATHS, "other"}
        assert {value for key, value in labels if key == "state"} <= {*STATES, "other"}


def read(content):
    """As prometheus_client's own parser reads it."""
    return [
        (one.name, one.type, one.documentation, sorted((s.name, sorted(s.labels.items()), f"{s.value:.17g}") for s in one.samples))
        for one in text_string_to_metric_families(content.decode())
    ]


@settings(max_examples=100)
@given(any_views())
def test_it_is_what_prometheus_client_writes(seen):
    assert read(exposition(seen, None)) == read(generate_latest(registry(seen, None)))


def test_the_registry_is_one_for_each_view():
    made = registry(view("host/0"), None)
    assert isinstance(made, CollectorRegistry)
    assert made.get_sample_value("vmesh_tick", {"worker": "host/0"}) == 500
    assert registry(View(0.0, {}), None).get_sample_value("vmesh_tick", {"worker": "host/0"}) is None


def test_no_name_is_used_twice_and_every_meaning_is_a_sentence():
    all_of_them = [*COUNTERS, *GAUGES, *COUNTED_BY]
    assert len({one.name for one in all_of_them}) == len(all_of_them)
    assert all(one.meaning.endswith(".") and one.meaning[0] in "ABCDEFGHIJKLMNOPQRSTUVWXYZ1" for one in all_of_them)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_has_nothing_to_say():
    content = exposition(view(*TWO, 'a"b\\/0', never=["host-0/2"]), None)
    done = subprocess.run(["promtool", "check", "metrics"], input=content, capture_output=True, check=False, env=os.environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
