"""Which formula of a front to recommend: the one that, with what it leaves unexplained, is told in the fewest words."""

import math
from collections.abc import Sequence
from typing import Protocol

ALPHABET = 16  # symbols that a node is drawn from: the usual functions, a few columns, a constant
LINE = 3  # fitted besides: slope, intercept, variance
EXACT = 1e-15  # unexplained shares below this are not told apart
#: What is sought in a front: the law, or what predicts best on rows not seen.
SOUGHT = ("law", "accuracy")
NODE_NATS = 0.4  # that a node costs where predictions are sought; measured, see docs/quality.md


class Scored(Protocol):
    """What the rule looks at."""

    @property
    def size(self) -> int: ...
    @property
    def constants(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def r2(self) -> float: ...


def choose(entries: Sequence[Scored], rows: int, loss: str = "squared", *, seeking: str = "law") -> int:
    """The index of the recommended entry of a front (sorted by size, each with less loss than the one before it): the one with the
    least `description_length`, the smaller one on a tie.

    rows: of the table that the entries were fitted to. loss: the name of the loss that was minimised. seeking: one of
    SOUGHT. Raises ValueError for an empty front.
    """
    if not entries:
        raise ValueError("an empty front has no entry to recommend")
    lengths = [description_length(entry, rows, loss, seeking) for entry in entries]
    return lengths.index(min(lengths))


def description_length(entry: Scored, rows: int, loss: str = "squared", seeking: str = "law") -> float:
    """Length in nats of a code for the table's target: the formula, its constants, then the residuals.

    A node costs log(ALPHABET), a constant log(rows) / 2 (Rissanen 1978; slope and intercept are the same for all entries and left
    out), residuals what a normal distribution of their own variance makes of them (Laplace's for the absolute loss; the logistic
    loss is a code length already). So a formula wins only over a smaller one when what it adds is more than chance would: noise
    that a larger formula fits is about half a nat for each constant. Compare Bartlett, Desmond, Ferreira (2022, arXiv 2211.11461).
    Where predictions are sought a constant costs 1, as in AIC (Akaike 1974), and a node NODE_NATS for what the search could choose.
    Where rows are few, constants fit more than that (Hurvich, Tsai 1989); with as many as rows they would fit anything.
    """
    fitted = entry.constants + LINE
    free = rows - fitted - 1
    if free <= 0 < entry.constants:
        return math.inf
    few = fitted * (fitted + 1) / free if free > 0 else 0.0
    node, constant = (math.log(ALPHABET), 0.5 * math.log(max(rows, 2))) if seeking == "law" else (NODE_NATS, 1.0)
    formula = entry.size * node + entry.constants * constant
    share = 1.0 - entry.r2 if math.isfinite(entry.r2) and loss != "logistic" else entry.loss
    return formula + few + rows * residual_nats(share, loss)


def residual_nats(share: float, loss: str) -> float:
    """Of the residuals, for each row, up to the same constant for all formulas. share: what is unexplained, or the loss itself."""
    if loss == "logistic":
        return share
    return math.log(max(share, EXACT)) * (1.0 if loss == "absolute" else 0.5)
