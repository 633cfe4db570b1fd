"""vgp fit: evolve formulas for one column of a table."""

import argparse
import contextlib
import json
import math
import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from vgp.archipelago import Archipelago
from vgp.budget import Budget
from vgp.checkpoint import load as load_checkpoint
from vgp.cli import ended_by_ctrl_c
from vgp.cli.arguments import count, duration, seed
from vgp.cli.interrupts import Interrupts
from vgp.cli.outputs import check_writable
from vgp.cli.parameter_options import add_parameter_options, given
from vgp.cli.streams import tell
from vgp.cli.table_options import add_table_options, read_dataset
from vgp.dataset import Dataset
from vgp.display import Display, clock, display_for, quantity
from vgp.errors import CheckpointError, InputError
from vgp.family_tree import lineage_of
from vgp.front_table import print_front
from vgp.model import Model, fitted
from vgp.parameters import ALONE
from vgp.polishing import polished_on
from vgp.provenance import provenance
from vgp.running import Progress, run_on
from vgp.whole_table import front_on_all_rows

SUMMARY = "Evolve formulas that explain one column of a table by the others."
DESCRIPTION = """\
Shows its progress on stderr, and at the end the best formula of each size on stdout; ">" marks the one that buys most accuracy for
its size. Ctrl-C ends the run at once, prints and saves the best so far, and exits with status 130. Columns of text are left out."""
EXAMPLES = """\
  vgp fit examples/planets.csv --target orbital_period_days
  vgp fit data.parquet --target y --evaluations 2M --seed 7 --jobs 4 --save model.json
  vgp fit data.csv --target y --columns a,b,c --functions arithmetic,sqrt --max-size 20
  vgp fit fall.csv --target F --units m1=kg,m2=kg,r=m,F=N --start "m1*m2/r^2"
  vgp fit data.csv --target y --block "x2 - x1" --block "v/c"
  vgp fit data.csv --target y --constrain "no sin, cos in sin, cos" --constrain "at most 1 nodes in pow 2" --functions all
  vgp fit data.csv --target y --seconds 1h --checkpoint run.state      # and later, with another hour:
  vgp fit data.csv --target y --seconds 1h --resume run.state --checkpoint run.state"""

DEFAULT_SECONDS = 60.0
CHECKPOINT_SECONDS = 60.0
MANY_COLUMNS = 7  # for which looking for blocks takes seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_table_options(parser)
    run = parser.add_argument_group("run")
    limit = run.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=duration, metavar="S", help=f"evolve this long: 90, 5m, 2h (default: {DEFAULT_SECONDS:g})")
    limit.add_argument("--evaluations", type=count, metavar="N", help="or this many evaluations: 20000, 1e6, 2M")
    run.add_argument("--jobs", type=count, metavar="N", help="populations evolving side by side, a core each (default: 1)")
    run.add_argument(
        "--seed", type=seed, metavar="S", help="same seed, machine, options and --evaluations: same result (default: 0)"
    )
    run.add_argument("--sandbox", choices=("on", "off"), default="on", help="run formulas in a locked-down process (default: on)")
    run.add_argument(
        "--start", action="append", default=[], metavar="FORMULA", help='a formula to start from: "2*sin(x) + y"; may be repeated'
    )
    files = parser.add_argument_group("files")
    files.add_argument("--save", metavar="MODEL", help="write the formulas to this file, for vgp show, predict and report")
    files.add_argument(
        "--checkpoint", metavar="FILE", help=f"write the state of the run here every {CHECKPOINT_SECONDS:g} s and at the end"
    )
    files.add_argument(
        "--resume", metavar="FILE", help="continue the run of a checkpoint, on the same table; its seed and jobs are kept"
    )
    output = parser.add_argument_group("output")
    output.add_argument("--quiet", action="store_true", help="no progress and no notes, only the result")
    output.add_argument("--json", action="store_true", help="print the result as JSON")
    add_parameter_options(parser)


@dataclass
class Run:
    """What the phases of a fit share."""

    archipelago: Archipelago
    budget: Budget
    interrupts: Interrupts
    evaluations_before: int = 0  # of a resumed run

    @property
    def evaluations(self) -> int:
        """Done by this run."""
        return self.total_evaluations - self.evaluations_before

    @property
    def total_evaluations(self) -> int:
        return self.archipelago.evaluations


def run(args: argparse.Namespace) -> int:
    """Reads, evolves, saves, prints. Raises InputError and its kin for what the user can mend."""
    with ended_by_ctrl_c():  # there is nothing to keep yet, and libraries may be loaded on the way
        changes, dataset = prepare(args)
    with Interrupts() as interrupts, started(args, dataset, changes, interrupts) as fit:
        evolve(fit, display_for(sys.stderr, quiet=args.quiet), args.checkpoint)
        conclude(fit, args)
        return interrupts.exit_status


