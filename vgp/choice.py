"""Which formula of a front to recommend: the one that, with what it leaves unexplained, is told in the fewest words."""

import math
from collections.abc import Sequence
from typing import Protocol

ALPHABET = 16  # symbols that a node is drawn from: the usual functions, a few columns, a constant
LINE = 3  # fitted besides: slope, intercept, variance
EXACT = 1e-15  # unexplained shares below this are not told apart
#: What is sought in a front: the law, or what predicts best on rows not seen.
SOUGHT = ("law", "accuracy")
CHOSEN = 0.75  # fitted parameters that the choice of a node amounts to; measured, see docs/quality.md


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
    least `description_length`, or where "accuracy" is sought `expected_loss`; the smaller one on a tie.

    rows: of the table that the entries were fitted to. loss: the name of the loss that was minimised. seeking: one of SOUGHT.
    Raises ValueError for an empty front.
    """
    if not entries:
        raise ValueError("an empty front has no entry to recommend")
    judge = description_length if seeking == "law" else expected_loss
    lengths = [judge(entry, rows, loss) for entry in entries]
    return lengths.index(min(lengths))


def expected_loss(entry: Scored, rows: int, loss: str = "squared") -> float:
    """What the entry may be expected to leave unexplained on as many rows not seen, in nats: Akaike's criterion, corrected for few
    rows (AIC/2; Akaike 1974; Hurvich, Tsai 1989). Beside the constants that were fitted each node counts as CHOSEN of one more: the
    search could choose it, which fits noise as well (Ye 1998, generalized degrees of freedom).
    """
    fitted = LINE + entry.constants + CHOSEN * entry.size
    free = rows - fitted - 1
    if free <= 0:
        return math.inf
    return fitted * rows / free + rows * residual_nats(unexplained(entry, loss), loss)


def description_length(entry: Scored, rows: int, loss: str = "squared") -> float:
    """Length in nats of a code for the table's target: the formula, its constants, then the residuals.

    A node costs log(ALPHABET), a constant log(rows) / 2 (Rissanen 1978; slope and intercept are the same for all entries and left
    out), residuals what a normal distribution of their own variance makes of them (Laplace's for the absolute loss; the logistic
    loss is a code length already). So a formula wins only over a smaller one when what it adds is more than chance would: noise
    that a larger formula fits is about half a nat for each constant. Compare Bartlett, Desmond, Ferreira (2022, arXiv 2211.11461).
    Where rows are few, constants fit more than that (Hurvich, Tsai 1989); with as many as rows they would fit anything.
    """
    fitted = entry.constants + LINE
    free = rows - fitted - 1
    if free <= 0 < entry.constants:
        return math.inf
    few = fitted * (fitted + 1) / free if free > 0 else 0.0
    formula = entry.size * math.log(ALPHABET) + entry.constants * 0.5 * math.log(max(rows, 2))
    return formula + few + rows * residual_nats(unexplained(entry, loss), loss)


def unexplained(entry: Scored, loss: str) -> float:
    """The share of the target's variance that is left, or the loss itself where there is no such share."""
    return 1.0 - entry.r2 if math.isfinite(entry.r2) and loss != "logistic" else entry.loss


def residual_nats(share: float, loss: str) -> float:
    """Of the residuals, for each row, up to the same constant for all formulas. share: what is unexplained, or the loss itself."""
    if loss == "logistic":
        return share
    return math.log(max(share, EXACT)) * (1.0 if loss == "absolute" else 0.5)
