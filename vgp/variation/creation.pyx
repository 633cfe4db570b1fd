"""Creation: random expressions whose sizes are uniform, in the manner of the balanced tree creator (Burlacu, Kronberger,
Kommenda 2020): a function takes its place only if its operands still fit, and splits the rest among them at random."""

from libc.string cimport memcpy, memset

from vgp.core cimport Node, Opcode_constant, Opcode_variable, Rng, rng_below, rng_normal, rng_uniform
from vgp.variation.draft cimport Blocks, draft_index


cdef double make_constant(Rng& rng, double scale) noexcept nogil:
    """Half of the constants are small whole numbers, half are normal: laws hold both."""
    cdef double value
    if rng_below(rng, 2):
        value = 1.0 + rng_below(rng, 5)
        return -value if rng_below(rng, 3) == 0 else value
    return scale * rng_normal(rng)


cdef void make_terminal(Rng& rng, const Primitives* primitives, Node* node) noexcept nogil:
    memset(node, 0, sizeof(Node))
    node.length = 1
    if rng_uniform(rng) < primitives.constant_share:
        node.op = Opcode_constant
        node.value = make_constant(rng, primitives.constant_scale)
    else:
        node.op = Opcode_variable
        node.variable = rng_below(rng, primitives.n_variables)


cdef uint32_t make_block(Rng& rng, const Primitives* primitives, uint32_t size, uint32_t max_depth, Node* out) noexcept nogil:
    cdef const Blocks* blocks = &primitives.blocks
    cdef uint32_t k, length
    if blocks.n == 0 or size < 2 or rng_uniform(rng) >= blocks.share:
        return 0
    k = rng_below(rng, blocks.n)
    length = blocks.offsets[k + 1] - blocks.offsets[k]
    if length > size or blocks.depths[k] > max_depth:
        return 0
    memcpy(out, blocks.nodes + blocks.offsets[k], length * sizeof(Node))
    return length


cdef uint32_t draw_arity(Rng& rng, const Primitives* primitives, uint32_t most) noexcept nogil:
    cdef uint32_t n = primitives.first[min(most, <uint32_t> 3) + 1]
    cdef uint32_t k, arity = 1
    if most == 0 or n == 0:
        return 0
    k = rng_below(rng, n)
    while k >= primitives.first[arity + 1]:
        arity += 1
    return arity


cdef uint32_t make_tree(Rng& rng, const Primitives* primitives, uint32_t size, uint32_t max_depth, Node* out) noexcept nogil:
    cdef uint32_t arity = 0, k, share, rest, used = make_block(rng, primitives, size, max_depth, out)
    if used:
        return used
    if size > 1 and max_depth > 1:
        arity = draw_arity(rng, primitives, size - 1)
    if arity == 0:
        make_terminal(rng, primitives, out)
        return 1
    rest = size - 1
    for k in range(arity):
        share = rest if k == arity - 1 else 1 + rng_below(rng, rest - (arity - 1 - k))
        rest -= share
        used += make_tree(rng, primitives, share, max_depth - 1, out + used)
    memset(out + used, 0, sizeof(Node))
    out[used].op = primitives.functions[primitives.first[arity] + rng_below(rng, primitives.first[arity + 1] - primitives.first[arity])]
    out[used].arity = <unsigned char> arity
    out[used].length = <unsigned short> (used + 1)
    return used + 1


cdef void create(Rng& rng, const Primitives* primitives, const Limits* limits, uint32_t minimum, uint32_t maximum,
                 Draft* out) noexcept nogil:
    cdef uint32_t size = minimum + rng_below(rng, maximum - minimum + 1)
    out.size = make_tree(rng, primitives, min(size, limits.max_size), limits.max_depth, out.nodes)
    draft_index(out)
