"""An allowance that refills with time: what bounds the work that a peer can ask for."""

from __future__ import annotations


class Allowance:
    """`rate` per second, saved up to `most`. Paid afterwards: whoever is not in debt may spend, however much it turns out to be."""

    __slots__ = ("_left", "_since", "most", "rate")

    def __init__(self, rate: float, most: float) -> None:
        self.rate = rate
        self.most = most
        self._left = most
        self._since: float | None = None

    def solvent(self, now: float) -> bool:
        """Whether something is left."""
        if self._since is not None:
            self._left = min(self.most, self._left + self.rate * max(now - self._since, 0.0))
        self._since = now
        return self._left > 0

    def pay(self, amount: float) -> None:
        """Takes it off what is left, into debt if need be."""
        self._left -= amount