def prepare(args: argparse.Namespace) -> tuple[dict[str, Any], Dataset]:
    """Everything that can be wrong with the input is found here, before time is spent."""
    check_writable("--save", args.save)
    check_writable("--checkpoint", args.checkpoint)
    if args.resume is not None and (args.seed is not None or args.jobs is not None):
        raise InputError("a resumed run keeps its seed and its number of populations; leave out --seed and --jobs")
    if args.resume is not None and args.start:
        raise InputError("a resumed run has its formulas already; leave out --start")
    changes = given(args)
    before = load_checkpoint(args.resume).parameters if args.resume is not None else ALONE
    return changes, read_dataset(args, loss=before.replace(**changes).loss)


@contextlib.contextmanager
def started(args: argparse.Namespace, dataset: Dataset, changes: dict[str, Any], interrupts: Interrupts) -> Iterator[Run]:
    """The populations, new or resumed, with the budget counting from now."""
    if args.resume is not None:
        archipelago = Archipelago.resume(args.resume, dataset, sandbox=args.sandbox, **changes)
        tell(archipelago.damaged)
    else:
        parameters = ALONE.replace(**changes)
        archipelago = Archipelago(dataset, parameters, jobs=args.jobs or 1, seed=args.seed or 0, sandbox=args.sandbox)
    seconds = args.seconds if args.seconds or args.evaluations else DEFAULT_SECONDS
    with archipelago:
        if args.save is not None:
            archipelago.follow_lineage()
        fit = Run(archipelago, Budget(seconds, args.evaluations), interrupts)
        if args.resume is not None:
            fit.evaluations_before = fit.total_evaluations
        else:
            if not args.quiet and archipelago.parameters.find_blocks and dataset.n_variables >= MANY_COLUMNS:
                tell(["looking for columns that belong together"])
            interrupts.attempt(partial(archipelago.create, args.start))
        yield fit


def evolve(fit: Run, display: Display, checkpoint: str | None) -> None:
    """Ticks until the budget is used up or a signal comes; shows and checkpoints on the way."""
    shown = saved = time.monotonic()

    def look(progress: Progress) -> None:
        nonlocal shown, saved
        now = time.monotonic()
        if now - shown >= display.interval:
            display.show(progress.snapshot())
            shown = now
        if checkpoint is not None and now - saved >= CHECKPOINT_SECONDS:
            saved = now
            with told(CheckpointError):
                fit.archipelago.checkpoint(checkpoint)

    with display:
        run_on(fit.archipelago, fit.budget, look, before=fit.evaluations_before, attempt=fit.interrupts.attempt)


@contextlib.contextmanager
def told(*kinds: type[Exception]) -> Iterator[None]:
    """A disk that is full for a while does not end a run; the last checkpoint must succeed."""
    try:
        yield
    except kinds as error:
        tell([str(error)])


def conclude(fit: Run, args: argparse.Namespace) -> None:
    """Keeps and prints what was found. It is printed even where a file cannot be written, and written even if nobody reads."""
    front = front_on_all_rows(fit.archipelago.islands)
    if fit.interrupts.received and not len(front):
        tell(["ended before any formula was found"])
        return
    parameters, first = fit.archipelago.parameters.as_dict(), fit.archipelago.islands[0]
    facts = provenance(fit.budget.elapsed(), command=shlex.join(["vgp", *args.words]), weights=args.weights)
    told = {"seed": first.seed, "evaluations": fit.total_evaluations, "history": fit.archipelago.statistics(), "run": facts}
    if args.save is not None:
        told["lineage"] = lineage_of(fit.archipelago, front, first.dataset.n_rows, first.parameters.loss)
    model = fitted(polished_on(first, front), first.dataset, parameters, **told)
    try:
        if args.save is not None:
            model.save(args.save)
        if args.checkpoint is not None:
            fit.archipelago.checkpoint(args.checkpoint)
    finally:
        report(model, fit, args)


def report(model: Model, fit: Run, args: argparse.Namespace) -> None:
    """The result on stdout; how it was come by on stderr."""
    seconds = fit.budget.elapsed()
    if args.json:
        print(json.dumps(summary(model, seconds), indent=1, ensure_ascii=False))
    else:
        print_front(model.entries, model.chosen, sys.stdout)
        print(f"\n{model.target} = {model.entries[model.chosen].formula}", flush=True)
    if not args.quiet:
        pace = quantity(fit.evaluations / max(seconds, 1e-9))
        tell([f"{quantity(fit.evaluations)} evaluations in {clock(seconds)} ({pace}/s), seed {model.seed}"])
        tell([f"{option} {path}" for option, path in (("model saved to", args.save), ("state saved to", args.checkpoint)) if path])


def summary(model: Model, seconds: float) -> dict[str, object]:
    """The result in plain values, fit for JSON."""
    front = [
        {"size": entry.size, "loss": entry.loss, "r2": entry.r2 if math.isfinite(entry.r2) else None, "formula": entry.formula}
        for entry in model.entries
    ]
    return {
        "target": model.target,
        "inputs": list(model.names),
        "chosen": model.chosen,
        "front": front,
        "evaluations": model.evaluations,
        "seconds": round(seconds, 3),
        "seed": model.seed,
    }
