// The organisms that others refer to: held by id, with what is known of each, and with their output columns as far as memory goes.
#pragma once
#include <cstdint>

#include "evaluation.hpp"

namespace vgp {

// What calling an organism comes to. The size written out is linear in the sizes of the arguments, as often as the organism
// uses them: base + uses[0] * size 0 + ...; work counts the nodes of all bodies visited, used or not. Both saturate.
struct Extent {
    uint32_t depth = 0;  // calls below
    uint64_t work = 0;
    uint64_t base = 0;
    uint64_t uses[MAX_ARGUMENTS] = {};
};

struct Organism {
    uint64_t id;
    Node* nodes;                // nullptr: denied, or refused
    uint32_t n;
    uint32_t batch;             // the last batch that asked for it, or denied it
    uint64_t resolved;          // generation of the library in which `extent` and all callees were known
    uint64_t pending_round;     // round in which a callee was found missing: not looked at again in that round
    bool refused;               // supplied, but there was no memory for it
    bool visiting;              // being resolved now: meeting it again is a cycle
    Extent extent;
    unsigned char* column;      // output on the table, or nullptr
    uint64_t pinned;            // group of organisms whose programs point to the column
    Organism *newer, *older;    // columns in order of use
};

class Library {
public:
    Library(uint64_t column_bytes, uint64_t cache_bytes, uint32_t n_variables) noexcept;
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    // A new batch: forgets denials, and lets go of what nobody called for long, or lately if more is held than the limit.
    void begin() noexcept;
    bool supply(uint64_t id, const Node* nodes, uint32_t n) noexcept;  // false: no memory
    void deny(uint64_t id) noexcept;
    Organism* find(uint64_t id) noexcept;

    // What the genome comes to with its calls. ok, a reason for refusal (*detail: the missing id), or pending: then ids are
    // added to `wanted`. The reason is that of the first fault in postfix order, whatever is held or cached.
    struct Wanted {
        uint64_t* ids;
        uint32_t limit, n;
    };
    Status resolve(const Node* nodes, uint32_t n, Extent* extent, uint64_t* detail, Wanted* wanted) noexcept;
    void new_round() noexcept { round_++; }

    // Room for the organism's column, taken from the least recently used one that `group` has not pinned; false if there is none.
    bool take_column(Organism* organism, uint64_t group) noexcept;
    void use_column(Organism* organism, uint64_t group) noexcept;
    void drop_column(Organism* organism) noexcept;

private:
    Status visit(const Node* nodes, uint32_t n, uint32_t level, Extent* extent, uint64_t* detail, Wanted* wanted) noexcept;
    Status visit_callee(uint64_t id, uint32_t level, const Organism** callee, uint64_t* detail, Wanted* wanted) noexcept;
    Organism* insert(uint64_t id) noexcept;
    void remove(Organism* organism) noexcept;
    bool grow() noexcept;
    void link(Organism* organism) noexcept;
    void unlink(Organism* organism) noexcept;
    template <class Condemned> void sweep(Condemned condemned) noexcept;

    uint64_t column_bytes_, columns_limit_, columns_ = 0, nodes_limit_, held_nodes_ = 0;
    uint32_t n_variables_, batch_ = 1;
    uint64_t generation_ = 1, round_ = 1;
    Organism** slots_ = nullptr;
    uint32_t n_slots_ = 0, n_organisms_ = 0;
    Organism *newest_ = nullptr, *oldest_ = nullptr;
};

}  // namespace vgp
