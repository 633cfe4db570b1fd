// What a formula must look like beyond being a genome: units that hold, and constraints on nesting. Both may be absent.
#pragma once
#include "constraints.hpp"
#include "dimension_pool.hpp"
#include "expansion.hpp"

namespace vgp {

enum class Refusal : uint32_t { none = 0, units = 1, constraints = 2 };

struct Structure {
    bool has_units = false;
    Units units;
    DimensionPool pool;
    Constraints constraints;
    Resolve resolve = nullptr;     // of called organisms
    void* context = nullptr;
    // how often variation asked, and was refused: drafts within an operator, and finished ones
    mutable uint64_t attempts = 0, refused_attempts = 0, drafts = 0, refused_drafts = 0;

    bool asks_nothing() const noexcept { return !has_units && !constraints.any; }

    // Why a valid genome must not be, as it reads with all calls written out.
    Refusal judge(const Node* nodes, uint32_t n) const noexcept {
        if (has_units && !consistent(units, nodes, n)) return Refusal::units;
        if (constraints.any && !allowed(nodes, n)) return Refusal::constraints;
        return Refusal::none;
    }

private:
    bool allowed(const Node* nodes, uint32_t n) const noexcept {
        for (uint32_t i = 0; i < n; i++)
            if (nodes[i].op == static_cast<uint8_t>(Opcode::reference)) return allowed_written_out(nodes, n);
        return constraints.allow(nodes, n);
    }
    __attribute__((noinline)) bool allowed_written_out(const Node* nodes, uint32_t n) const noexcept {
        Node plain[MAX_NODES];
        const Flattened flat = flatten(nodes, n, resolve, context, plain, MAX_NODES);
        return flat.error == FlattenError::none && constraints.allow(plain, flat.n);
    }
};

}  // namespace vgp
