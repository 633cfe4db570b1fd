"""What an emigration costs the two workers beside evolution, step by step, with each selection policy and real populations.

Times are those of the processor, of one thread; the steps hold Python's lock for most of them. Of `import` only what is not the
sandbox's work is in them. The bar: an emigration takes less than a millisecond at both ends together.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Any, ParamSpec, TypeVar

import numpy as np

from vgp.dataset import Dataset
from vgp.island import Island
from vgp.parameters import Parameters
from vmesh.codec import decode, encode
from vmesh.exchange import Exchange
from vmesh.messages import Member, Message
from vmesh.outputs import Output, Send
from vmesh.population import IslandPopulation
from vmesh.settings import SELECTIONS
from vmesh.settings import Exchange as Settings

ROUNDS, ROWS, VARIABLES = 200, 1000, 5
BAR = 1000.0  # us
STEPS = ("choose", "encode", "decode", "check", "import", "credit")

P = ParamSpec("P")
T = TypeVar("T")


class Stopwatch:
    """Times by step."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {step: [] for step in STEPS}

    def time(self, step: str, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        began = time.thread_time()
        result = call(*args, **kwargs)
        self.taken[step].append(time.thread_time() - began)
        return result

    def medians(self) -> dict[str, float]:
        return {f"{step} us": 1e6 * median(taken or [0.0]) for step, taken in self.taken.items()}


@dataclass
class Worker:
    """One end."""

    me: Member
    population: IslandPopulation
    exchange: Exchange
    interval: float
    active: list[Member] = field(default_factory=list)
    passive: tuple[Member, ...] = ()
    successor: Member | None = None


def run() -> list[dict[str, Any]]:
    """A row per policy."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(ROWS, VARIABLES))
    dataset = Dataset.from_arrays(x, x[:, 0] * x[:, 1] + np.sin(x[:, 2] * x[:, 3]) + x[:, 4])
    return [measure(dataset, selection) for selection in SELECTIONS]


def measure(dataset: Dataset, selection: str) -> dict[str, Any]:
    """Emigrations from one island, which evolves between them, to another."""
    with Island(dataset, Parameters(), seed=1) as home, Island(dataset, Parameters(), seed=2) as abroad:
        for island in (home, abroad):
            island.create()
            island.advance(20)
        sender, receiver = (worker(name, island, selection) for name, island in (("a/0", home), ("b/0", abroad)))
        sender.active.append(receiver.me)
        watch, organisms, sizes = Stopwatch(), [], []
        for number in range(1, ROUNDS + 1):
            home.advance()
            before = sender.exchange.counters.sent_organisms
            sizes += emigrate(sender, receiver, watch, number * 1.2 * sender.interval)
            organisms.append(sender.exchange.counters.sent_organisms - before)
    steps = watch.medians()
    total = sum(steps.values())
    return {
        "selection": selection,
        "organisms": median(organisms),
        "bytes": median(sizes),
        **steps,
        "total us": total,
        "reached": total < BAR,
    }


def worker(name: str, island: Island, selection: str) -> Worker:
    population = IslandPopulation(island)
    settings = Settings(selection=selection)
    exchange = Exchange(name, settings, population, Random(1))
    return Worker(Member(name, "127.0.0.1:7100", 1, 1, ""), population, exchange, settings.interval)


def emigrate(sender: Worker, receiver: Worker, watch: Stopwatch, now: float) -> list[int]:
    """One emigration with all that follows; the bytes of its messages."""
    sizes = []
    for message in messages(watch.time("choose", sender.exchange.advance, now, sender)):
        payload = watch.time("encode", encode, sender.me, message)
        sizes.append(len(payload))
        source, arrived = watch.time("decode", decode, payload)
        back = watch.time("check", receiver.exchange.receive, source, arrived, now)
        while (taken := receiver.population.take()) is not None:
            delivery, record = taken
            report = watch.time("import", receiver.population.island.import_, record, protection=10)
            back += watch.time("credit", receiver.exchange.taken_in, delivery, report, now)
        for answer in messages(back):
            sender.exchange.receive(receiver.me, answer, now)
    return sizes


def messages(outputs: Sequence[Output]) -> Iterator[Message]:
    return (output.message for output in outputs if isinstance(output, Send))
