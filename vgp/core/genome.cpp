#include "genome.hpp"

#include <cmath>

#include "hash.hpp"

namespace vgp {
namespace {

// Kinds of nodes by what their payload must be: index into the rules of is_valid().
enum Kind : uint8_t { IS_CONSTANT, IS_VARIABLE, IS_REFERENCE, IS_FUNCTION, IS_UNKNOWN };

// A payload p is good if (p << shift) - less < limit, unsigned: finite, below the number of columns, not 0, or 0.
struct PayloadRule {
    uint8_t shift, less;
    uint64_t limit;
};

struct OpcodeTable {
    uint8_t arity[256];
    uint8_t kind[256];
    const char* name[256];
    OpcodeTable() noexcept {
        for (int i = 0; i < 256; i++) arity[i] = NO_OPCODE, name[i] = nullptr, kind[i] = IS_UNKNOWN;
#define VGP_OPCODE(number, identifier, text, n) arity[number] = n, name[number] = text, kind[number] = number < 3 ? number : IS_FUNCTION;
#include "opcodes.def"
#undef VGP_OPCODE
    }
};
const OpcodeTable TABLE;

constexpr uint8_t CONSTANT = static_cast<uint8_t>(Opcode::constant);
constexpr uint8_t VARIABLE = static_cast<uint8_t>(Opcode::variable);
constexpr uint8_t REFERENCE = static_cast<uint8_t>(Opcode::reference);

GenomeError check_node(const Node& node, const GenomeLimits& limits) noexcept {
    const uint8_t arity = TABLE.arity[node.op];
    if (arity == NO_OPCODE) return GenomeError::unknown_opcode;
    if (arity == VARIADIC ? node.arity > MAX_ARGUMENTS : node.arity != arity) return GenomeError::bad_arity;
    if (node.op == CONSTANT) return std::isfinite(node.value) ? GenomeError::none : GenomeError::non_finite_constant;
    if (node.op == VARIABLE) return node.variable < limits.n_variables ? GenomeError::none : GenomeError::unknown_variable;
    if (node.op == REFERENCE) return node.payload != 0 ? GenomeError::none : GenomeError::bad_payload;
    return node.payload == 0 ? GenomeError::none : GenomeError::bad_payload;
}

// The subtree lengths must chain: operand k of node i ends where operand k + 1 begins. Returns the length of the
// subtree that ends at i, or 0 if an operand is missing.
uint32_t subtree_length(const Node* nodes, uint32_t i) noexcept {
    uint32_t total = 1;
    for (uint8_t k = 0; k < nodes[i].arity; k++) {
        if (total > i) return 0;
        total += nodes[i - total].length;
        if (total > i + 1) return 0;
    }
    return total;
}

// A subtree that waits for the function above it.
struct Open {
    uint32_t length, depth;
};

// The subtree of a function over the `arity` topmost of the open ones; `top` points behind them. Without a branch: what lies
// below an operand that is not asked for is read, so a stack needs three entries below its first.
inline Open joined(const Open* top, uint32_t arity) noexcept {
    const Open a = top[-1], b = top[-2], c = top[-3];
    const uint32_t one = 0u - (arity > 0), two = 0u - (arity > 1), three = 0u - (arity > 2);
    uint32_t depth = a.depth & one;
    depth = (b.depth & two) > depth ? b.depth : depth;
    depth = (c.depth & three) > depth ? c.depth : depth;
    return {1 + (a.length & one) + (b.length & two) + (c.length & three), depth + 1};
}

uint32_t depth_within(const Node* nodes, uint32_t n) noexcept {
    Open open[MAX_NODES + 3];
    open[0] = open[1] = open[2] = {0, 0};
    Open* top = open + 3;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t arity = nodes[i].arity;
        const Open subtree = joined(top, arity);
        top -= arity;
        *top++ = subtree;
    }
    return open[3].depth;
}

// The verdict alone, in one pass whose branches all fall one way while the genome is valid: genomes are as good as random to a
// branch predictor, and every organism of every batch comes by here.
bool is_valid(const Node* nodes, uint32_t n, const GenomeLimits& limits) noexcept {
    const PayloadRule rules[5] = {{1, 0, 0xffe0000000000000ull}, {0, 0, limits.n_variables}, {0, 1, ~uint64_t{0}}, {0, 0, 1}, {0, 0, 0}};
    Open open[MAX_NODES + 3];
    open[0] = open[1] = open[2] = {0, 0};  // what an operand that is not there reads
    int64_t top = 3;
    uint32_t deepest = 0, bad = 0;
    for (uint32_t i = 0; i < n; i++) {
        const Node& node = nodes[i];
        const uint32_t arity = node.arity, stored = TABLE.arity[node.op];
        const PayloadRule rule = rules[TABLE.kind[node.op]];
        bad |= !(((node.payload << rule.shift) - rule.less) < rule.limit);
        bad |= (stored == VARIADIC) ? arity > MAX_ARGUMENTS : arity != stored;
        if (bad || arity > top - 3) return false;
        const Open subtree = joined(open + top, arity);
        deepest = subtree.depth > deepest ? subtree.depth : deepest;
        bad |= subtree.length != node.length;
        top += 1 - static_cast<int64_t>(arity);
        open[top - 1] = subtree;
    }
    return !bad && top == 4 && deepest <= (limits.max_depth < MAX_DEPTH ? limits.max_depth : MAX_DEPTH);
}

// The first error of a genome that has one.
GenomeError find_error(const Node* nodes, uint32_t n, const GenomeLimits& limits) noexcept {
    for (uint32_t i = 0; i < n; i++) {
        const GenomeError error = check_node(nodes[i], limits);
        if (error != GenomeError::none) return error;
        const uint32_t length = subtree_length(nodes, i);
        if (length == 0) return GenomeError::stack_underflow;
        if (length != nodes[i].length) return GenomeError::bad_length;
    }
    return nodes[n - 1].length != n ? GenomeError::not_one_result : GenomeError::too_deep;
}

}  // namespace

