"""Islands in threads of this process: `vgp.Archipelago`."""

from __future__ import annotations

from typing import Any

from vgp.archipelago import EXCHANGE_INTERVAL, Archipelago
from vgp.backends.islands import Islands, Start


class Threads:
    """The engine works without the GIL, and each island has a sandbox of its own: a core for each."""

    def open(self, start: Start) -> Islands:
        """New islands, or those of a state."""
        began_with: dict[str, Any] = {"sandbox": start.sandbox, "loss_function": start.loss_function}
        if start.state is None:
            interval = start.exchange_interval or EXCHANGE_INTERVAL
            return Archipelago(
                start.dataset, start.parameters, jobs=start.jobs, seed=start.seed, exchange_interval=interval, **began_with
            )
        return Archipelago.resume(start.state, start.dataset, exchange_interval=start.exchange_interval, **began_with)
