"""Mutation and crossover under units and constraints: the place is chosen first, then what stands around it says what may come there
(core/units.hpp), and only that is drawn. Constraints are checked on the result, in a few attempts."""

from libc.stdint cimport uint8_t
from libc.string cimport memcpy, memset

from vgp.core cimport FREE, NOTHING, Demand, Structure, Type, demand_at, demand_of_operand, infer, rng_below, type_any, type_of_function
from vgp.parameters import MUTATIONS
from vgp.variation.crossover cimport cross, join
from vgp.variation.draft cimport draft_copy, draft_fits, draft_index, draft_is_admissible, draft_replace, pick_position
from vgp.variation.mutation cimport N_MUTATIONS, OPERATORS, Operator, arity_of, draw_operator, pick_where
from vgp.variation.typed_creation cimport make_fitting, make_typed

cdef enum:
    ATTEMPTS = 4
    LARGEST_FRESH = 9           # nodes of a new subtree
    LARGEST_OPERAND = 5         # ... of the other operands of an inserted function


cdef cbool change_terminal(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    cdef uint32_t at = pick_where(rng, draft, False)
    return renew(rng, primitives, limits, draft, at, 1)


cdef cbool new_subtree(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    cdef uint32_t at = pick_position(rng, draft.nodes, draft.size)
    cdef uint32_t room = limits.max_size - min(limits.max_size, draft.size - draft.nodes[at].length)
    return room > 0 and renew(rng, primitives, limits, draft, at, 1 + rng_below(rng, min(room, <uint32_t> LARGEST_FRESH)))


cdef cbool renew(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft, uint32_t at, uint32_t size) noexcept nogil:
    """A new expression of about `size` nodes in place of the subtree that ends at `at`."""
    cdef Type types[1024]
    cdef Type type
    cdef Node fresh[1024]
    cdef const Structure* structure = limits.structure
    infer(structure.units, draft.nodes, draft.size, types)
    cdef Demand demand = demand_at(structure.units, draft.nodes, draft.size, types, at)
    if demand.kind == NOTHING:
        return False
    cdef uint32_t made
    if size == 1:
        made = make_fitting(rng, primitives, structure, LARGEST_OPERAND, demand, fresh, &type)
    else:
        made = make_typed(rng, primitives, structure, size, limits.max_depth, demand, fresh, &type)
    return made > 0 and draft_replace(draft, at, fresh, made, limits.max_size) and draft_index(draft)


cdef cbool insert_function(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    """A function above a subtree; its other operands are drawn for what function, place and subtree ask of them."""
    cdef Type types[1024]
    cdef Type operands[3]
    cdef Node fresh[1024]
    cdef const Structure* structure = limits.structure
    cdef uint32_t at = rng_below(rng, draft.size), length = draft.nodes[at].length
    cdef uint32_t k, arity, place, made, used = 0
    cdef uint8_t op
    cdef Demand demand, wanted
    if primitives.n_functions == 0:
        return False
    op = primitives.functions[rng_below(rng, primitives.n_functions)]
    arity = arity_of(primitives, op)
    infer(structure.units, draft.nodes, draft.size, types)
    demand = demand_at(structure.units, draft.nodes, draft.size, types, at)
    place = rng_below(rng, arity)
    for k in range(3):
        operands[k] = types[at] if k == place else type_any()
    for k in range(arity):
        if k == place:
            if used + length > limits.max_size:
                return False
            memcpy(&fresh[used], &draft.nodes[at + 1 - length], length * sizeof(Node))
            used += length
            continue
        wanted = demand_of_operand(op, k, demand, operands)
        if used + LARGEST_OPERAND + length >= limits.max_size or wanted.kind == NOTHING:
            return False
        made = make_fitting(rng, primitives, structure, LARGEST_OPERAND, wanted, fresh + used, &operands[k])
        if made == 0:
            return False
        used += made
    if not demand.accepts(type_of_function(op, operands)):
        return False
    memset(&fresh[used], 0, sizeof(Node))
    fresh[used].op = op
    fresh[used].arity = <uint8_t> arity
    return draft_replace(draft, at, fresh, used + 1, limits.max_size) and draft_index(draft)


cdef uint32_t pick_accepted(Rng& rng, const Node* nodes, const Type* types, uint32_t first, uint32_t n, const Demand& demand,
                            uint32_t longest) noexcept nogil:
    """A position from `first` on, of n, whose subtree meets the demand and is not too long; functions come first. first + n: none."""
    cdef uint32_t start = rng_below(rng, n), k, at, terminal = first + n
    cdef bint any_kind = rng_below(rng, 10) == 0
    for k in range(n):
        at = first + (start + k) % n
        if nodes[at].length <= longest and demand.accepts(types[at]):
            if nodes[at].arity > 0 or any_kind:
                return at
            if terminal == first + n:
                terminal = at
    return terminal


cdef cbool hoist(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    """A subtree gives its place to one of its own subtrees that the place accepts."""
    cdef Type types[1024]
    cdef Node kept[1024]
    cdef uint32_t at = pick_where(rng, draft, True), first, inner, length
    cdef Demand demand
    if at == draft.size or draft.nodes[at].length < 2:
        return False
    infer(limits.structure.units, draft.nodes, draft.size, types)
    demand = demand_at(limits.structure.units, draft.nodes, draft.size, types, at)
    first = at + 1 - draft.nodes[at].length
    inner = pick_accepted(rng, draft.nodes, types, first, at - first, demand, draft.size)
    if inner == at:
        return False
    length = draft.nodes[inner].length
    memcpy(kept, &draft.nodes[inner + 1 - length], length * sizeof(Node))
    return draft_replace(draft, at, kept, length, limits.max_size) and draft_index(draft)


cdef Operator[N_MUTATIONS] TYPED
for _number in range(N_MUTATIONS):
    TYPED[_number] = OPERATORS[_number]
TYPED[<int> MUTATIONS.index("terminal")] = change_terminal
TYPED[<int> MUTATIONS.index("subtree")] = new_subtree
TYPED[<int> MUTATIONS.index("insert")] = insert_function
TYPED[<int> MUTATIONS.index("hoist")] = hoist


cdef cbool mutate_within(Rng& rng, const Primitives* primitives, const Limits* limits, const double* weights,
                         Draft* draft) noexcept nogil:
    cdef Draft before
    cdef uint32_t attempt, operator
    cdef cbool changed
    draft_copy(&before, draft.nodes, draft.size, draft.depth)
    for attempt in range(ATTEMPTS):
        operator = draw_operator(rng, weights)
        if limits.structure.has_units:
            changed = TYPED[operator](rng, primitives, limits, draft)
        else:
            changed = OPERATORS[operator](rng, primitives, limits, draft)
        if changed and draft_fits(draft, limits) and draft_is_admissible(draft, limits):
            return True
        draft_copy(draft, before.nodes, before.size, before.depth)
    return False


cdef cbool cross_within(Rng& rng, const Node* first, uint32_t n_first, const Node* second, uint32_t n_second, const Limits* limits,
                        Draft* out) noexcept nogil:
    cdef uint32_t attempt
    for attempt in range(ATTEMPTS):
        if limits.structure.has_units:
            if not cross_typed(rng, first, n_first, second, n_second, limits, out):
                continue
        elif not cross(rng, first, n_first, second, n_second, limits, out):
            return False
        if draft_is_admissible(out, limits):
            return True
    return False


cdef cbool cross_typed(Rng& rng, const Node* first, uint32_t n_first, const Node* second, uint32_t n_second, const Limits* limits,
                       Draft* out) noexcept nogil:
    cdef Type types[1024]
    cdef uint32_t at = pick_position(rng, first, n_first), of, room
    infer(limits.structure.units, first, n_first, types)
    cdef Demand demand = demand_at(limits.structure.units, first, n_first, types, at)
    room = limits.max_size - min(limits.max_size, n_first - first[at].length)
    infer(limits.structure.units, second, n_second, types)
    of = pick_accepted(rng, second, types, 0, n_second, demand, room)
    if of == n_second:
        return False
    join(out, first, n_first, at, second + of + 1 - second[of].length, second[of].length)
    return draft_index(out) and draft_fits(out, limits)
