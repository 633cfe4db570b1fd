"""Stands for `vmesh worker`: behaves well or badly, as FAKE says for each index and each of its lives; the last word goes on.

FAKE is a JSON object {"folder": DIR, "0": ["die", "run"], ...}. Each life is a line in DIR/INDEX.lives: its process, a child of
it if it has one, and its command line. Signals are awaited, nothing sleeps for a while.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

FAKE = json.loads(os.environ["FAKE"])
FOLDER = Path(FAKE["folder"])


def option(name):
    words = sys.argv[1:]
    return words[words.index(name) + 1]


def get_ready(index):
    line = json.dumps({"address": f"127.0.0.1:{20000 + 2 * index}", "admin": str(index)}) + "\n"
    os.write(int(option("--ready-fd")), line.encode())


def wait_for_the_end():
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    while not asked:
        signal.sigtimedwait([], 0.05)


def main():
    index = int(option("--index"))
    lives = FOLDER / f"{index}.lives"
    behaviours = FAKE.get(str(index), ["run"])
    life = len(lives.read_text().splitlines()) if lives.exists() else 0
    behaviour = behaviours[min(life, len(behaviours) - 1)]
    child = subprocess.Popen(["sleep", "600"]).pid if behaviour == "hang" else 0
    with lives.open("a") as file:
        file.write(json.dumps({"pid": os.getpid(), "child": child, "words": sys.argv[1:], "environment": dict(os.environ)}) + "\n")
    BEHAVIOURS[behaviour](index)


def run(index):
    print(f"2026-11-23T01:02:03.456Z fake/{index} INFO evolving", file=sys.stderr, flush=True)
    get_ready(index)
    wait_for_the_end()
    (FOLDER / f"{index}.left").touch()


def die(index):
    get_ready(index)
    os.kill(os.getpid(), signal.SIGKILL)


def fail(index):
    print("vmesh: the sandbox cannot be started", file=sys.stderr, flush=True)
    sys.exit(1)


def refuse(index):
    print("vmesh: there is no column 'z'; there are: x, y", file=sys.stderr, flush=True)
    sys.exit(2)


def leave(index):
    get_ready(index)


def hang(index):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    get_ready(index)
    while True:
        signal.pause()


def grow(index):
    from vmesh import memory

    memory.enforce(128 << 20)
    get_ready(index)
    kept = []
    try:
        while True:
            kept.append(bytearray(1 << 20))
    except MemoryError:
        kept.clear()
        print("vmesh: out of memory", file=sys.stderr, flush=True)
        sys.exit(1)


BEHAVIOURS = {f.__name__: f for f in (run, die, fail, refuse, leave, hang, grow)}

if __name__ == "__main__":
    main()
