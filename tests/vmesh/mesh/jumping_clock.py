"""Runs a Python command line under clocks that can be made to jump: `jumping_clock.py OFFSET python -m MODULE ARGUMENTS...`

OFFSET, in seconds, is added to the time of day from the start. SIGUSR1 sets the time of day back by a day; SIGUSR2 lets both
clocks, the time of day and the monotonic one, jump ahead by an hour, as when a machine was asleep.
"""

import os
import runpy
import signal
import sys
import time

DAY, HOUR = 86_400.0, 3_600.0
offsets = {"time": 0.0, "monotonic": 0.0}


def shifted(name):
    real = getattr(time, name)
    return lambda: real() + offsets[name]


def back(*_):
    offsets["time"] -= DAY


def ahead(*_):
    offsets["time"] += HOUR
    offsets["monotonic"] += HOUR


def run(offset, words):
    offsets["time"] = offset
    time.time, time.monotonic = shifted("time"), shifted("monotonic")
    time.time_ns = lambda: int(time.time() * 1e9)
    signal.signal(signal.SIGUSR1, back)
    signal.signal(signal.SIGUSR2, ahead)
    sys.argv = words
    sys.path.insert(0, os.getcwd())
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    run(float(sys.argv[1]), sys.argv[sys.argv.index("-m") + 1 :])
