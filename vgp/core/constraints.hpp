// Which functions may stand below which: limits on the size of an argument, and on what is nested in it.
#pragma once
#include <cstdint>

#include "genome.hpp"

namespace vgp {

inline constexpr uint32_t N_OPCODES = 64;    // opcode numbers that the tables have room for
inline constexpr uint8_t UNLIMITED = 255;

// The limits of one operand of one function.
struct OperandLimits {
    uint16_t nodes = UINT16_MAX;   // most nodes of the operand
    // most nodes with this opcode on any path from the operand down (the operand itself included)
    uint8_t nested[N_OPCODES];
};

struct Constraints {
    bool any = false;              // whether there are limits at all
    bool limits_function[N_OPCODES] = {};
    OperandLimits operand[N_OPCODES][3];

    Constraints() noexcept;
    void limit_nodes(uint8_t function, uint8_t k, uint16_t nodes) noexcept;
    void limit_nested(uint8_t function, uint8_t k, uint8_t inner, uint8_t most) noexcept;
    // Whether a valid genome without calls obeys all limits.
    bool allow(const Node* nodes, uint32_t n) const noexcept;
};

}  // namespace vgp
