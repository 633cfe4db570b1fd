"""Lines that go on in another island: immigrants come as strangers, without parents, and here their lineage is told where they came
from. What is copied is kept as long as what was born here."""

from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport Node
from vgp.lineage cimport FORGOTTEN, Birth, Lineage, lineage_find
from vgp.population cimport NOWHERE


def adopt(Lineage here, Lineage there):
    """Gives those that came here with the last command, and that lived there when they left, the lines that they have there.

    Between two commands, with both islands standing still; others may read.
    """
    cdef uint32_t b, origin
    if here is there:
        return
    with nogil:
        here.lock.lock()
        there.lock.lock()
    try:
        with nogil:
            for b in range(<uint32_t> here.newest, <uint32_t> here.births.size()):
                origin = lineage_find(there, here.births[b].id) if here.births[b].parents[0] == 0 else <uint32_t> NOWHERE
                if origin != NOWHERE:
                    take_over(here, b, there, origin)
                    trace(here, b, there, origin)
    finally:
        there.lock.unlock()
        here.lock.unlock()


cdef void take_over(Lineage here, uint32_t b, Lineage there, uint32_t origin) noexcept nogil:
    """The immigrant was born when and of whom it was there."""
    here.births[b].tick = there.births[origin].tick
    here.births[b].parents[0] = there.births[origin].parents[0]
    here.births[b].parents[1] = there.births[origin].parents[1]


cdef int trace(Lineage here, uint32_t child, Lineage there, uint32_t origin) except -1 nogil:
    """Copies the line above `origin`, up to where it is known here."""
    cdef uint32_t mother, father
    while True:
        father, mother = there.births[origin].father, there.births[origin].mother
        if father != NOWHERE:
            father = copied(here, there, father)
            here.births[child].father = father
        if mother == NOWHERE:
            return 0
        origin = mother
        mother = copied(here, there, mother)
        here.births[child].mother = mother
        if here.births[mother].mother != NOWHERE:
            return 0
        child = mother


cdef uint32_t copied(Lineage here, Lineage there, uint32_t origin) except 0xFFFFFFFE nogil:
    """That birth as one of this lineage, its own parents still unknown; the same one whenever it is asked for."""
    cdef Birth birth = there.births[origin]
    cdef uint64_t key = birth.id + birth.tick * <uint64_t> 0x9E3779B97F4A7C15
    cdef const Node* formula = &there.nodes[birth.at]
    if here.adopted.count(key):
        return here.adopted[key]
    birth.mother = birth.father = NOWHERE
    birth.kept = FORGOTTEN
    birth.at = here.nodes.size()
    here.nodes.insert(here.nodes.end(), formula, formula + birth.size)
    here.births.push_back(birth)
    here.adopted[key] = <uint32_t> here.births.size() - 1
    return here.adopted[key]
