// Whether a genome's units hold: inference over postfix, and what may stand in a place of it.
#pragma once
#include <cstdint>
#include <vector>

#include "dimension.hpp"

namespace vgp {

using Resolve = uint32_t (*)(void* context, uint64_t id, const Node** nodes);  // the genome of a held organism; 0: none

// The units of a table, and how constants are meant.
struct Units {
    std::vector<Dimension> columns;   // [n_variables]
    Demand root = Demand::free();     // what a whole formula must be
    bool free_constants = true;       // each constant may have any unit; false: constants are plain numbers
    Resolve resolve = nullptr;        // of called organisms
    void* context = nullptr;
};

// The type of every subtree of a valid genome, types[i] of the one that ends at i. A call is inferred with its arguments in place
// of the callee's first variables, as if it were written out. Returns the type of the whole.
// What a callee that is not held, or too much work (MAX_EXPANDED nodes visited), gives is wrong.
Type infer(const Units& units, const Node* nodes, uint32_t n, Type* types) noexcept;

// Whether units for the constants exist that make the whole consistent and what the root must be. n <= MAX_NODES.
bool consistent(const Units& units, const Node* nodes, uint32_t n) noexcept;

// What may take the place of the subtree that ends at `at`, given the types of a consistent genome.
Demand demand_at(const Units& units, const Node* nodes, uint32_t n, const Type* types, uint32_t at) noexcept;

}  // namespace vgp
