"""`vmesh top` with a mesh that is made up: run as a program with its command line. FEED is a JSON object.

{"hosts": 1, "workers": 4, "told": FILE, "fail": LOOK, "slow": SECONDS}: what it was told to do becomes lines of FILE; from the look
with that number on it fails as a program does that has a mistake; looks after the first take that long.
"""

import json
import os
import sys
import time

import vmesh.cli
from vgp.errors import InputError
from vmesh.watch import watcher
from vmesh.watch.simulated import Plan, Simulated

FEED = json.loads(os.environ["FEED"])


class Feed(Simulated):
    """Made up, and watched by the test."""

    kind = "live"

    def __init__(self, door):
        super().__init__(Plan(FEED.get("hosts", 1), FEED.get("workers", 4), away=0))
        self.looks = 0

    def look(self):
        self.looks += 1
        if self.looks >= FEED.get("fail", 1 << 30):
            raise RuntimeError("a mistake")
        if self.looks > 1:
            time.sleep(FEED.get("slow", 0))
        return super().look()

    def do(self, command, arguments, workers):
        with open(FEED["told"], "a") as file:
            file.write(json.dumps([command, workers]) + "\n")
        if command == "drain":
            raise InputError("this mesh cannot be drained\x1b[2J")
        return super().do(command, arguments, workers)


if __name__ == "__main__":
    watcher.Watcher = Feed
    sys.exit(vmesh.cli.main(["top", "--address", "127.0.0.1:1", *sys.argv[1:]]))
