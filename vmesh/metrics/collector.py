"""The metrics of a view, made anew for every exposition: workers come and go, and what is gone must not be told on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import accumulate, pairwise

from prometheus_client import Metric
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from vgp.cli.arguments import printable
from vgp.provenance import version
from vmesh.figures.record import Figures, Histogram
from vmesh.metrics.measures import COUNTED_BY, COUNTERS, DISTRIBUTIONS, GAUGES, STATE, Distribution, Measure, Table, bounded
from vmesh.metrics.text import Labels
from vmesh.watch.view import Seen, View, added

LONGEST_NAME = 200  # characters of a label's value


class MeshCollector(Collector):
    """See `vmesh.metrics.exposition`. A silent worker is told of as such; its last figures are not: do they still hold?"""

    def __init__(self, view: View, host: str | None) -> None:
        self._view = view
        self._answering: dict[str, Seen] = {}
        self._up: dict[str, int] = {}
        for name, seen in view.workers.items():
            if host is None or host_of(name) == host:
                self._up[label(name)] = int(not seen.silent)
                if not seen.silent:
                    self._answering[label(name)] = seen
        for name in view.silent:
            if host is None or host_of(name) == host:
                self._up.setdefault(label(name), 0)
        self._workers = [(Labels({"worker": name}), seen.figures) for name, seen in self._answering.items()]

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        yield from self._mesh()
        yield self._ups()
        yield self._by(STATE, "gauge")
        yield from (self._each(one, "counter") for one in COUNTERS)
        yield from (self._by(one, "counter") for one in COUNTED_BY)
        yield from (self._each(one, "gauge") for one in GAUGES)
        yield from (self._distributed(one) for one in DISTRIBUTIONS)

    def _mesh(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("vmesh_build_info", "Version of vmesh on this machine; always 1.", labels=["version"])
        info.add_metric([version()], 1.0)
        yield info
        yield GaugeMetricFamily("vmesh_view_timestamp_seconds", "When the workers were asked.", value=self._view.time)
        yield GaugeMetricFamily("vmesh_front_formulas", "Formulas on the front of the whole mesh.", value=len(self._view.front))
        workers = len(self._view.workers.keys() | self._view.silent.keys())
        yield GaugeMetricFamily("vmesh_mesh_workers", "Workers of the whole mesh that are known.", value=workers)

    def _ups(self) -> Metric:
        ups = Metric("vmesh_worker_up", "1 if the worker answers, 0 if it is silent.", "gauge")
        ups.samples = [Sample("vmesh_worker_up", {"worker": name}, up) for name, up in self._up.items()]
        return ups

    def _each(self, measure: Measure, kind: str) -> Metric:
        metric = Metric(measure.name, measure.meaning, kind)
        name, read = sample_name(measure.name, kind), measure.read
        values = [(labels, read(figures)) for labels, figures in self._workers]
        metric.samples = [Sample(name, labels, value) for labels, value in values if not math.isnan(value)]
        return metric

    def _by(self, table: Table, kind: str) -> Metric:
        metric = Metric(table.name, table.meaning, kind)
        name = sample_name(table.name, kind)
        metric.samples = [
            Sample(name, labels.with_one(table.label, key), value)
            for labels, figures in self._workers
            for key, value in bounded(table, figures).items()
        ]
        return metric

    def _distributed(self, one: Distribution) -> Metric:
        metric = GaugeHistogramMetricFamily(one.name, one.meaning, labels=["host"])
        hosts: dict[str, list[Figures]] = {}
        for name, seen in self._answering.items():
            hosts.setdefault(host_of(name), []).append(seen.figures)
        for host, workers in hosts.items():
            buckets = cumulative(added(getattr(figures, one.read) for figures in workers))
            if buckets:
                products = (getattr(figures, one.mean) * figures.living for figures in workers)
                metric.add_metric([host], buckets, sum(product for product in products if math.isfinite(product)))
        return metric


def sample_name(name: str, kind: str) -> str:
    """A family's name is its counter's without the end."""
    return f"{name}_total" if kind == "counter" else name


def host_of(name: str) -> str:
    """The machine of a worker."""
    return name.rpartition("/")[0]


def label(name: str) -> str:
    """A worker's name as a label's value: of bounded length, and nothing that UTF-8 cannot hold."""
    return printable(name[:LONGEST_NAME])


def cumulative(histogram: Histogram) -> list[tuple[str, float]]:
    """Buckets (le, organisms of at most that) of bins that are open above; none where the edges are no ascending numbers.

    What is counted in whole numbers, and lies below an edge that is whole, is at most the edge less one.
    """
    edges = histogram.edges
    if not edges or not all(map(math.isfinite, edges)) or any(a >= b for a, b in pairwise(edges)):
        return []
    whole = all(edge.is_integer() for edge in edges)
    bounds = [repr(edge - 1.0 if whole else edge) for edge in edges[1:]] + ["+Inf"]
    return list(zip(bounds, map(float, accumulate(histogram.counts)), strict=True))
