"""One step of one run in a process of its own: python -m vgp.benchmarks.quality.worker < job.json, the result on stdout.

It dies with the process that started it, and of its own CPU limit.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import time
import warnings
from typing import Any, TextIO

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "JULIA_NUM_THREADS",
)
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Reads the job, does it, writes the result as the last line."""
    result_stream = keep_stdout()
    job = json.load(sys.stdin)
    die_with_parent(job["parent"])
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_limit"], job["cpu_limit"] + 5))
    warnings.simplefilter("ignore")
    result = STEPS[job["step"]](job)
    json.dump(result, result_stream)
    result_stream.flush()
    return 0


def keep_stdout() -> TextIO:
    """The stream for the result; what libraries print goes to stderr from now on."""
    stream = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return stream


def die_with_parent(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the call
        os._exit(1)


def fit(job: dict[str, Any]) -> dict[str, Any]:
    """Runs an engine on a problem's rows."""
    from dataclasses import asdict

    from vgp.benchmarks.quality.budget import Budget
    from vgp.benchmarks.quality.engines import engine
    from vgp.benchmarks.quality.problems import all_problems
    from vgp.benchmarks.quality.sampling import rows_of

    rows, run = rows_of(all_problems()[job["problem"]], job["seed"], job["noise"]), engine(job["engine"])
    start = time.perf_counter()
    found = run(rows.X, rows.y, Budget(job["seconds"]), job["seed"], job["settings"])
    return {**asdict(found), "wall": time.perf_counter() - start}


def judge(job: dict[str, Any]) -> dict[str, Any]:
    """Judges a formula."""
    from vgp.benchmarks.quality.judging import judge as judged
    from vgp.benchmarks.quality.problems import all_problems

    return judged(all_problems()[job["problem"]], job["seed"], job["formula"], job["trace"])


def fit_table(job: dict[str, Any]) -> dict[str, Any]:
    """Runs an engine, or a model, on a real table."""
    from vgp.benchmarks.quality.real import fit_table as fitted

    return fitted(job)


STEPS = {"fit": fit, "judge": judge, "fit_table": fit_table}

if __name__ == "__main__":
    sys.exit(main())
