"""Runs and judges what is missing, several at a time, each finished run written down at once."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import product
from typing import Any

from vgp.benchmarks.quality.ledger import Ledger, Record
from vgp.benchmarks.quality.processes import Failed, Processes

JUDGE_CPU, JUDGE_WALL = 180.0, 1200.0
Step = Callable[[Processes, Record], Record]


def planned(
    problems: Sequence[str],
    engines: Sequence[str],
    seeds: Sequence[int],
    noises: Sequence[float],
    seconds: Sequence[float],
    settings: dict[str, dict[str, Any]],
) -> list[Record]:
    """Every run, so ordered that engines take turns on each problem and whole seeds are finished first."""
    return [
        {"suite": "laws", "problem": p, "engine": e, "seed": s, "noise": g, "seconds": t, "settings": settings.get(e, {})}
        for t, s, g, p, e in product(seconds, seeds, noises, problems, engines)
    ]


def fit_and_judge(processes: Processes, run: Record) -> Record:
    """One run, in two processes: a judge that hangs costs the engine nothing. A failure is a result, too."""
    seconds = run["seconds"]
    try:
        found = processes.run({**run, "step": "fit"}, 2 * seconds + 60, 20 * seconds + 300)
    except Failed as error:
        return {**run, "status": str(error)}
    trace, engine_size = found.pop("trace"), found.pop("size")
    return judged(processes, {**run, **found, "engine_size": engine_size}, trace)


def judged(processes: Processes, record: Record, trace: Sequence[tuple[float, str]] = ()) -> Record:
    """The record with a verdict on its formula. Without a trace it keeps the time it had."""
    try:
        verdict = processes.run({**record, "step": "judge", "trace": trace}, JUDGE_CPU, JUDGE_WALL)
    except Failed as error:
        return {**record, "status": f"judge: {error}"}
    soon = verdict["soon"] if trace else record.get("soon")
    return {**record, **verdict, "soon": soon, "status": "done"}


def judge_again(processes: Processes, record: Record) -> Record:
    """A finished run, judged by a judge that has changed since. Real tables have none."""
    return judged(processes, record) if record["suite"] == "laws" and "formula" in record else record


def planned_tables(
    tables: Sequence[str],
    engines: Sequence[str],
    models: Sequence[str],
    seeds: Sequence[int],
    seconds: Sequence[float],
    settings: dict[str, dict[str, Any]],
) -> list[Record]:
    """Every run on real tables; models take what time they take, once."""
    run: Record = {"suite": "tables", "noise": 0.0}
    usual = [
        {**run, "problem": t, "engine": m, "seed": s, "seconds": 0.0, "settings": {}} for s, t, m in product(seeds, tables, models)
    ]
    return usual + [
        {**run, "problem": table, "engine": e, "seed": s, "seconds": limit, "settings": settings.get(e, {})}
        for limit, s, table, e in product(seconds, seeds, tables, engines)
    ]


def fit_real(processes: Processes, run: Record) -> Record:
    """One run on a real table."""
    seconds = run["seconds"]
    try:
        return {**run, **processes.run({**run, "step": "fit_table"}, 2 * seconds + 240, 20 * seconds + 1200), "status": "done"}
    except Failed as error:
        return {**run, "status": str(error)}


def one(processes: Processes, run: Record) -> Record:
    """A run of either kind."""
    return fit_real(processes, run) if run["suite"] == "tables" else fit_and_judge(processes, run)


def carry_out(
    ledger: Ledger, runs: Sequence[Record], jobs: int, tell: Callable[[Record, int, int], None], step: Step = one
) -> None:
    """Does what the ledger lacks. Ctrl-C kills what runs, and leaves the ledger with all that was finished."""
    missing = ledger.missing(runs)
    processes = Processes()
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        try:
            for n, record in enumerate(finished(pool, jobs, lambda run: step(processes, run), missing), 1):
                ledger.add(record)
                tell(record, n, len(missing))
        except BaseException:
            processes.end()
            raise


def finished(pool: ThreadPoolExecutor, jobs: int, do: Callable[[Record], Record], runs: Sequence[Record]) -> Iterator[Record]:
    """Records as they come, no more than `jobs` under way: what was not begun needs no cancelling."""
    waiting, running = list(reversed(runs)), set[Future[Record]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            running.add(pool.submit(timed, do, waiting.pop()))
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


def timed(do: Callable[[Record], Record], run: Record) -> Record:
    record = do(run)
    return {**record, "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
