"""What a formula must look like: units that hold and constraints, from parameters and units to the struct that variation asks."""

from vgp.constraints import limits_of
from vgp.layout import OPCODES

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from vgp.core cimport N_BASES, Demand, Dimension, Node, Refusal, Structure, demand_exact, demand_free
from vgp.population cimport Population
from vgp.references cimport resolve_from_population


cdef extern from *:
    """
    #include "structure.hpp"
    static vgp::Structure* vgp_new_structure() { return new (std::nothrow) vgp::Structure; }
    static void vgp_delete_structure(const vgp::Structure* s) { delete s; }
    """
    Structure* vgp_new_structure() noexcept nogil
    void vgp_delete_structure(const Structure* s) noexcept nogil


cdef Structure* structure_new(object parameters, object units, const Primitives* primitives, bint scaled, void* population) except? NULL:
    if units is None and not parameters.constraints:
        return NULL
    cdef Structure* s = vgp_new_structure()
    if s == NULL:
        raise MemoryError("no memory for units and constraints")
    try:
        s.resolve = s.units.resolve = resolve_through
        s.context = s.units.context = population
        for function, operand, inner, most in limits_of(parameters.constraints):
            if inner is None:
                s.constraints.limit_nodes(<uint8_t> OPCODES[function], <uint8_t> operand, <uint16_t> most)
            else:
                s.constraints.limit_nested(<uint8_t> OPCODES[function], <uint8_t> operand, <uint8_t> OPCODES[inner], <uint8_t> most)
        if units is not None:
            fill_units(s, parameters, units, scaled)
            s.pool.build(s.units, primitives.functions, primitives.n_functions)
    except BaseException:
        vgp_delete_structure(s)
        raise
    return s


cdef void structure_delete(const Structure* structure) noexcept nogil:
    vgp_delete_structure(structure)


cdef fill_units(Structure* s, object parameters, object units, bint scaled):
    s.has_units = True
    s.units.free_constants = not parameters.dimensionless_constants
    for exponents in units.exponents:
        s.units.columns.push_back(dimension_of(exponents))
    target = target_of(parameters, units)
    if target is None or (scaled and s.units.free_constants):
        s.units.root = demand_free()       # the slope has the unit that is missing
    else:
        s.units.root = demand_exact(dimension_of(target))


cdef Dimension dimension_of(exponents):
    cdef Dimension d
    cdef uint32_t k
    memset(&d, 0, sizeof(d))
    for k in range(N_BASES):
        d.e[k] = exponents[k] if k < len(exponents) else 0
    return d


cdef target_of(parameters, units):
    """Exponents of what a formula explains, None where that is not known: with the logistic loss it is a probability's logit."""
    return () if parameters.loss == "logistic" else units.target_exponents


cdef uint32_t scaling_allowed(object parameters, object units):
    if units is None or not parameters.linear_scaling or not parameters.dimensionless_constants:
        return parameters.linear_scaling
    target = target_of(parameters, units)
    return 1 if target is not None and not any(target) else 2


cdef uint32_t resolve_through(void* context, uint64_t organism_id, const Node** nodes) noexcept nogil:
    return resolve_from_population((<Population**> context)[0], organism_id, nodes)


cdef str refusal_name(Refusal refusal):
    return "inconsistent_units" if refusal == Refusal.units else "constraints"


cdef bint structure_refuses(const Structure* structure, const Draft* draft) noexcept nogil:
    cdef Structure* s = <Structure*> structure
    if s == NULL:
        return False
    s.drafts += 1
    if s.judge(draft.nodes, draft.size) == Refusal.none:
        return False
    s.refused_drafts += 1
    return True


cdef Refusal structure_judges(const Structure* structure, const Node* nodes, uint32_t n) noexcept nogil:
    return Refusal.none if structure == NULL else (<Structure*> structure).judge(nodes, n)
