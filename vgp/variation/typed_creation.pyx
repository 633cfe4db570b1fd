"""Creation under units, after strongly typed genetic programming (Montana 1995): every operand is drawn for the dimension that its
place asks for. Products and quotients are split among the dimensions that short expressions over the columns can have, so that a
formula's units are made of columns before they are made of constants."""

from libc.string cimport memset

from vgp.core cimport ANY, EXACT, FREE, KNOWN, LONGEST_EXPRESSION, NO_DIMENSION, WRONG, DimensionPool, Opcode_constant, \
    Opcode_variable, demand_exact, demand_of_operand, rng_below, rng_uniform, type_any, type_constant, type_known, type_of_function
from vgp.layout import OPCODES
from vgp.variation.creation cimport draw_arity, make_constant, make_terminal, make_tree
from vgp.variation.draft cimport draft_fits, draft_index, draft_is_admissible

from libc.stdint cimport uint8_t, uint16_t

cdef enum:
    FUNCTION_ATTEMPTS = 3
    SPLIT_ATTEMPTS = 6
    CREATION_ATTEMPTS = 8

cdef uint8_t MUL = OPCODES["mul"], DIV = OPCODES["div"], POW = OPCODES["pow"]
cdef double[6] EXPONENTS
EXPONENTS[:] = [2.0, 3.0, 0.5, -1.0, -2.0, 1.5]


cdef Type type_of_terminal(const Structure* structure, const Node* node) noexcept nogil:
    if node.op == Opcode_constant:
        return type_constant(node.value, structure.units.free_constants)
    return type_known(structure.units.columns[node.variable])


cdef uint32_t make_fitting(Rng& rng, const Primitives* primitives, const Structure* structure, uint32_t size, const Demand& demand,
                           Node* out, Type* type) noexcept nogil:
    cdef const DimensionPool* pool = &structure.pool
    cdef uint16_t i = NO_DIMENSION
    cdef bint constant = structure.units.free_constants
    if demand.kind == FREE:
        make_terminal(rng, primitives, out)
        type[0] = type_of_terminal(structure, out)
        return 1
    if demand.kind == EXACT:
        i = pool.find(demand.d)
        constant = constant or demand.accepts(type_constant(1.0, False))
    if pool.n_columns(i) and not (constant and rng_uniform(rng) < primitives.constant_share):
        memset(out, 0, sizeof(Node))
        out.op = Opcode_variable
        out.length = 1
        out.variable = pool.column(i, rng_below(rng, pool.n_columns(i)))
        type[0] = type_known(demand.d)
        return 1
    if i != NO_DIMENSION and pool.shortest(i) <= min(size, <uint32_t> LONGEST_EXPRESSION) and not (constant and rng_below(rng, 2)):
        type[0] = type_known(demand.d)
        return pool.write_shortest(rng, i, out)
    if not constant:
        return 0
    memset(out, 0, sizeof(Node))
    out.op = Opcode_constant
    out.length = 1
    out.value = make_constant(rng, primitives.constant_scale)
    type[0] = type_constant(out.value, structure.units.free_constants)
    return 1


cdef Demand first_factor(Rng& rng, const Structure* structure, uint8_t op, const Demand& demand, uint32_t first,
                         uint32_t second) noexcept nogil:
    """What the first operand of a product or quotient is to be, so that short expressions make both operands."""
    cdef const DimensionPool* pool = &structure.pool
    cdef uint16_t whole = pool.find(demand.d), other
    cdef uint32_t attempt, i
    if whole != NO_DIMENSION:
        for attempt in range(SPLIT_ATTEMPTS):
            i = min(rng_below(rng, pool.size()), rng_below(rng, pool.size()))      # the shorter an expression, the more often
            other = pool.quotient(whole, i) if op == MUL else pool.quotient(i, whole)
            if other != NO_DIMENSION and pool.shortest(i) <= first and pool.shortest(other) <= second:
                return demand_exact(pool.dimension(i))
    return demand_exact(structure.units.columns[rng_below(rng, <uint32_t> structure.units.columns.size())])


cdef uint32_t make_exponent(Rng& rng, const Structure* structure, Node* out, Type* type) noexcept nogil:
    memset(out, 0, sizeof(Node))
    out.op = Opcode_constant
    out.length = 1
    out.value = EXPONENTS[rng_below(rng, 6)]
    type[0] = type_constant(out.value, structure.units.free_constants)
    return 1


