"""Engines and the usual models on a real table: R2 on the rows that they have not seen, and size."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from vgp.benchmarks.quality.agreement import r2, tidied
from vgp.benchmarks.quality.budget import Budget
from vgp.benchmarks.quality.engines import engine
from vgp.benchmarks.quality.expression import Floats, parse
from vgp.benchmarks.quality.real_tables import load, split
from vgp.benchmarks.quality.sampling import Rows
from vgp.benchmarks.quality.summary import Record, Row, label, median

MODELS = ("linear", "forest", "boosting")  # scikit-learn's, with its defaults


def fit_table(job: Mapping[str, Any]) -> Row:
    """One engine or model on one table. A formula without a value at a row predicts the training mean there."""
    rows = split(load(job["problem"]), job["seed"])
    if job["engine"] in MODELS:
        return fit_model(job["engine"], rows, job["seed"])
    found = engine(job["engine"])(rows.X, rows.y, Budget(job["seconds"]), job["seed"], job["settings"])
    formula = parse(found.formula)
    values = formula.on(rows.X_test)
    return {
        "r2": float(r2(rows.y_test, np.where(np.isfinite(values), values, 0.0))),
        "size": srbench_size(found.formula, rows.X),
        "nodes": formula.size,
        "engine_size": found.size,
        "cpu": found.cpu,
        "formula": found.formula,
    }


def srbench_size(formula: str, X: Floats) -> int:
    """As on problems with known laws."""
    from vgp.benchmarks.quality import symbolic

    n_columns = X.shape[1]
    symbols = symbolic.symbols_for([f"x{k}" for k in range(n_columns)], [-1.0] * n_columns)
    return symbolic.size(symbolic.shortened(symbolic.simplified(symbolic.to_sympy(tidied(parse(formula), X), symbols))))


def fit_model(name: str, rows: Rows, seed: int) -> Row:
    """scikit-learn's models have no size to compare."""
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
    from sklearn.linear_model import LinearRegression

    makers = {
        "linear": LinearRegression,
        "forest": lambda: RandomForestRegressor(random_state=seed),
        "boosting": lambda: GradientBoostingRegressor(random_state=seed),
    }
    start = time.process_time()
    values = makers[name]().fit(rows.X, rows.y).predict(rows.X_test)
    return {"r2": float(r2(rows.y_test, values)), "size": None, "cpu": time.process_time() - start}


def real_tables(records: Iterable[Record]) -> dict[str, list[Row]]:
    """A table per budget. Models have none, and stand in each."""
    records = list(records)
    budgets = sorted({record["seconds"] for record in records if record["engine"] not in MODELS}) or [0.0]
    return {
        f"real tables, {seconds:g} s": real_table([r for r in records if r["engine"] in MODELS or r["seconds"] == seconds])
        for seconds in budgets
    }


def real_table(records: Sequence[Record]) -> list[Row]:
    """A row per engine: medians over tables of the medians over seeds, and on how many tables vgp is no worse."""
    names = list(dict.fromkeys(label(record) for record in records))
    scores = {name: per_table([record for record in records if label(record) == name], "r2") for name in names}
    sizes = {name: per_table([record for record in records if label(record) == name], "size") for name in names}
    ours = scores.get("vgp", {})
    rows = []
    for name in names:
        runs = [record for record in records if label(record) == name]
        row: Row = {"engine": name, "tables": len(scores[name]), "failed": sum(r["status"] != "done" for r in runs)}
        row |= median("test R2", list(scores[name].values())) | median("size", list(sizes[name].values()))
        both = [table for table in scores[name] if table in ours]
        row["vgp no worse"] = f"{sum(ours[t] >= scores[name][t] for t in both)} of {len(both)}" if both else None
        rows.append(row)
    return rows


def per_table(records: Iterable[Record], figure: str) -> dict[str, float]:
    """The median over seeds, by table. A failed run has R2 minus infinity, and no size."""
    values: dict[str, list[float]] = {}
    for record in records:
        value = record.get(figure, -np.inf if figure == "r2" else None)
        if value is not None:
            values.setdefault(record["problem"], []).append(value)
    return {table: float(np.median(numbers)) for table, numbers in values.items()}
