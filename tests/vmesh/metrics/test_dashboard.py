"""What shows the metrics, and what sounds an alarm, names metrics and labels that there are."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.vmesh.metrics.text_format import checked
from tests.vmesh.metrics.views import view
from vmesh.metrics import exposition

ROOT = Path(__file__).parents[3]
DASHBOARD, ALERTS = ROOT / "docs/grafana/vmesh.json", ROOT / "docs/grafana/alerts.yml"
NODE_EXPORTER = {
    *("node_cpu_seconds_total", "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"),
    *("node_filesystem_avail_bytes", "node_filesystem_size_bytes"),
    *("node_network_receive_bytes_total", "node_network_transmit_bytes_total"),
}
OF_PROMETHEUS = {"up"}
VARIABLES = {"datasource", "host", "worker", "__rate_interval"}
FUNCTIONS = {
    *("sum", "min", "max", "avg", "count", "rate", "increase", "changes", "deriv", "time", "by", "and", "offset"),
    *("min_over_time", "humanizeDuration"),
}
UNITS = {"short", "none", "ops", "bytes", "s", "Bps", "percentunit", "bool_on_off"}
TOLD = {  # series name: its labels
    name: {key for key, _ in labels}
    for _, samples in checked(exposition(view("host/0"), None)).values()
    for name, labels in samples
}
DASHED = json.loads(DASHBOARD.read_text())
PANELS = DASHED["panels"]
QUERIES = [target["expr"] for panel in PANELS for target in panel.get("targets", ())]


def alerts():
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with ansible-core")
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def names_of(query):
    """What is no label, no text, no duration and no function."""
    bare = re.sub(r'"[^"]*"', "", query)
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(?:by|without) \([^)]*\)|\boffset \w+", "", bare)
    return set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", bare)) - FUNCTIONS


def check(query):
    for opened, closed in ("()", "{}", "[]"):
        depth = 0
        for character in re.sub(r'"[^"]*"', "", query):
            depth += (character == opened) - (character == closed)
            assert depth >= 0, query
        assert depth == 0, query
    names = names_of(query)
    assert names or query == "time()", query
    assert names <= TOLD.keys() | NODE_EXPORTER | OF_PROMETHEUS, names
    for name, matchers in re.findall(r"(vmesh_\w+)\{([^}]*)\}", query):
        assert set(re.findall(r"(\w+)(?:=|!)", matchers)) <= TOLD[name], query
    for inner in re.findall(r"(?:rate|increase)\((\w+)", query):
        assert inner.endswith("_total"), f"{inner} is no counter: {query}"


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_asks_for_what_there_is(query):
    check(query)
    assert set(re.findall(r"\$(\w+)", query)) <= VARIABLES


def test_alarms_ask_for_what_there_is():
    rules = alerts()
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 8
    for rule in rules:
        check(rule["expr"])
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert rule["annotations"]["summary"] and rule["annotations"]["description"].endswith(".")


def test_every_metric_is_shown():
    shown = set().union(*map(names_of, QUERIES))
    apart = {name for name in TOLD if name.endswith(("_gcount", "_gsum"))}
    assert TOLD.keys() - apart == {name for name in shown if name.startswith("vmesh_")}


def test_the_dashboard_is_one_that_grafana_takes():
    ids = [panel["id"] for panel in PANELS]
    assert len(set(ids)) == len(ids)
    assert DASHED["schemaVersion"] >= 39 and DASHED["uid"] == "vmesh" and "id" not in DASHED
    variables = {one["name"] for one in DASHED["templating"]["list"]}
    assert variables == {"datasource", "host", "worker"}
    for panel in PANELS:
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["x"] + place["w"] <= 24, panel["title"]
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == panel["datasource"]["uid"] == "${datasource}"
        assert panel["type"] == "row" or panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert len({target["refId"] for target in panel.get("targets", ())}) == len(panel.get("targets", ()))


def test_no_panel_lies_on_another():
    taken = {}
    for panel in PANELS:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["id"]) == panel["id"], panel["title"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_reads_the_alarms():
    done = subprocess.run(["promtool", "check", "rules", str(ALERTS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
