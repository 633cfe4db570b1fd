"""The page's real server over a made-up mesh, as a process: python -m tests.vmesh.page.simulated_page --hosts 8 --workers 64.

Prints the address. Tests of the page, its screenshots and its measurements use it.
"""

import argparse
import json
import subprocess
import sys
import time
from contextlib import contextmanager

from vmesh.page.serving import Options, serve
from vmesh.watch.simulated import Plan, Simulated


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", default="cluster")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--plan", type=json.loads, default={}, help="fields of vmesh.watch.simulated.Plan as JSON")
    parser.add_argument("--began", type=float, help="seconds since 1970 that the mesh's clock shows at the start (default: now)")
    args = parser.parse_args()
    plan = Plan(**{name: tuple(value) if isinstance(value, list) else value for name, value in args.plan.items()})
    offset = 0.0 if args.began is None else args.began - time.time()
    feed = Simulated(plan, lambda: time.time() + offset)
    return serve(feed, Options(args.title, args.port), lambda address: print(address, flush=True))


@contextmanager
def served(title="cluster", began=None, **plan):
    """A page in a process of its own: (address, process)."""
    command = [sys.executable, "-m", "tests.vmesh.page.simulated_page", "--title", title, "--plan", json.dumps(plan)]
    command += [] if began is None else ["--began", str(began)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        assert address, "the page's server ended before it answered"
        yield address, process
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
