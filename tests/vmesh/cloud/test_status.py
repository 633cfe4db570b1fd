"""The table of a cluster: joined from instances and records, with what is missing told and unknown costs left unknown."""

import json
import time

import pytest

from tests.vmesh.cloud.pretend import REGION
from vmesh.cloud import status
from vmesh.cloud.cost import Prices, prices
from vmesh.cloud.instances import Instance
from vmesh.cloud.overview import overview
from vmesh.cloud.record import Record
from vmesh.cloud.status import dollars, table_lines

NOW = 1_800_000_000.0


def instance(index, role="node", **changes):
    told = {
        "instance": f"i-{index}", "role": role, "index": index if role == "node" else None, "name": f"vcloud-{index}",
        "state": "running", "public_hostname": f"ec2-{index}", "private_address": "10.0.0.1", "zone": "eu-1a", "subnet": "s",
        "type": "c7g.large", "arch": "arm64", "image": "ami", "lifecycle": "on-demand", "launched": NOW - 7200.0,
    }  # fmt: skip
    return Instance(**{**told, **changes})


def record(index, state="evolving", **changes):
    told = {
        "instance": f"i-{index}", "name": f"vcloud-{index}", "workers": 2, "workers_evolving": 2, "evaluations": 10**9,
        "evaluations_per_second": 5e6, "started": NOW - 7200.0, "updated": NOW - 30.0,
    }  # fmt: skip
    return Record(index=index, state=state, **{**told, **changes})


def seen(instances, records, price_list=(("c7g.large", 0.08),)):
    return overview("vcloud", instances, {one.index: one for one in records}, Prices(dict(price_list), {}), NOW)


def lines_of(*arguments, **options):
    return table_lines(seen(*arguments, **options))


def test_nodes_that_evolve_are_added_up():
    known = [record(0, best_loss=0.5, r2=0.9, formula="x + y"), record(1, best_loss=0.25, r2=0.99, formula="x * y", until=NOW + 60)]
    lines = lines_of([instance(0), instance(1)], known)
    assert [line.split()[:5] for line in lines[1:3]] == [
        ["vcloud-0", "i-0", "eu-1a", "evolving", "2/2"],
        ["vcloud-1", "i-1", "eu-1a", "evolving", "2/2"],
    ]
    assert lines[3:] == [
        "2 of 2 nodes and 4 of 4 workers evolving, 10M evaluations/s, 2G in all",
        "best: loss 0.25, R2 0.990 on vcloud-1: x * y",
        "cost so far $0.32, $0.16 an hour, machines alone; the first node ends itself in 1:00 (max_hours)",
    ]


def test_who_says_nothing_or_is_not_heard_of_any_more_is_silent():
    lines = lines_of([instance(0), instance(1), instance(2)], [record(1, updated=NOW - 500), record(2, instance="i-before")])
    assert [line.split()[3] for line in lines[1:4]] == ["silent"] * 3
    assert "silent: vcloud-0, vcloud-1, vcloud-2; they still start, or something is wrong" in lines
    assert lines[-2].startswith("0 of 3 nodes and 0 of 2 workers evolving, 0 evaluations/s")


def test_failures_spot_notices_and_the_departed_are_told():
    known = [record(0, "failed", reason="the disk is full"), record(1, spot_notice=NOW + 90), record(7, "left", reason="max_hours")]
    lines = lines_of([instance(0), instance(1), instance(2, state="pending")], known)
    assert "vcloud-0 failed: the disk is full" in lines
    assert f"vcloud-1: AWS takes this instance back at {time.strftime('%H:%M:%S', time.gmtime(NOW + 90))} UTC" in lines
    assert "vcloud-7 is no more: left (max_hours), heard last 0:30 ago" in lines
    assert lines[3].split()[3] == "pending"


def test_the_development_server_costs_too():
    server = instance(0, "devserver", name="vcloud-devserver", type="c7g.4xlarge")
    totals = seen([server], [], [("*", 0.5)]).totals
    assert (totals.nodes, totals.cost, totals.price) == (0, 1.0, 0.5)
    assert "end it with ansible-playbook terminate.yml" in lines_of([server], [])[-1]


def test_what_has_no_price_has_a_question_mark():
    lines = lines_of([instance(0), instance(1, type="strange")], [])
    assert lines[2].split()[-2] == "?"
    assert lines[-1].startswith("cost so far ?, ? an hour")


@pytest.mark.parametrize(("value", "text"), [(None, "?"), (0.0, "$0"), (0.00341, "$0.0034"), (1.234, "$1.23"), (456.0, "$456.00")])
def test_money(value, text):
    assert dollars(value) == text


def test_spot_prices_are_asked_for_once_and_fall_back_to_the_list():
    asked = []

    class Market:
        def call(self, service, operation, doing, **parameters):
            asked.append((operation, parameters["InstanceTypes"]))
            row = {"InstanceType": "c7g.large", "AvailabilityZone": "eu-1a"}
            prices = [{**row, "SpotPrice": "0.05", "Timestamp": 1}, {**row, "SpotPrice": "0.03", "Timestamp": 2}]
            return {"SpotPriceHistory": prices}

    market = [instance(0, lifecycle="spot"), instance(1, lifecycle="spot", zone="eu-1b"), instance(2)]
    found = prices(Market(), market, {"c7g.large": 0.08, "bad": "text"})
    assert [found.hour(one) for one in market] == [0.03, 0.08, 0.08]
    assert asked == [("describe_spot_price_history", ["c7g.large"])]
    assert prices(Market(), [instance(2)], {}).hour(instance(2)) is None
    assert len(asked) == 1


def test_no_cluster_is_no_error(pretend):
    given = {"cluster": "nobody", "region": REGION, "bucket_prefix": "there-is-none", "prices": {}, "json": False}
    answer = status.module(given, False)
    assert answer["lines"] == ["there is no cluster nobody: no machine runs; ansible-playbook launch.yml -e nodes=2 makes one"]


def test_through_moto_as_json(pretend):
    nodes = pretend.launch([0, 1])
    pretend.launch([0], role="devserver")
    pretend.say(nodes[0], best_loss=0.5, formula="x")
    given = {"cluster": pretend.name, "region": REGION, "bucket_prefix": pretend.prefix, "prices": {"*": 1.0}, "json": True}
    (line,) = status.module(given, False)["lines"]
    told = json.loads(line)
    assert [(node["name"], node["state"]) for node in told["nodes"]] == [("vcloud-0", "evolving"), ("vcloud-1", "silent")]
    assert [server["name"] for server in told["devservers"]] == ["vcloud-devserver"]
    assert told["totals"]["price"] == 3.0
