"""How long a launch takes on systemd hosts of this machine, until every worker of every node evolves.

    python -m tests.benchmarks.launching [--nodes 4] [--runs 3] [--json FILE]      # root; the bundle of this checkout

Wall time of ansible-playbook, its start included; the hosts' system is cached, the bundle is built and set-up is done before.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.cluster.playing import Cluster, built_bundle
from vgp.benchmarks.report import print_table, write_json

LAUNCH, AGAIN = 45.0, 15.0  # s, of four nodes


def measured(cluster, nodes):
    """One launch, the same again, status, and the end, in seconds."""
    launch = cluster.play("launch", nodes=nodes).seconds
    again = cluster.play("launch", nodes=nodes)
    status = cluster.play("status").seconds
    end = cluster.play("terminate").seconds
    return {"launch": launch, "again": again.seconds, "changed": again.changed, "status": status, "terminate": end}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder), "bench")
        try:
            cluster.play("setup")
            cluster.publish(built_bundle(Path(folder) / "bundle"))
            runs = [measured(cluster, args.nodes) for _ in range(args.runs)]
        finally:
            cluster.local("down", check=False)
    rows = [
        {"what": what, "median s": median(run[what] for run in runs), "most s": max(run[what] for run in runs), "limit s": limit}
        for what, limit in (("launch", LAUNCH), ("again", AGAIN), ("status", None), ("terminate", None))
    ]
    title = f"{args.nodes} nodes on this machine, {args.runs} runs; the second launch changed {runs[0]['changed']}"
    print_table(title, rows, sys.stdout)
    if args.json:
        write_json(args.json, {"launching": {"nodes": args.nodes, "runs": runs}})
    return 0


if __name__ == "__main__":
    sys.exit(main())
