"""What is left of a run: its best front, saved and printed."""

import dataclasses
import json
import logging
import sys
from typing import Any

from vgp.cli.fit import summary
from vgp.display import clock, quantity
from vgp.front_table import print_front
from vgp.model import Model, fitted
from vgp.parameters import Parameters
from vgp.polishing import polished_alone
from vmesh.launcher.best_front import FRONT_FILE
from vmesh.launcher.request import Request
from vmesh.launcher.run import Run

log = logging.getLogger(__name__)


def conclude(run: Run, request: Request) -> int:
    """Saves and prints what was found; returns the exit status. It is printed even where a file cannot be written."""
    if not len(run.best.front):
        if run.supervisor.exit_status == 0:
            log.warning("no formula was found")
        return run.supervisor.exit_status
    model = model_of(run)
    paths = [request.save] if request.save else []
    if request.checkpoint_dir:
        paths.append(str(run.plan.checkpoint_dir / FRONT_FILE))
    try:
        for path in paths:
            model.save(path)
    finally:
        if request.json:
            print(json.dumps(summary(model, run.elapsed), indent=1, ensure_ascii=False))
        else:
            print_front(model.entries, model.chosen, sys.stdout)
            print(f"\n{model.target} = {model.entries[model.chosen].formula}", flush=True)
    done = run.own_evaluations
    log.info("%s evaluations in %s (%s/s)", quantity(done), clock(run.elapsed), quantity(done / max(run.elapsed, 1e-9)))
    if paths:
        log.info("model saved to %s", paths[0])
    return run.supervisor.exit_status


def model_of(run: Run) -> Model:
    """The best front as `vgp show` and `vgp predict` read it."""
    settings = run.plan.settings
    parameters = Parameters(**settings.vgp).as_dict() | ({"loss": run.best.loss} if run.best.loss else {})
    dataset, front, told = run.table.dataset, tuple(run.best.front), {"seed": settings.worker.seed, "evaluations": run.evaluations}
    if not run.best.moved:
        return fitted(polished_alone(front, dataset, Parameters(**parameters)), dataset, parameters, **told)
    model = fitted(front, dataset, parameters, **told)
    tables = [slot.status["data"] for slot in run.supervisor.slots if slot.status.get("data")]
    newest: dict[str, Any] = max(tables, key=lambda data: data.get("version") or 0, default={})
    return dataclasses.replace(model, data={"source": newest.get("url"), "rows": newest.get("rows")})
