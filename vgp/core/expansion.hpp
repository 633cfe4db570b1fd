// What a genome comes to when the organisms that it calls are written out.
// A call with k arguments puts them in place of the callee's own first k variables. Everything else in the callee means what it means
// anywhere: its other variables are columns of the table, and a call without arguments is the value of that organism on the same row.
#pragma once
#include <cstdint>

#include "genome.hpp"

namespace vgp {

// What a genome comes to with all calls written out, without writing it. Its size is linear in the sizes of its arguments:
// fixed + uses[0] * size 0 + ...; work counts the nodes of every body visited, whether or not its value is used. All stop at SATURATED.
struct Expansion {
    static constexpr uint32_t SATURATED = 1u << 30;
    uint32_t fixed;
    uint32_t uses[MAX_ARGUMENTS];
    uint32_t work;
    uint32_t depth;       // calls below each other; 0: calls nothing

    uint32_t size() const noexcept;   // with its own variables for arguments
    bool within_limits() const noexcept { return work <= MAX_EXPANDED && size() <= MAX_EXPANDED; }
};

// `look_up` gives the expansion of a callee, or nullptr if it is not known (then it counts as one node).
Expansion expansion_of(const Node* nodes, uint32_t n, const Expansion* (*look_up)(void* context, uint64_t id), void* context);

enum class FlattenError : uint32_t {
    none = 0,
    missing_reference,    // `detail` is the id
    reference_depth,      // calls more than MAX_REFERENCE_DEPTH deep: also what a cycle comes to
    work_limit,           // more than MAX_STEPS nodes and calls visited
    too_long,             // the plain genome has more than `capacity` nodes
    too_deep,             // ... or is deeper than MAX_DEPTH
    no_memory,
};
const char* flatten_error_name(FlattenError error) noexcept;

struct Flattened {
    FlattenError error = FlattenError::none;
    uint32_t n = 0;        // nodes written
    uint32_t steps = 0;    // nodes and calls visited
    uint64_t detail = 0;
};

inline constexpr uint32_t MAX_STEPS = 4 * MAX_EXPANDED;

// Writes the plain genome (no references) that equals the valid genome nodes[0..n) into out. `resolve` gives the valid genome of an
// id and its length, or 0; its nodes must stay where they are until flatten returns. capacity <= MAX_NODES.
Flattened flatten(const Node* nodes, uint32_t n, uint32_t (*resolve)(void* context, uint64_t id, const Node** nodes),
                  void* context, Node* out, uint32_t capacity) noexcept;

// Writes body with its first variables replaced by the arguments, which is how a call is inlined. Returns the
// length, or 0 if that takes more than `capacity` nodes or too deep an expression.
uint32_t substitute(const Node* body, uint32_t n, const Node* const* arguments, const uint32_t* lengths, uint32_t n_arguments,
                    Node* out, uint32_t capacity) noexcept;

}  // namespace vgp
