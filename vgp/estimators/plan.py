"""What an estimator's parameters ask for, understood and checked before time is spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vgp.choice import SOUGHT
from vgp.errors import InputError
from vgp.function_sets import function_names
from vgp.own_loss import LossFunction
from vgp.parameters import ALONE, LOSSES, Parameters
from vgp.running import Progress

DEFAULT_EVALUATIONS = 300_000
Callback = Callable[[Progress], object]


@dataclass(frozen=True)
class Plan:
    """Of the fit of one target."""

    parameters: Parameters
    loss_function: LossFunction | None  # f(outputs [n, rows], target [rows], weights [rows] or None) where the user gave one
    seconds: float | None
    evaluations: int | None
    jobs: int
    backend: Any
    sandbox: str
    start: tuple[str, ...]
    seeking: str
    units: Mapping[str, str] | None
    callbacks: tuple[Callback, ...]
    verbose: bool
    recipe: str  # lines of Python that do it again
    validation_share: float  # 0: no early stopping
    patience: int  # ticks
    tolerance: float


def plan_of(asked: Mapping[str, Any], loss: str, *, jobs: int, targets: int, recipe: str) -> Plan:
    """The plan for each of `targets` fits that share the budget. asked: an estimator's parameters; loss: what None stands for.

    Raises InputError naming the first parameter that makes no sense.
    """
    seconds, evaluations = asked["seconds"], asked["evaluations"]
    for name in ("seconds", "evaluations"):
        if asked[name] is not None and not asked[name] > 0:
            raise InputError(f"{name} is {asked[name]!r}; give a number above 0, or None")
    if seconds is None and evaluations is None:
        evaluations = DEFAULT_EVALUATIONS
    if seconds is not None and evaluations is not None:
        raise InputError("give seconds or evaluations, not both")
    return Plan(
        parameters=_parameters(asked, loss),
        loss_function=asked["loss"] if callable(asked["loss"]) else None,
        seconds=None if seconds is None else float(seconds) / targets,
        evaluations=None if evaluations is None else max(1, int(evaluations) // targets),
        jobs=jobs,
        backend=asked["backend"],
        sandbox=_among(asked, "sandbox", ("on", "off")),
        start=_texts(asked["start"], "start"),
        seeking=_among(asked, "selection", SOUGHT),
        units=asked["units"],
        callbacks=_callbacks(asked["callbacks"]),
        verbose=bool(asked["verbose"]),
        recipe=recipe,
        **_stopping(asked),
    )


def _parameters(asked: Mapping[str, Any], loss: str) -> Parameters:
    named: dict[str, Any] = {name: asked[name] for name in ("population_size", "max_size", "constraints")}
    if asked["functions"] is not None:
        named["functions"] = function_names(_texts(asked["functions"], "functions"))
    if blocks := _texts(asked["blocks"], "blocks"):
        named["blocks"] = "; ".join(blocks)
    named["loss"] = _loss(asked["loss"], loss)
    more = dict(asked["parameters"] or {})
    if twice := sorted(more.keys() & named.keys()):
        raise InputError(f"parameters: {twice[0]} is a parameter of the estimator itself; give it there")
    return ALONE.replace(**named, **more)


def _loss(asked: Any, loss: str) -> str:
    if asked is None or callable(asked):
        return "squared" if callable(asked) else loss
    if asked not in LOSSES or (asked == "logistic") != (loss == "logistic"):
        choices = ["logistic"] if loss == "logistic" else [name for name in LOSSES if name != "logistic"]
        raise InputError(f"loss is {asked!r}; choose {', '.join(choices)}, or give a function")
    return str(asked)


def _among(asked: Mapping[str, Any], name: str, choices: Iterable[str]) -> str:
    if asked[name] not in choices:
        raise InputError(f"{name} is {asked[name]!r}; choose one of {', '.join(choices)}")
    return str(asked[name])


def _stopping(asked: Mapping[str, Any]) -> dict[str, Any]:
    share, patience, tolerance = asked["validation_fraction"], asked["n_iter_no_change"], asked["tol"]
    if not 0 < share < 1:
        raise InputError(f"validation_fraction is {share!r}; give a share between 0 and 1")
    if patience < 1 or not tolerance >= 0:
        raise InputError("n_iter_no_change must be 1 or more, and tol 0 or more")
    return {"validation_share": share if asked["early_stopping"] else 0.0, "patience": patience, "tolerance": tolerance}


def _texts(given: str | Sequence[str], name: str) -> tuple[str, ...]:
    texts = (given,) if isinstance(given, str) else tuple(given)
    if not all(isinstance(text, str) for text in texts):
        raise InputError(f"{name}: give texts, one or several")
    return texts


def _callbacks(given: Any) -> tuple[Callback, ...]:
    found = () if given is None else (given,) if callable(given) else tuple(given)
    if not all(callable(callback) for callback in found):
        raise InputError("callbacks: give functions of one argument, the progress; see vgp.running.Progress")
    return found
