"""A family tree that forgets nobody: every birth that can be seen from outside, and walks among them."""

from dataclasses import dataclass, field

from tests.island.tables import genomes
from vgp.algebra import scaled, simplify
from vgp.export import to_text
from vgp.genome import flatten


@dataclass(eq=False)
class Birth:
    id: int
    parents: tuple[int, ...]
    tick: int
    mother: "Birth | None" = None
    father: "Birth | None" = None
    loss: float = float("nan")
    size: int = 0
    calls: bool = False
    formula: str = ""


@dataclass(eq=False)
class Family:
    """Births on one island, noted at the end of each command like those of its lineage. `elsewhere`: where immigrants come from."""

    island: object
    with_formulas: bool = False
    elsewhere: "Family | None" = None
    births: dict[tuple[int, int], Birth] = field(default_factory=dict)  # by id and `born`
    of: dict[int, list[Birth]] = field(default_factory=dict)

    def __post_init__(self):
        self.island.follow_lineage()
        self.note()
        turns, at_end = self.island._turns, self.island._turns.at_end
        turns.at_end = lambda: (at_end(), self.note())

    def note(self):
        living, founding = self.island.living(), not self.births
        known = genomes(self.island) if self.with_formulas else {}
        new = []
        for one in living:
            key = int(one["id"]), int(one["born"])
            if key not in self.births:
                parents = tuple(int(one[name]) for name in ("parent_a", "parent_b"))
                birth = self.births[key] = Birth(key[0], tuple(dict.fromkeys(filter(None, parents))), key[1] + bool(parents[0]))
                if not founding:
                    birth.mother, birth.father = (self.before(parent, birth.tick) for parent in parents)
                new.append(birth)
            birth = self.births[key]
            birth.loss, birth.size, birth.calls = float(one["loss"]), int(one["expanded"]), bool(one["calls"])
            if self.with_formulas:
                plain = scaled(flatten(known[key[0]], known.get), float(one["slope"]), float(one["intercept"]))
                birth.formula = to_text(simplify(plain), self.island.dataset.names, digits=6)
        for birth in new:
            self.of.setdefault(birth.id, []).append(birth)

    def before(self, organism_id, tick):
        earlier = [birth for birth in self.of.get(organism_id, []) if birth.tick < tick]
        return max(earlier, key=lambda birth: birth.tick, default=None)

    def origin(self, birth):
        """Of an immigrant: the birth of that organism where it comes from."""
        if birth.parents or birth.tick == 0 or self.elsewhere is None:
            return birth
        there = self.elsewhere.before(birth.id, birth.tick + 1)
        return there and self.elsewhere.origin(there)

    def line(self, birth):
        """Eldest first."""
        line = []
        while birth is not None:
            line.insert(0, birth)
            birth = birth.mother
        return line

    def ancestors(self, organism_id):
        """(id, parents, tick, loss, size, formula) of each, as `Island.ancestors` tells them."""
        line, k = self.line(max(self.of[organism_id], key=lambda birth: birth.tick)), 0
        latest = {}
        while k < len(line):  # from the first birth of a genome in the line straight to what came of the last one
            last = max(i for i, birth in enumerate(line) if birth.id == line[k].id)
            latest[line[k].id] = line[last]
            line[k + 1 :] = line[last + 1 :]
            k += 1
        told = {birth.id: birth for birth in line}
        for birth in line:
            if birth.father is not None and birth.father.id not in told:
                told[birth.father.id] = birth.father
        rows = []
        for birth in told.values():
            parents = tuple(i for i in birth.parents if i not in told or told[i].tick < birth.tick)
            seen = latest.get(birth.id, birth)
            rows.append((birth.id, parents, birth.tick, seen.loss, seen.size, seen.formula))
        return sorted(rows, key=lambda row: (row[2], row[0]))
