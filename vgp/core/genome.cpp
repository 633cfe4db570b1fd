#include "genome.hpp"

#include <cmath>

#include "hash.hpp"

namespace vgp {
namespace {

struct OpcodeTable {
    uint8_t arity[256];
    const char* name[256];
    OpcodeTable() noexcept {
        for (int i = 0; i < 256; i++) arity[i] = NO_OPCODE, name[i] = nullptr;
#define VGP_OPCODE(number, identifier, text, n) arity[number] = n, name[number] = text;
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

// Depth below each node by its lengths alone, without a stack of unknown size: a running array of the depths still open.
uint32_t depth_within(const Node* nodes, uint32_t n) noexcept {
    uint16_t open[MAX_NODES];
    uint32_t top = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint16_t deepest = 0;
        for (uint8_t k = 0; k < nodes[i].arity; k++) {
            const uint16_t d = open[--top];
            if (d > deepest) deepest = d;
        }
        open[top++] = static_cast<uint16_t>(deepest + 1);
    }
    return open[0];
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
    for (uint32_t i = 0; i < n; i++) {
        const GenomeError error = check_node(nodes[i], limits);
        if (error != GenomeError::none) return error;
        const uint32_t length = subtree_length(nodes, i);
        if (length == 0) return GenomeError::stack_underflow;
        if (length != nodes[i].length) return GenomeError::bad_length;
    }
    if (nodes[n - 1].length != n) return GenomeError::not_one_result;
    if (depth_within(nodes, n) > (limits.max_depth < MAX_DEPTH ? limits.max_depth : MAX_DEPTH)) return GenomeError::too_deep;
    return GenomeError::none;
}

bool index_genome(Node* nodes, uint32_t n) noexcept {
    if (n == 0 || n > MAX_NODES) return false;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t arity = TABLE.arity[nodes[i].op];
        if (arity == NO_OPCODE) return false;
        if (arity != VARIADIC) nodes[i].arity = arity;
        if (nodes[i].arity > MAX_ARGUMENTS) return false;
        const uint32_t length = subtree_length(nodes, i);
        if (length == 0) return false;
        nodes[i].length = static_cast<uint16_t>(length);
    }
    return nodes[n - 1].length == n;
}

uint32_t genome_depth(const Node* nodes, uint32_t n) noexcept { return n == 0 || n > MAX_NODES ? 0 : depth_within(nodes, n); }

uint64_t genome_id(const Node* nodes, uint32_t n) noexcept {
    const uint64_t hash = content_hash(nodes, static_cast<size_t>(n) * sizeof(Node));
    return hash != 0 ? hash : 1;
}

}  // namespace vgp
