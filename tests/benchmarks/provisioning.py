"""How long nodes take to be had and to be ended, in seconds and API calls, against moto on this machine.

    python -m tests.benchmarks.provisioning [--nodes 100,500] [--no-peer] [--json FILE]

Each figure is the wall time of one ansible-playbook, its start included: of the module cluster_nodes, of the same command again, of
the production terminate.yml up to its proof, and of the collection's own amazon.aws.ec2_instance with exact_count in the same run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.vmesh.cloud import ec2 as servers
from vgp.benchmarks.report import print_table, write_json

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
LIMITS = {100: 15.0, 500: 45.0}  # s
CALLS_A_NODE = 2.0
END_LIMIT = 10.0  # s for 100 nodes
USER_DATA = "#!/usr/bin/python3\n" + "# as much as a node really gets\n" * 400


class Failed(Exception):
    """A playbook did not do what is measured."""


def playbook(path, environment, **variables):
    """Wall seconds of one ansible-playbook; raises Failed."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(path), "-e", json.dumps(variables)]
    began = time.monotonic()
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Failed(f"{' '.join(command[:2])}\n{result.stdout[-3000:]}{result.stderr[-1000:]}")
    return time.monotonic() - began, result.stdout


def measure(server, environment, path, nodes, subnets):
    """Seconds and calls of a launch, and of the same again, which must change nothing."""
    variables = {"nodes": nodes, "image": "ami-00000000000d12002", "subnets": subnets, "user_data": USER_DATA}
    server.rules()
    before = cpu_seconds(server)
    seconds, _ = playbook(path, environment, **variables)
    processor = cpu_seconds(server) - before
    calls = Counter(server.calls())
    again, told = playbook(path, environment, **variables)
    if "changed=0" not in told:
        raise Failed(f"the second run of {path.name} changed something")
    found = {"nodes": nodes, "seconds": seconds, "cpu_seconds": processor, "again_seconds": again}
    return found | {"calls": sum(calls.values()), "by_call": dict(calls)}


def cpu_seconds(server):
    """Of moto and of all that was run and has ended: what the machine's other work does not change."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    ended = os.times()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") + ended.children_user + ended.children_system


def ours(server, environment, nodes):
    """The module, then terminate.yml."""
    server.reset()
    servers.template(server, "bench")
    found = measure(server, environment, HERE / "launch_nodes.yml", nodes, servers.sites(server, "c7i.large"))
    if alive(server) != nodes:
        raise Failed(f"{alive(server)} instances run, not {nodes}")
    seconds, _ = playbook(ROOT / "terminate.yml", environment, cluster_name="bench", cluster_region="us-east-1")
    if alive(server):
        raise Failed(f"{alive(server)} instances run after terminate.yml")
    return found | {"end_seconds": seconds}


def peer(server, environment, nodes):
    """The collection's module."""
    server.reset()
    servers.template(server, "peer")
    return measure(server, environment, HERE / "launch_nodes_of_the_collection.yml", nodes, servers.sites(server, "c7i.large"))


def alive(server):
    pages = server.client("ec2").get_paginator("describe_instances").paginate()
    rows = [row for page in pages for group in page["Reservations"] for row in group["Instances"]]
    return sum(row["State"]["Name"] not in ("shutting-down", "terminated") for row in rows)


def row_of(found):
    """A line of the table: figures, limits, and how many times as much the collection's module takes."""
    nodes, other = found["nodes"], found.get("peer")
    row = {"nodes": nodes, "launch s": found["seconds"], "limit s": LIMITS.get(nodes), "CPU s": found["cpu_seconds"]}
    row["again s"] = found["again_seconds"]
    row |= {"calls a node": found["calls"] / nodes, "end s": found["end_seconds"]}
    if other:
        row |= {"collection launch s": other["seconds"], "CPU s, collection": other["cpu_seconds"]}
        row |= {"times": other["seconds"] / found["seconds"]}
        row |= {"again s, collection": other["again_seconds"], "calls a node, collection": other["calls"] / nodes}
    good = row["calls a node"] <= CALLS_A_NODE and found["seconds"] <= LIMITS.get(nodes, float("inf"))
    return row | {"kept": good and (nodes > 100 or found["end_seconds"] <= END_LIMIT)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", default="100,500", help="how many, separated by commas")
    parser.add_argument("--no-peer", action="store_true", help="without the collection's module, which takes minutes for 500")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    args = parser.parse_args()
    rows = []
    with servers.serving() as server, tempfile.TemporaryDirectory() as results:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        environment = {**plain, **server.environment, "PYTHONPATH": str(ROOT), "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        environment["ANSIBLE_LOCAL_TEMP"] = results
        for nodes in map(int, args.nodes.split(",")):
            rows.append(ours(server, environment, nodes))
            if not args.no_peer:
                rows[-1]["peer"] = peer(server, environment, nodes)
    table = [row_of(row) for row in rows]
    print_table("Nodes against moto, wall time of ansible-playbook", table, sys.stdout)
    if args.json:
        write_json(args.json, {"provisioning": table})
    return 0 if all(row["kept"] for row in table) else 1


if __name__ == "__main__":
    sys.exit(main())
