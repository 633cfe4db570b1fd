"""A formula as one genome, intercept and slope in it, and which of its constants are recognised numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from vgp.front import FrontEntry
from vgp.genome import genome_id, index
from vgp.layout import CONSTANT, NODE, OPCODES, REFERENCE, Genome, constant_payload, constant_value
from vgp.polishing.neutral import without_neutral
from vgp.polishing.numbers import Plain


@dataclass(frozen=True)
class Fit:
    """intercept + slope * f as one genome, as far as they are there, and which of its constants are recognised."""

    nodes: Genome
    line: tuple[bool, bool]  # whether there is an intercept, a slope
    plain: dict[int, Plain] = field(default_factory=dict)  # by index of the constant's node

    @classmethod
    def of(cls, entry: FrontEntry) -> Fit:
        line = entry.intercept != 0, entry.slope != 1
        return cls(_joined(entry.nodes, entry.intercept, entry.slope, line), line)

    @property
    def constants(self) -> list[int]:
        """Indices of the nodes that are constants."""
        return np.flatnonzero(self.nodes["op"] == CONSTANT).tolist()

    @property
    def free(self) -> list[int]:
        return [i for i in self.constants if i not in self.plain]

    @property
    def body(self) -> Genome:
        n = sum(self.line)
        return index(self.nodes[n : len(self.nodes) - n].copy())

    def value(self, i: int) -> float:
        return constant_value(int(self.nodes["payload"][i]))

    def holding(self, i: int, plain: Plain) -> Fit:
        """The same with constant i at that number."""
        nodes = self.nodes.copy()
        nodes["payload"][i] = constant_payload(plain.value)
        return replace(self, nodes=nodes, plain={**self.plain, i: plain})

    def called(self) -> tuple[Genome, dict[int, Genome]]:
        """The genome in which recognised numbers are calls, and the organisms that it calls."""
        nodes, callees = self.nodes.copy(), {}
        for i in self.plain:
            number = index(self.nodes[i : i + 1].copy())
            callees[genome_id(number)] = number
            nodes["op"][i], nodes["payload"][i] = REFERENCE, genome_id(number)
        return nodes, callees

    def taking(self, tuned: Genome) -> Fit:
        """The same with the free constants of a genome made by called()."""
        nodes, free = self.nodes.copy(), self.free
        nodes["payload"][free] = tuned["payload"][free]
        return replace(self, nodes=nodes)

    def entry(self, before: FrontEntry) -> FrontEntry:
        """As an entry of a front: line and formula apart. Its loss is still the one before."""
        body = self.body
        numbers = [self.value(i) for i in range(sum(self.line))]
        intercept = numbers[0] if self.line[0] else 0.0
        slope = numbers[-1] if self.line[1] else 1.0
        return replace(before, nodes=body, size=len(body), slope=slope, intercept=intercept, id=genome_id(body))

    def without_neutral(self) -> Fit:
        """The same formula without parts that have no effect."""
        body, n = without_neutral(self.body), sum(self.line)
        at = np.flatnonzero(body["op"] == CONSTANT)
        nodes = index(np.concatenate([self.nodes[:n], body, self.nodes[len(self.nodes) - n :]]))
        plain = {i: self.plain[i] for i in range(n) if i in self.plain}
        values = {number.value: number for number in self.plain.values()}
        plain |= {int(n + i): values[v] for i in at if (v := constant_value(int(body["payload"][i]))) in values}
        return Fit(nodes, self.line, plain)


def _joined(body: Genome, intercept: float, slope: float, line: tuple[bool, bool]) -> Genome:
    numbers = [value for value, there in zip((intercept, slope), line, strict=True) if there]
    functions = [name for name, there in zip(("mul", "add"), line[::-1], strict=True) if there]
    nodes = np.zeros(len(numbers) + len(body) + len(functions), NODE)
    for i, value in enumerate(numbers):
        nodes["op"][i], nodes["payload"][i] = CONSTANT, constant_payload(value)
    nodes[len(numbers) : len(numbers) + len(body)] = body
    for i, name in enumerate(functions, len(numbers) + len(body)):
        nodes["op"][i], nodes["arity"][i] = OPCODES[name], 2
    return index(nodes)
