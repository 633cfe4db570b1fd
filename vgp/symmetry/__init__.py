"""Building blocks that a table suggests: x2 - x1 where the target depends on the difference alone, v/c, m1*m2 in front of all."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Collection

import numpy as np

from vgp.dataset import Dataset
from vgp.export.text import quote
from vgp.symmetry.search import simplest
from vgp.symmetry.terms import Term, power_product
from vgp.symmetry.view import View

MOST_COLUMNS = 12  # with more, pairs are too many, and polynomials of all of them too poor
ROWS = 1000  # that are looked at, spread evenly
FEWEST_ROWS = 100

_found: weakref.WeakKeyDictionary[Dataset, dict[frozenset[str], tuple[str, ...]]] = weakref.WeakKeyDictionary()
_finding = threading.Lock()


def find_blocks(dataset: Dataset, functions: Collection[str]) -> tuple[str, ...]:
    """Formulas over the columns' names, made of these functions; none where the table is too small or too wide to tell.

    The islands of one table find them once.
    """
    allowed = frozenset(functions)
    with _finding:
        found = _found.setdefault(dataset, {})
        if allowed not in found:
            found[allowed] = _find(dataset, allowed)
        return found[allowed]


def _find(dataset: Dataset, functions: frozenset[str]) -> tuple[str, ...]:
    if dataset.y is None or not 2 <= dataset.n_variables <= MOST_COLUMNS or dataset.n_rows < FEWEST_ROWS:
        return ()
    rows = dataset.spread_rows(ROWS)
    X, y = np.asarray(dataset.X[rows]), np.asarray(dataset.y[rows])
    columns = [Term(quote(name), X[:, i]) for i, name in enumerate(dataset.names) if np.ptp(X[:, i]) > 0]
    if len(columns) < 2 or np.ptp(y) == 0:
        return ()
    views = [View(tuple(columns), y)]
    if (y > 0).all() or (y < 0).all():
        views.append(View(tuple(columns), np.log(np.abs(y)), logarithmic=True))
    with np.errstate(all="ignore"):
        view, _ = min((simplest(view, functions) for view in views), key=lambda found: found[1])
    return blocks_of(view, {column.text for column in columns})


def blocks_of(view: View, columns: Collection[str]) -> tuple[str, ...]:
    """The terms that are more than a column, both ways round where it is a ratio, and the product of powers in front, as texts."""
    terms = (*view.terms, *(term for term, _ in view.factors))
    texts = [text for term in terms for text in (term.sum_of_squares or term.text, term.inverse)]
    texts.append(power_product(view.factors))
    return tuple(dict.fromkeys(text for text in texts if text and text not in columns))
