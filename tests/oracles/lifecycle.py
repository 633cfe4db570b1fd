"""The life cycle's slow, obvious twin: dictionaries of organisms, one sentence of the rules per line."""

from dataclasses import dataclass, field


@dataclass
class Organism:
    loss: float
    energy: float
    size: int
    calls: list[int] = field(default_factory=list)  # numbers of the organisms called, one entry per call
    alive: bool = True


def champions(population):
    """The best living organism of each size (the first, if several are equal)."""
    best = {}
    for number, organism in population.items():
        if organism.alive and (organism.size not in best or organism.loss < population[best[organism.size]].loss):
            best[organism.size] = number
    return set(best.values())


def nourish(population, incomes, decay, share, cap):
    """One tick of energy. `incomes`: what each of the living earns by its rank, before it shares."""
    before = {number: organism.energy for number, organism in population.items()}
    for number, organism in population.items():
        if not organism.alive:
            continue
        kept = incomes[number]
        for callee in organism.calls:
            part = share * incomes[number] / len(organism.calls)
            if population[callee].alive:
                population[callee].energy += part
                kept -= part
        organism.energy += kept - decay
    for number, organism in population.items():
        if organism.alive:
            organism.energy = min(organism.energy, cap)
        else:
            assert organism.energy == before[number]


def starve(population, minimum):
    """Numbers of those that may die: without energy and not the best of their size; and how many of them do."""
    hungry = {number for number, organism in population.items() if organism.alive and organism.energy <= 0}
    doomed = hungry - champions(population)
    living = sum(organism.alive for organism in population.values())
    return doomed, min(len(doomed), max(0, living - minimum))


CRITERIA = ("loss", "expanded", "-born", "cost")


def worst(records, kind):
    """The greatest value of a predator's criterion in the records."""
    name = CRITERIA[kind]
    return max(-int(record["born"]) if name == "-born" else record[name] for record in records)


def beats(a, b):
    """Whether the first has less loss and is no larger."""
    return a["loss"] < b["loss"] and a["expanded"] <= b["expanded"]


def likeness(a, b):
    """Probe rows on which two organisms err to the same side, of 64."""
    return 64 - bin(int(a) ^ int(b)).count("1")


def replaceable(records):
    """Slots of the living that immigrants may replace: neither the best of their size nor protected. No two losses are equal."""
    best = {}
    for record in records.values():
        best[int(record["expanded"])] = min(best.get(int(record["expanded"]), float("inf")), float(record["loss"]))
    return {slot for slot, r in records.items() if float(r["loss"]) > best[int(r["expanded"])] and int(r["protected_until"]) == 0}


def replaced(records, replacement, signature):
    """Slots of which an immigrant with that signature replaces one, if all the living are looked at."""
    candidates = replaceable(records)
    if replacement == "random" or not candidates:
        return candidates
    if replacement == "worst":
        return {max(candidates, key=lambda slot: records[slot]["loss"])}
    return {max(candidates, key=lambda slot: (likeness(records[slot]["signature"], signature), records[slot]["loss"]))}


def usurped(records, loss, size):
    """Whom an immigrant replaces where nobody is replaceable: the best of its size, if that is worse than it and not protected, or
    else the worst of those that are larger, worse and not protected."""
    open_to_it = {slot: r for slot, r in records.items() if r["loss"] > loss and int(r["protected_until"]) == 0}
    beaten = {slot for slot, r in open_to_it.items() if int(r["expanded"]) == size}
    larger = [slot for slot, r in open_to_it.items() if int(r["expanded"]) > size]
    return beaten or set(sorted(larger, key=lambda slot: records[slot]["loss"])[-1:])