cdef uint32_t make_function(Rng& rng, const Primitives* primitives, const Structure* structure, uint8_t op, uint32_t arity,
                            uint32_t size, uint32_t max_depth, const Demand& demand, Node* out, Type* type) noexcept nogil:
    """A function of that opcode and its operands, drawn one after the other; 0 if they do not come to what is asked for."""
    cdef Type operands[3]
    cdef Demand wanted
    cdef uint32_t k, share, made, used = 0, rest = size - 1
    for k in range(3):
        operands[k] = type_any()
    if op == POW and rng_below(rng, 4):
        # the exponent decides what the base is to be: it is drawn first and put in its place afterwards
        return make_power(rng, primitives, structure, size, max_depth, demand, out, type)
    for k in range(arity):
        share = rest if k == arity - 1 else 1 + rng_below(rng, rest - (arity - 1 - k))
        rest -= share
        wanted = demand_of_operand(op, k, demand, operands)
        if k == 0 and demand.kind == EXACT and (op == MUL or op == DIV):
            wanted = first_factor(rng, structure, op, demand, share, rest)
        made = make_typed(rng, primitives, structure, share, max_depth - 1, wanted, out + used, &operands[k])
        if made == 0:
            return 0
        used += made
    return finish(op, arity, operands, demand, used, out, type)


cdef uint32_t make_power(Rng& rng, const Primitives* primitives, const Structure* structure, uint32_t size, uint32_t max_depth,
                         const Demand& demand, Node* out, Type* type) noexcept nogil:
    cdef Type operands[3]
    cdef Node exponent
    cdef uint32_t used
    make_exponent(rng, structure, &exponent, &operands[1])
    used = make_typed(rng, primitives, structure, size - 2, max_depth - 1, demand_of_operand(POW, 0, demand, operands), out, &operands[0])
    if used == 0:
        return 0
    out[used] = exponent
    return finish(POW, 2, operands, demand, used + 1, out, type)


cdef uint32_t finish(uint8_t op, uint32_t arity, const Type* operands, const Demand& demand, uint32_t used, Node* out,
                     Type* type) noexcept nogil:
    type[0] = type_of_function(op, operands)
    if not demand.accepts(type[0]):
        return 0
    memset(out + used, 0, sizeof(Node))
    out[used].op = op
    out[used].arity = <unsigned char> arity
    out[used].length = <unsigned short> (used + 1)
    return used + 1


cdef uint32_t make_typed(Rng& rng, const Primitives* primitives, const Structure* structure, uint32_t size, uint32_t max_depth,
                         const Demand& demand, Node* out, Type* type) noexcept nogil:
    cdef uint32_t attempt, arity, made, place
    if size > 1 and max_depth > 1:
        for attempt in range(FUNCTION_ATTEMPTS):
            arity = draw_arity(rng, primitives, size - 1)
            if arity == 0:
                break
            place = primitives.first[arity] + rng_below(rng, primitives.first[arity + 1] - primitives.first[arity])
            if not may_give(primitives.functions[place], demand):
                continue
            made = make_function(rng, primitives, structure, primitives.functions[place], arity, size, max_depth, demand, out, type)
            if made:
                return made
    return make_fitting(rng, primitives, structure, size, demand, out, type)


cdef cbool may_give(uint8_t op, const Demand& demand) noexcept nogil:
    """Whether a function of operands that could be anything could meet the demand: a sine is never a length."""
    cdef Type anything[3]
    cdef uint32_t k
    for k in range(3):
        anything[k] = type_any()
    return demand.accepts(type_of_function(op, anything))


cdef cbool create_within(Rng& rng, const Primitives* primitives, const Limits* limits, uint32_t minimum, uint32_t maximum,
                         Draft* out) noexcept nogil:
    cdef const Structure* structure = limits.structure
    cdef uint32_t attempt, size
    cdef Type type
    for attempt in range(CREATION_ATTEMPTS):
        size = min(minimum + rng_below(rng, maximum - minimum + 1), limits.max_size)
        if structure.has_units:
            out.size = make_typed(rng, primitives, structure, size, limits.max_depth, structure.units.root, out.nodes, &type)
            # where the target's unit takes more columns than the size drawn leaves room for
            if out.size == 0:
                size = limits.max_size
                out.size = make_typed(rng, primitives, structure, size, limits.max_depth, structure.units.root, out.nodes, &type)
        else:
            out.size = make_tree(rng, primitives, size, limits.max_depth, out.nodes)
        if out.size and draft_index(out) and draft_fits(out, limits) and draft_is_admissible(out, limits):
            return True
    return False
