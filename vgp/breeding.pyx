"""Breeding: choose parents, cross or copy, mutate, rewire the calls. The operators stand in vgp.variation."""

from libc.stdint cimport uint32_t

from vgp.core cimport Node, genome_id, rng_below, rng_uniform
from vgp.population cimport NOWHERE, genome_of, population_find, population_may_be_called
from vgp.variation.crossover cimport cross
from vgp.variation.draft cimport draft_copy
from vgp.variation.lexicase cimport select_by_lexicase
from vgp.variation.mutation cimport mutate
from vgp.variation.referencing cimport create_call, cut_module, drop_call, inline_call, pick_call, place_call
from vgp.variation.selection cimport select_by_tournament, select_champion, select_no_larger
from vgp.variation.typed_mutation cimport cross_within, mutate_within


cdef uint32_t select(Rng& rng, const Population* p, const Settings* s) noexcept nogil:
    if rng_uniform(rng) < s.front_selection:
        return select_champion(rng, p)
    if s.size_selection > 0 and rng_uniform(rng) < s.size_selection:
        return select_no_larger(rng, p, s.tournament_size)
    if s.lexicase_selection > 0 and rng_uniform(rng) < s.lexicase_selection:
        return select_by_lexicase(rng, p, s.lexicase_pool)
    return select_by_tournament(rng, p, s.tournament_size)


cdef void conceive(Rng& rng, const Population* p, const Settings* s, Draft* draft, uint64_t* parents) noexcept nogil:
    """A child of one or two parents into the draft."""
    cdef uint32_t first = select(rng, p, s), second
    cdef bint crossed = False
    parents[0] = p.organisms[first].id
    parents[1] = 0
    if rng_uniform(rng) < s.crossover:
        second = select(rng, p, s)
        crossed = (cross if s.limits.structure == NULL else cross_within)(
            rng, genome_of(p, first), p.organisms[first].size, genome_of(p, second), p.organisms[second].size, &s.limits, draft)
        parents[1] = p.organisms[second].id
    if not crossed:
        draft_copy(draft, genome_of(p, first), p.organisms[first].size, p.organisms[first].depth)
    if not crossed or rng_uniform(rng) < s.mutate_after_crossover:
        (mutate if s.limits.structure == NULL else mutate_within)(rng, &s.primitives, &s.limits, s.mutation_weights, draft)
    rewire(rng, p, s, draft, p.organisms[first].calls > 0 or (crossed and p.organisms[second].calls > 0))


cdef void rewire(Rng& rng, const Population* p, const Settings* s, Draft* draft, bint has_calls) noexcept nogil:
    """Creates, writes out and drops calls."""
    if s.reference_depth and s.reference_create > 0 and rng_uniform(rng) < s.reference_create:
        create_call(rng, p, &s.primitives, &s.limits, s.reference_depth, s.reference_arguments, draft)
    if has_calls:
        if rng_uniform(rng) < s.reference_inline:
            inline_call(rng, p, &s.limits, draft)
        elif rng_uniform(rng) < s.reference_drop:
            drop_call(rng, &s.primitives, &s.limits, draft)


cdef uint32_t draw_module(Rng& rng, const Population* p, const Settings* s, Draft* module, uint32_t* arguments) noexcept nogil:
    """Module acquisition (Angeline and Pollack 1992). Not where units or constraints judge: what is called must hold by itself."""
    cdef uint32_t donor
    cdef const Node* call
    module.size = 0
    if s.reference_depth == 0 or s.reference_module <= 0 or s.limits.structure != NULL or rng_uniform(rng) >= s.reference_module:
        return NOWHERE
    donor = select(rng, p, s)
    if p.organisms[donor].calls and rng_below(rng, 2):      # what serves good organisms may serve others
        call = &genome_of(p, donor)[pick_call(rng, genome_of(p, donor), p.organisms[donor].size)]
        arguments[0] = call.arity
        return population_find(p, call.reference)
    arguments[0] = cut_module(rng, genome_of(p, donor), p.organisms[donor].size, s.reference_arguments, module)
    return population_find(p, genome_id(module.nodes, module.size)) if module.size else NOWHERE


cdef void call_module(Rng& rng, const Population* p, const Settings* s, uint32_t slot, uint32_t arguments,
                      Draft* draft) noexcept nogil:
    if population_may_be_called(p, slot, s.reference_depth):
        place_call(rng, &s.primitives, &s.limits, p.organisms[slot].id, arguments, True, draft)
