"""How a made-up mesh goes on: arrays over all workers, moved by so many seconds at a time, the same for the same seed."""

from __future__ import annotations

import math

import numpy as np

from vgp.statistics import DEATHS
from vmesh.watch.made_up_run import LADDER, LOSSES, neighbours

RUNNING, PAUSED, DRAINING = 0, 1, 2
CAUSES = np.array([0.34, 0.22, 0.16, 0.12, 0.10, 0.06])[: len(DEATHS)]
INVALID = (("non_finite", 0.011), ("work_limit", 0.0006), ("timed_out", 0.00002))
EMIGRANTS, DESTINATIONS = 20, 2  # per second
CHECKPOINT_INTERVAL = 60.0
CAPACITY = 4096


class Mesh:
    """The numbers of `count` workers; `host[i]` is the machine of worker i."""

    def __init__(self, seed: int, count: int, host: np.ndarray) -> None:
        self.random = random = np.random.default_rng(seed)
        self.count = count
        self.state = np.zeros(count, dtype=np.int8)
        self.silent = np.zeros(count)  # seconds until it answers again
        self.level = np.full(count, -1)
        self.excess = np.ones(count)  # how much worse its loss is than that of its formula with the best constants
        self.pace = 21_000 * (0.86 + 0.05 * (host % 7)) * random.normal(1.0, 0.03, count)
        self.noise = np.zeros(count)
        self.speed = self.pace.copy()  # evaluations a second, now
        self.ticks, self.evaluations, self.births, self.duplicates = (np.zeros(count) for _ in range(4))
        self.deaths = np.zeros((count, len(CAUSES)))
        self.memory = random.uniform(150e6, 190e6, count)
        self.cpu_seconds, self.cpu = np.zeros(count), np.ones(count)
        self.checkpoint_age = random.uniform(0, CHECKPOINT_INTERVAL, count)
        self.checkpoint_tick = np.zeros(count)
        self.fails = random.random(count) < (0.004 if count >= 64 else 0.0)  # to write its checkpoints
        self.loss = np.full(count, math.nan)  # the best of each; NaN before the first
        self.finder: dict[int, int] = {}  # level: who had it first
        self.links = neighbours(random, count)
        self.degree = np.array([len(one) for one in self.links])
        width = max(1, int(self.degree.max(initial=0)))
        self.table = np.zeros((count, width), dtype=np.int64)  # neighbours of each, filled up with itself
        for i, found in enumerate(self.links):
            self.table[i] = found + [i] * (width - len(found))
        self.sent = np.zeros((count, width), dtype=np.int64)  # to each of `table`
        self.just_sent = np.zeros((count, width), dtype=np.int64)
        self.received = np.zeros(count, dtype=np.int64)

    @property
    def active(self) -> np.ndarray:
        """Who evolves."""
        return self.state == RUNNING

    def step(self, seconds: float) -> None:
        """All that happens in so much time."""
        self._evolve(seconds)
        self._find(seconds)
        self._exchange(seconds)
        self._keep(seconds)

    def _evolve(self, seconds: float) -> None:
        random, active = self.random, self.active
        self.noise = 0.8 * self.noise + random.normal(0.0, 0.02, self.count)
        self.speed = np.where(active, self.pace * (1.0 + self.noise), 0.0)
        done = self.speed * seconds
        self.evaluations += done
        self.ticks += done / 420
        born = done * random.uniform(0.90, 0.93, self.count)
        self.births += born
        self.duplicates += done - born
        self.deaths += born[:, None] * CAUSES * random.uniform(0.9, 1.1, (self.count, len(CAUSES)))
        self.cpu = np.where(active, random.uniform(0.93, 1.0, self.count), 0.01)
        self.cpu_seconds += self.cpu * seconds
        self.memory += np.where(active, random.normal(900.0, 90_000.0, self.count) * min(seconds, 4.0), 0.0)
        np.clip(self.memory, 120e6, 560e6, out=self.memory)

    def _find(self, seconds: float) -> None:
        """A better formula is found by chance, ever more rarely; a neighbour's is taken over within some seconds."""
        random, before = self.random, self.level.copy()
        rarity = 5.0 * 1.55 ** np.maximum(self.level, 0) * np.where(self.level < 0, 0.1, self.count)
        lucky = random.random(self.count) < 1.0 - np.exp(-seconds / rarity)
        told = self.table[np.arange(self.count), random.integers(0, self.table.shape[1], self.count)]
        taken = random.random(self.count) < 1.0 - math.exp(-0.22 * seconds)
        level = np.maximum(self.level + (lucky & self.active), np.where(taken & self.active, self.level[told], -1))
        self.level = np.minimum(level, len(LADDER) - 1)
        better = self.level > before
        fresh = random.uniform(1.05, 2.2, self.count)
        self.excess = np.where(better, fresh, 1.0 + (self.excess - 1.0) * math.exp(-seconds / 45.0))
        known = np.where(self.level >= 0, np.minimum(LOSSES[np.maximum(self.level, 0)] * self.excess, 1.0), math.nan)
        self.loss = np.fmin(self.loss, known)
        for i in np.flatnonzero(better).tolist():
            for reached in range(max(before[i] + 1, 0), int(self.level[i]) + 1):
                self.finder.setdefault(reached, i)

    def _exchange(self, seconds: float) -> None:
        width = self.table.shape[1]
        chance = np.minimum(DESTINATIONS / np.maximum(self.degree, 1), 1.0)[:, None]
        times = self.random.binomial(max(1, round(seconds)), chance, (self.count, width))
        real = np.arange(width)[None, :] < self.degree[:, None]
        self.just_sent = np.where(real & self.active[:, None], times * EMIGRANTS, 0)
        self.sent += self.just_sent
        self.received += np.bincount(self.table.ravel(), self.just_sent.ravel(), self.count).astype(np.int64)

    def _keep(self, seconds: float) -> None:
        self.checkpoint_age += seconds
        due = (self.checkpoint_age >= CHECKPOINT_INTERVAL) & ~self.fails & self.active
        self.checkpoint_age[due] %= CHECKPOINT_INTERVAL
        self.checkpoint_tick[due] = self.ticks[due]
        self.silent = np.maximum(0.0, self.silent - seconds)
        if self.count >= 64 and self.random.random() < 1.0 - math.exp(-0.02 * seconds):
            self.silent[self.random.integers(self.count)] = self.random.uniform(8.0, 40.0)
