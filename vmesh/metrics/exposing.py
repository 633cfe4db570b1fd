"""A view as Prometheus's text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from vmesh.metrics.collector import MeshCollector
from vmesh.metrics.text import text
from vmesh.watch.view import View


def exposition(view: View, host: str | None) -> bytes:
    """The metrics of the workers of one host, None: of all, as CONTENT_TYPE says."""
    return text(registry(view, host).collect())


def registry(view: View, host: str | None) -> CollectorRegistry:
    """The same for a program that has other ways to tell them."""
    made = CollectorRegistry()
    made.register(MeshCollector(view, host))
    return made
