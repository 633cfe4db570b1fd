"""A fitted model: the front of formulas with all that is needed to apply them, in one checked JSON file.

    {"format": "vgp model", "version": 1, "checksum": "<16 hex digits>", "model": {...}}

The checksum is the content hash of "model" written as compact JSON with sorted keys, so that the file may be reformatted but not
edited. Formulas are portable records in base64 (vgp/core/record.hpp); their text is stored beside them for the reader alone.
"""

import base64
import binascii
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vgp.ancestors import Ancestor, lineage_body, lineage_from
from vgp.atomic_file import atomic_write
from vgp.choice import choose
from vgp.data_checks import Floats
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError, RecordError
from vgp.front import FrontEntry
from vgp.genome import decode_bundle, encode_bundle, genome_id
from vgp.hashing import content_hash
from vgp.history import Records, history_body, history_from, thinned
from vgp.layout import CONSTANT, MAX_NODES, REFERENCE, VARIABLE, Genome
from vgp.units import Units, units_from

FORMAT = "vgp model"
VERSION = 1
MOST_BYTES = 1 << 30


@dataclass(frozen=True, repr=False)
class Model:
    """Formulas by size for one target, and how they were found."""

    names: tuple[str, ...]  # input columns; variable i of a formula is names[i]
    target: str
    entries: tuple[FrontEntry, ...]  # by size, each more accurate than the one before it
    chosen: int  # index of the recommended entry
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    evaluations: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)  # file, rows, fingerprint
    units: Units | None = None  # that hold in every formula
    history: Records | None = field(default=None, compare=False)  # statistics of the run, thinned: see vgp.history
    lineage: tuple[Ancestor, ...] = ()  # of the recommended formula, oldest first, itself last
    run: Mapping[str, Any] = field(default_factory=dict)  # seconds, version, and how to do it again: command or python

    @property
    def loss(self) -> str:
        """The loss that was minimised."""
        return str(self.parameters.get("loss", "squared"))

    @property
    def link(self) -> str:
        """How predictions follow from intercept + slope * f (vgp.algebra.LINKS): with the logistic loss they are probabilities."""
        return "logistic" if self.loss == "logistic" else "identity"

    def entry(self, *, index: int | None = None, size: int | None = None) -> FrontEntry:
        """The recommended entry, or the one at `index` (from 1, as printed), or the one of `size` nodes. Raises InputError."""
        if index is not None:
            if not 1 <= index <= len(self.entries):
                raise InputError(f"the model has no entry {index}; entries are numbered 1 to {len(self.entries)}")
            return self.entries[index - 1]
        if size is not None:
            found = [entry for entry in self.entries if entry.size == size]
            if not found:
                sizes = ", ".join(str(entry.size) for entry in self.entries)
                raise InputError(f"the model has no formula of size {size}; there are sizes {sizes}")
            return found[0]
        return self.entries[self.chosen]

    def inputs(self, entry: FrontEntry) -> tuple[str, ...]:
        """Names of the columns that a formula really uses, in the order of the table it was fitted to."""
        return tuple(self.names[i] for i in _variables(entry.nodes))

    def __repr__(self) -> str:
        return f"<Model of {self.target}: {len(self.entries)} formulas; recommended {self.entries[self.chosen].formula}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from vgp.front_html import front_html

        return front_html(self.entries, self.chosen, self.target)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file, whole or not at all. Raises CheckpointError naming it."""
        body = _body(self)
        content = {"format": FORMAT, "version": VERSION, "checksum": _checksum(body), "model": body}
        atomic_write(path, (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Model":
        """Reads a file written by `save`. Total: any bytes give a model or a CheckpointError that names the file and the reason."""
        body = _checked_body(os.fspath(path))
        try:
            return _model(body)
        except (KeyError, TypeError, ValueError, OverflowError, RecordError, binascii.Error) as error:
            reason = (
                str(error).splitlines()[0] if isinstance(error, RecordError) else "a part of it is missing or of the wrong kind"
            )
            raise CheckpointError(f"{os.fspath(path)}: is no usable model: {reason}; fit it again") from None


def fitted(entries: Sequence[FrontEntry], dataset: Dataset, parameters: Mapping[str, Any], **told: Any) -> Model:
    """The model of a run that ended: its front, with the entry that vgp.choice recommends.

    told: other fields of Model: seed, evaluations, history (statistics of the run, which are thinned here), lineage, run. Raises
    InputError where there is no entry, or history is something else.
    """
    told.setdefault("units", dataset.units)
    if told.get("history") is not None:
        told["history"] = thinned(told["history"])
    if not entries:
        raise InputError("no formula has a finite loss on this data; try other --functions, or run longer")
    summary = {"source": str(dataset.origin), "rows": dataset.n_rows, "fingerprint": dataset.fingerprint()}
    chosen = choose(entries, dataset.n_rows, str(parameters.get("loss", "squared")))
    return Model(dataset.names, dataset.target, tuple(entries), chosen, dict(parameters), data=summary, **told)


def predict(
    model: Model, columns: Mapping[str, Floats], entry: FrontEntry | None = None, *, sandbox: str = "on", n_rows: int | None = None
) -> Floats:
    """The values of a formula (default: the recommended one) on columns given by name, float64, (n_rows,).

    Evaluated by the sandbox ("on") or in process ("off"). NaN or infinite where the formula has no value; with the logistic loss
    the values are probabilities. `n_rows` is needed when no column is given. Raises InputError for a column that is missing.
    """
    values = values_of(model, columns, entry or model.entries[model.chosen], sandbox=sandbox, n_rows=n_rows)
    return logistic(values) if model.link == "logistic" else values


def values_of(
    model: Model, columns: Mapping[str, Floats], entry: FrontEntry, *, sandbox: str = "on", n_rows: int | None = None
) -> Floats:
    """As `predict`, but intercept + slope * f whatever the loss."""
    used = _variables(entry.nodes)
    missing = [model.names[i] for i in used if model.names[i] not in columns]
    if missing:
        raise InputError(f"the formula needs column {' and '.join(repr(name) for name in missing)}")
    rows = n_rows if n_rows is not None else len(next(iter(columns.values())))
    inputs = [np.asarray(columns[model.names[i]]) for i in used] or [np.zeros(rows)]
    raw = _outputs(np.column_stack(inputs), _renumbered(entry.nodes, used), sandbox)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(entry.intercept + entry.slope * raw)


def logistic(values: Floats) -> Floats:
    """The probability of class 1 that a value stands for."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-values)))


