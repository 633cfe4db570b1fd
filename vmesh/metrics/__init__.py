"""What Prometheus is told: the figures of a view as metrics, with names and units by its conventions.

measures.py      every metric: name, meaning, where its numbers come from
collector.py     the metrics of a view, as prometheus_client collects them
text.py          metrics as Prometheus's text
exposing.py      the three together

docs/grafana/ holds what shows them and sounds an alarm; docs/watching.md tells how.
"""

from vmesh.metrics.exposing import exposition
from vmesh.metrics.text import CONTENT_TYPE

__all__ = ["CONTENT_TYPE", "exposition"]
