#include "record.hpp"

#include <cmath>
#include <cstring>

namespace vgp {
namespace {

constexpr uint8_t CONSTANT = static_cast<uint8_t>(Opcode::constant);
constexpr uint8_t VARIABLE = static_cast<uint8_t>(Opcode::variable);
constexpr uint8_t REFERENCE = static_cast<uint8_t>(Opcode::reference);

template <class T>
inline T load(const unsigned char* p) noexcept {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

template <class T>
inline unsigned char* store(unsigned char* p, T value) noexcept {
    std::memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

inline size_t node_bytes(uint8_t op) noexcept {
    return op == CONSTANT ? 9 : op == VARIABLE ? 3 : op == REFERENCE ? 10 : 1;
}

// Reads opcode, arity and payload of one node from p, where node_bytes(*p) bytes are known to be.
inline GenomeError read_node(const unsigned char* p, Node* node) noexcept {
    const uint8_t arity = opcode_arity(*p);
    *node = Node{*p, arity, 0, {.payload = 0}};
    if (arity == NO_OPCODE) return GenomeError::unknown_opcode;
    if (*p == CONSTANT) {
        node->payload = load<uint64_t>(p + 1);
        return std::isfinite(node->value) ? GenomeError::none : GenomeError::non_finite_constant;
    }
    if (*p == VARIABLE) node->variable = load<uint16_t>(p + 1);
    if (*p == REFERENCE) {
        node->arity = p[1];
        node->reference = load<uint64_t>(p + 2);
        if (node->arity > MAX_ARGUMENTS) return GenomeError::bad_arity;
        if (node->reference == 0) return GenomeError::bad_payload;
    }
    return GenomeError::none;
}

// Sets the length of out[i] and depth[i] from its operands; false if an operand is missing.
inline bool join_operands(Node* out, uint16_t* depth, uint32_t i) noexcept {
    uint32_t total = 1;
    uint16_t deepest = 0;
    for (uint8_t k = 0; k < out[i].arity; k++) {
        if (total > i) return false;
        const uint32_t operand = i - total;
        if (depth[operand] > deepest) deepest = depth[operand];
        total += out[operand].length;
    }
    if (total > i + 1) return false;
    out[i].length = static_cast<uint16_t>(total);
    depth[i] = static_cast<uint16_t>(deepest + 1);
    return true;
}

RecordVerdict refuse(RecordError error, uint32_t organism = 0, GenomeError genome = GenomeError::none) noexcept {
    return {error, genome, organism};
}

}  // namespace

const char* record_error_name(RecordError error) noexcept {
    static const char* const names[] = {
        "none", "truncated", "bad_magic", "unsupported_version", "bad_flags", "bad_checksum", "bad_count", "trailing_bytes",
        "malformed_organism", "duplicate_organism", "unused_organism", "missing_reference", "wrong_order", "reference_depth", "work_limit",
        "no_memory",
    };
    const auto i = static_cast<uint32_t>(error);
    return i < sizeof names / sizeof *names ? names[i] : "unknown";
}

size_t encoded_bytes(const Node* nodes, size_t n) noexcept {
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) bytes += node_bytes(nodes[i].op);
    return bytes;
}

size_t encode_nodes(const Node* nodes, size_t n, unsigned char* out) noexcept {
    unsigned char* p = out;
    for (size_t i = 0; i < n; i++) {
        const Node& node = nodes[i];
        *p++ = node.op;
        if (node.op == CONSTANT) p = store(p, node.payload);
        if (node.op == VARIABLE) p = store(p, static_cast<uint16_t>(node.variable));
        if (node.op == REFERENCE) *p++ = node.arity, p = store(p, node.reference);
    }
    return static_cast<size_t>(p - out);
}

GenomeError decode_nodes(const unsigned char* in, size_t bytes, uint32_t n, Node* out, size_t* used) noexcept {
    uint16_t depth[MAX_NODES];
    *used = SIZE_MAX;
    if (n == 0) return *used = 0, GenomeError::empty;
    if (n > MAX_NODES) return *used = 0, GenomeError::too_long;
    const unsigned char* p = in;
    const unsigned char* const end = in + bytes;
    for (uint32_t i = 0; i < n; i++) {
        if (p == end || static_cast<size_t>(end - p) < node_bytes(*p)) return GenomeError::empty;
        const GenomeError error = read_node(p, &out[i]);
        if (error != GenomeError::none) return *used = 0, error;
        p += node_bytes(*p);
        if (!join_operands(out, depth, i)) return *used = 0, GenomeError::stack_underflow;
        if (depth[i] > MAX_DEPTH) return *used = 0, GenomeError::too_deep;
    }
    *used = static_cast<size_t>(p - in);
    return out[n - 1].length == n ? GenomeError::none : GenomeError::not_one_result;
}

RecordVerdict decode_genomes(const unsigned char* in, size_t bytes, const uint32_t* offsets, uint32_t n, Node* out) noexcept {
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (offsets[i + 1] < offsets[i]) return refuse(RecordError::bad_count, i);
        size_t used;
        const GenomeError error = decode_nodes(in + at, bytes - at, offsets[i + 1] - offsets[i], out + offsets[i], &used);
        if (used == SIZE_MAX) return refuse(RecordError::truncated, i);
        if (error != GenomeError::none) return refuse(RecordError::malformed_organism, i, error);
        at += used;
    }
    return at == bytes ? RecordVerdict{} : refuse(RecordError::trailing_bytes, n);
}

}  // namespace vgp
