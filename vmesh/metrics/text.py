"""Metrics as Prometheus's text, format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats).

The same as `prometheus_client.generate_latest` says, in a fraction of its time: of hundreds of workers there are ten thousands of
samples. The labels of a worker are written once, not for each of its metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from prometheus_client import Metric
from prometheus_client.samples import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
APART = ("_gcount", "_gsum")  # of a gauge histogram: OpenMetrics has them, this format tells them as gauges of their own
KINDS = {"counter": "counter", "gauge": "gauge", "gaugehistogram": "histogram"}
NUMBERS = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN", "True": "1", "False": "0"}


class Labels(dict[str, str]):
    """The labels of a sample; `text`: as they are written."""

    __slots__ = ("text",)

    def __init__(self, labels: Mapping[str, str], text: str = "") -> None:
        super().__init__(labels)
        self.text = text or rendered(labels)

    def with_one(self, name: str, value: str) -> Labels:
        """One more."""
        return Labels({**self, name: value}, f'{{{name}="{escaped(value)}",{self.text[1:]}')


def text(metrics: Iterable[Metric]) -> bytes:
    """All families, each with its head."""
    return "".join(part for metric in metrics for part in family(metric)).encode()


def family(metric: Metric) -> Iterable[str]:
    """The lines of a metric; of one without samples its head, so that its name is known."""
    yield head(metric.name + ("_total" if metric.type == "counter" else ""), metric.documentation, KINDS[metric.type])
    samples = metric.samples
    if metric.type == "gaugehistogram":
        yield "".join(map(line, (one for one in samples if not one.name.endswith(APART))))
        apart = sorted((one for one in samples if one.name.endswith(APART)), key=lambda one: one.name)
        for name, same in groupby(apart, key=lambda one: one.name):
            yield head(name, metric.documentation, "gauge") + "".join(map(line, same))
    else:
        yield "".join([line(one) for one in samples])


def head(name: str, meaning: str, kind: str) -> str:
    """What a family begins with."""
    escaped = meaning.replace("\\", "\\\\").replace("\n", "\\n")
    return f"# HELP {name} {escaped}\n# TYPE {name} {kind}\n"


def line(sample: Sample) -> str:
    """A number as Python writes it is one that Go reads, but for what is in NUMBERS."""
    labels, number = sample.labels, repr(sample.value)
    return f"{sample.name}{labels.text if type(labels) is Labels else rendered(labels)} {NUMBERS.get(number, number)}\n"


def rendered(labels: Mapping[str, str]) -> str:
    """{name="value",...}, or nothing."""
    parts = ",".join([f'{name}="{escaped(value)}"' for name, value in sorted(labels.items())])
    return f"{{{parts}}}" if parts else ""


def escaped(value: str) -> str:
    """Inside of quotation marks."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
