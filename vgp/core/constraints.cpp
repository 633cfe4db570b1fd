#include "constraints.hpp"

#include <algorithm>

namespace vgp {
namespace {

// The most nodes of each opcode on a path from a subtree's root down.
struct Deepest {
    uint8_t of[N_OPCODES];
};

void take_larger(Deepest& a, const Deepest& b) noexcept {
    for (uint32_t i = 0; i < N_OPCODES; i++) a.of[i] = std::max(a.of[i], b.of[i]);
}

bool within(const Deepest& found, const uint8_t* limits) noexcept {
    uint32_t over = 0;
    for (uint32_t i = 0; i < N_OPCODES; i++) over |= found.of[i] > limits[i];
    return over == 0;
}

}  // namespace

Constraints::Constraints() noexcept {
    for (auto& operands : operand)
        for (OperandLimits& limits : operands) std::fill_n(limits.nested, N_OPCODES, UNLIMITED);
}

void Constraints::limit_nodes(uint8_t function, uint8_t k, uint16_t nodes) noexcept {
    any = limits_function[function] = true;
    operand[function][k].nodes = std::min(operand[function][k].nodes, nodes);
}

void Constraints::limit_nested(uint8_t function, uint8_t k, uint8_t inner, uint8_t most) noexcept {
    any = limits_function[function] = true;
    operand[function][k].nested[inner] = std::min(operand[function][k].nested[inner], most);
}

bool Constraints::allow(const Node* nodes, uint32_t n) const noexcept {
    Deepest open[2 * MAX_DEPTH + 1];  // at most two operands wait per level
    uint32_t top = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t op = nodes[i].op, arity = nodes[i].arity;
        top -= arity;
        if (limits_function[op])
            for (uint32_t k = arity, end = i - 1; k-- > 0; end -= nodes[end].length) {
                const OperandLimits& limits = operand[op][k];
                if (nodes[end].length > limits.nodes || !within(open[top + k], limits.nested)) return false;
            }
        if (arity == 0) open[top] = {};
        for (uint8_t k = 1; k < arity; k++) take_larger(open[top], open[top + k]);
        if (open[top].of[op] < UNLIMITED) open[top].of[op]++;
        top++;
    }
    return true;
}

}  // namespace vgp