uint8_t opcode_arity(uint8_t op) noexcept { return TABLE.arity[op]; }
const char* opcode_name(uint8_t op) noexcept { return TABLE.name[op]; }

const char* genome_error_name(GenomeError error) noexcept {
    switch (error) {
        case GenomeError::none: return "none";
        case GenomeError::empty: return "empty";
        case GenomeError::too_long: return "too_long";
        case GenomeError::too_deep: return "too_deep";
        case GenomeError::unknown_opcode: return "unknown_opcode";
        case GenomeError::bad_arity: return "bad_arity";
        case GenomeError::bad_length: return "bad_length";
        case GenomeError::stack_underflow: return "stack_underflow";
        case GenomeError::not_one_result: return "not_one_result";
        case GenomeError::unknown_variable: return "unknown_variable";
        case GenomeError::non_finite_constant: return "non_finite_constant";
        case GenomeError::bad_payload: return "bad_payload";
    }
    return "unknown";
}

GenomeError validate(const Node* nodes, uint32_t n, const GenomeLimits& limits) noexcept {
    if (n == 0) return GenomeError::empty;
    if (n > limits.max_nodes || n > MAX_NODES) return GenomeError::too_long;
    return is_valid(nodes, n, limits) ? GenomeError::none : find_error(nodes, n, limits);
}

uint32_t index_genome(Node* nodes, uint32_t n) noexcept {
    if (n == 0 || n > MAX_NODES) return 0;
    Open open[MAX_NODES + 3];
    open[0] = open[1] = open[2] = {0, 0};
    Open* top = open + 3;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t stored = TABLE.arity[nodes[i].op];
        const uint32_t arity = stored == VARIADIC ? nodes[i].arity : stored;  // NO_OPCODE is more than any arity
        if (arity > MAX_ARGUMENTS || arity > top - (open + 3)) return 0;
        const Open subtree = joined(top, arity);
        nodes[i].arity = static_cast<uint8_t>(arity);
        nodes[i].length = static_cast<uint16_t>(subtree.length);
        top -= arity;
        *top++ = subtree;
    }
    return top == open + 4 ? open[3].depth : 0;
}

uint32_t genome_depth(const Node* nodes, uint32_t n) noexcept { return n == 0 || n > MAX_NODES ? 0 : depth_within(nodes, n); }

uint64_t genome_id(const Node* nodes, uint32_t n) noexcept {
    const uint64_t hash = content_hash(nodes, static_cast<size_t>(n) * sizeof(Node));
    return hash != 0 ? hash : 1;
}

}  // namespace vgp
