"""Who emigrates: the second of the three policies.

A policy is two steps: `candidates`, read once from the population for all destinations, and `choose`, of those that a destination
has not seen yet. "best" takes the front, its best first; "random" anyone alive; "diverse" those that behave most differently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np

from vmesh.population import Population, Standings

#: How many are looked at for one that is chosen, and how many at most: some were seen already, and difference needs a choice.
SAMPLED_PER_CHOSEN = 4
SAMPLED_MOST = 2048


@dataclass(frozen=True)
class Selection:
    """One policy: candidates(population, its front, most, random), choose(candidates, most, random)."""

    candidates: Callable[[Population, Standings, int, Random], Standings]
    choose: Callable[[Standings, int, Random], Standings]


def _best_first(population: Population, front: Standings, most: int, random: Random) -> Standings:
    return front[::-1]


def _first(candidates: Standings, most: int, random: Random) -> Standings:
    return candidates[:most]


def _sample(population: Population, front: Standings, most: int, random: Random) -> Standings:
    wanted = max(min(SAMPLED_PER_CHOSEN * most, SAMPLED_MOST), most)
    return population.standings(wanted, random.getrandbits(63))


def _any(candidates: Standings, most: int, random: Random) -> Standings:
    return candidates[random.sample(range(len(candidates)), min(most, len(candidates)))]


def most_different(candidates: Standings, most: int, random: Random) -> Standings:
    """Begins with the best and adds, one by one, whoever's signature is farthest from the nearest one chosen (Hamming distance)."""
    if not len(candidates):
        return candidates
    signatures = candidates["signature"]
    chosen = [int(np.argmin(candidates["loss"]))]
    distance = np.bitwise_count(signatures ^ signatures[chosen[0]])
    while len(chosen) < most:
        farthest = int(np.argmax(distance))
        if distance[farthest] == 0:  # the others behave like one of the chosen
            break
        chosen.append(farthest)
        np.minimum(distance, np.bitwise_count(signatures ^ signatures[farthest]), out=distance)
    return candidates[chosen]


SELECTIONS: dict[str, Selection] = {
    "best": Selection(_best_first, _first),
    "random": Selection(_sample, _any),
    "diverse": Selection(_sample, most_different),
}
