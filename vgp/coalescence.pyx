"""Forgetting in a family tree. Lines of mothers meet: of n organisms that breed at random all descend from one that lived some 2 n
births ago, and the tree below her has some 2 n log n births, however long the run (Kingman 1982, "The coalescent"). Selection makes it
smaller. So whoever is not the mother of a mother of ... of somebody alive is forgotten, but for the other parents of those that stay.

Only the trunk, from the founders down to where all lines meet, grows with time. Where more would be kept than may be, first only the
lines of the front's organisms stay, and then of the dead the youngest: a line begins later.
"""

from libc.math cimport INFINITY
from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memmove
from libcpp.algorithm cimport nth_element
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector

from vgp.core cimport Node
from vgp.lineage cimport ALIVE, AS_FATHER, FORGOTTEN, IN_LINE, Lineage, lineage_index
from vgp.population cimport NOWHERE, Population
from vgp.ranks cimport FrontWalk, next_of_front


cdef int sweep(Lineage l, size_t most) except -1 nogil:
    cdef vector[uint32_t] place
    cdef unordered_map[uint64_t, uint32_t] adopted
    cdef size_t dead = mark_lines(l, False)
    if dead > most:
        dead = mark_lines(l, True)
    if dead > most:
        forget_oldest(l, dead - most)
    place.assign(l.births.size(), NOWHERE)
    renumber(l, place)
    for entry in l.adopted:
        if place[entry.second] != NOWHERE:
            adopted[entry.first] = place[entry.second]
    l.adopted.swap(adopted)     # what could run out of memory is done
    move_up(l)
    refer_anew(l, place)
    return lineage_index(l)


# --- who stays ---

cdef size_t mark_lines(Lineage l, bint of_front) noexcept nogil:
    """Marks all that stay, if every line of the living does or only those of the front; returns how many of them are dead."""
    cdef const Population* p = l.engine.p
    cdef FrontWalk walk = FrontWalk(0, INFINITY)
    cdef uint32_t b, i, slot
    cdef size_t dead = 0
    for b in range(<uint32_t> l.births.size()):
        l.births[b].kept = FORGOTTEN
    if of_front:
        slot = next_of_front(p, &walk)
        while slot != NOWHERE:
            mark_line(l, l.seen[slot].birth)
            slot = next_of_front(p, &walk)
    for i in range(p.n_living):
        if not of_front:
            mark_line(l, l.seen[p.living[i]].birth)
    for i in range(p.n_living):
        l.births[l.seen[p.living[i]].birth].kept = ALIVE
    mark_fathers(l)
    for b in range(<uint32_t> l.births.size()):
        dead += l.births[b].kept != FORGOTTEN and l.births[b].kept != ALIVE
    return dead


cdef void mark_line(Lineage l, uint32_t birth) noexcept nogil:
    while birth != NOWHERE and l.births[birth].kept != IN_LINE:
        l.births[birth].kept = IN_LINE
        birth = l.births[birth].mother


cdef void mark_fathers(Lineage l) noexcept nogil:
    cdef uint32_t b, father
    for b in range(<uint32_t> l.births.size()):
        father = l.births[b].father
        if l.births[b].kept >= IN_LINE and father != NOWHERE and l.births[father].kept == FORGOTTEN:
            l.births[father].kept = AS_FATHER


cdef int forget_oldest(Lineage l, size_t n) except -1 nogil:
    """At least n of the dead, all that were born up to some tick."""
    cdef vector[uint32_t] ticks
    cdef uint32_t b, last
    for b in range(<uint32_t> l.births.size()):
        if l.births[b].kept in (AS_FATHER, IN_LINE):
            ticks.push_back(l.births[b].tick)
    nth_element(ticks.begin(), ticks.begin() + (n - 1), ticks.end())
    last = ticks[n - 1]
    for b in range(<uint32_t> l.births.size()):
        if l.births[b].kept in (AS_FATHER, IN_LINE) and l.births[b].tick <= last:
            l.births[b].kept = FORGOTTEN
    return 0


# --- how they move ---

cdef void renumber(Lineage l, vector[uint32_t]& place) noexcept nogil:
    """place: [births] where each goes, NOWHERE for the forgotten. The births themselves stay in their order."""
    cdef uint32_t b, n = 0
    for b in range(<uint32_t> l.births.size()):
        if l.births[b].kept != FORGOTTEN:
            place[b] = n
            n += 1


cdef int move_up(Lineage l) except -1 nogil:
    """Closes the gaps among births and formulas, both of which stand in the same order."""
    cdef size_t n = 0, at = 0, newest = 0
    cdef uint32_t b
    for b in range(<uint32_t> l.births.size()):
        newest += b < l.newest and l.births[b].kept != FORGOTTEN
        if l.births[b].kept != FORGOTTEN:
            memmove(l.nodes.data() + at, l.nodes.data() + l.births[b].at, l.births[b].size * sizeof(Node))
            l.births[n] = l.births[b]
            l.births[n].at = at
            at += l.births[n].size
            n += 1
    l.births.resize(n)
    l.nodes.resize(at)
    l.kept = n
    l.newest = newest
    return 0


cdef void refer_anew(Lineage l, const vector[uint32_t]& place) noexcept nogil:
    cdef size_t k
    for k in range(l.births.size()):
        l.births[k].mother = placed(place, l.births[k].mother)
        l.births[k].father = placed(place, l.births[k].father)
    for k in range(l.seen.size()):
        l.seen[k].birth = placed(place, l.seen[k].birth)


cdef inline uint32_t placed(const vector[uint32_t]& place, uint32_t birth) noexcept nogil:
    return place[birth] if birth != NOWHERE else <uint32_t> NOWHERE