def _outputs(matrix: Floats, nodes: Genome, sandbox: str) -> Floats:
    from vgp.sandbox import Sandbox

    with (
        Dataset.from_arrays(matrix).temporary("float64") as path,
        Sandbox(path, mode=sandbox, max_organisms=1, max_nodes=len(nodes), outputs_rows=len(matrix)) as executor,
    ):
        values = executor.outputs(nodes, np.array([0, len(nodes)], np.uint32))
    return np.asarray(values[0], np.float64)


def _variables(nodes: Genome) -> list[int]:
    return sorted({int(i) for i in nodes["payload"][nodes["op"] == VARIABLE]})


def _renumbered(nodes: Genome, used: Sequence[int]) -> Genome:
    copy = nodes.copy()
    variables = copy["op"] == VARIABLE
    copy["payload"][variables] = np.searchsorted(used, copy["payload"][variables])
    return copy


def _body(model: Model) -> dict[str, Any]:
    return {
        "inputs": list(model.names),
        "target": model.target,
        "chosen": model.chosen,
        "front": [_entry_body(entry) for entry in model.entries],
        "parameters": dict(model.parameters),
        "seed": model.seed,
        "evaluations": model.evaluations,
        "data": dict(model.data),
        **({"units": model.units.as_dict()} if model.units else {}),
        **({"history": history_body(model.history)} if model.history is not None else {}),
        **({"lineage": lineage_body(model.lineage)} if model.lineage else {}),
        **({"run": dict(model.run)} if model.run else {}),
    }


def _entry_body(entry: FrontEntry) -> dict[str, Any]:
    record = encode_bundle(entry.nodes, np.array([0, len(entry.nodes)], np.uint32))
    return {
        "size": entry.size,
        "loss": entry.loss,
        "r2": entry.r2 if math.isfinite(entry.r2) else None,
        "slope": entry.slope,
        "intercept": entry.intercept,
        "formula": entry.formula,
        **({"errors": [error if math.isfinite(error) else None for error in entry.errors]} if entry.errors else {}),
        "record": base64.b64encode(record).decode(),
    }


def _checksum(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"{content_hash(text.encode()):016x}"


def _checked_body(path: str) -> dict[str, Any]:
    try:
        if os.path.getsize(path) > MOST_BYTES:
            raise CheckpointError(f"{path}: is too large for a model")
        content = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError):
        raise CheckpointError(f"{path}: is no model, or cut off; fit it again with --save") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(f"{path}: is no model; models are written by vgp fit --save")
    if content.get("version") != VERSION:
        raise CheckpointError(f"{path}: has model format {content.get('version')}, this program reads format {VERSION}")
    body = content.get("model")
    try:
        whole = isinstance(body, dict) and _checksum(body) == content.get("checksum")
    except (ValueError, RecursionError):
        whole = False
    if not whole:
        raise CheckpointError(f"{path}: was edited or damaged, its checksum is wrong; fit it again")
    assert isinstance(body, dict)
    return body


def _model(body: Mapping[str, Any]) -> Model:
    names = tuple(body["inputs"])
    if not all(isinstance(name, str) for name in (*names, body["target"])):
        raise TypeError
    entries = tuple(_entry(row, names) for row in body["front"])
    chosen = int(body["chosen"])
    if not 0 <= chosen < len(entries):
        raise ValueError
    return Model(
        names,
        body["target"],
        entries,
        chosen,
        dict(body["parameters"]),
        int(body["seed"]),
        int(body["evaluations"]),
        dict(body["data"]),
        units_from(body["units"], names) if "units" in body else None,
        history_from(body["history"]) if "history" in body else None,
        lineage_from(body.get("lineage", [])),
        dict(body.get("run", {})),
    )


def _entry(row: Mapping[str, Any], names: tuple[str, ...]) -> FrontEntry:
    bundle = decode_bundle(base64.b64decode(row["record"], validate=True))
    nodes = bundle.genome(len(bundle) - 1).copy()
    used = _variables(nodes)
    if (used and used[-1] >= len(names)) or (nodes["op"] == REFERENCE).any():
        raise RecordError("a formula uses a column that the model does not have", "unknown_variable")
    size = int(row["size"])
    if not 1 <= size <= MAX_NODES:
        raise ValueError
    return FrontEntry(
        size=size,
        loss=float(row["loss"]),
        r2=math.nan if row["r2"] is None else float(row["r2"]),
        nodes=nodes,
        slope=float(row["slope"]),
        intercept=float(row["intercept"]),
        id=genome_id(nodes),
        names=names,
        errors=_errors(row.get("errors", ()), nodes),
    )


def _errors(stored: Sequence[float | None], nodes: Genome) -> tuple[float, ...]:
    errors = tuple(math.inf if error is None else float(error) for error in stored)
    if errors and len(errors) != np.count_nonzero(nodes["op"] == CONSTANT) + 2:
        raise ValueError
    return errors
