// The dimensions that short expressions over a table's columns can have, and how they come about: what typed creation draws from.
#pragma once
#include <cstdint>
#include <vector>

#include "rng.hpp"
#include "units.hpp"

namespace vgp {

class DimensionPool {
public:
    static constexpr uint32_t MOST = 192;         // dimensions
    static constexpr uint32_t LONGEST = 41;       // nodes of an expression that is looked for
    static constexpr uint16_t NONE = 0xFFFF;

    // The shortest expressions by these functions, in the manner of Dijkstra (1959): all of k nodes before those of k + 1.
    void build(const Units& units, const uint8_t* functions, uint32_t n_functions);

    uint32_t size() const noexcept { return static_cast<uint32_t>(entries_.size()); }
    uint16_t find(const Dimension& d) const noexcept;                         // index, or NONE
    const Dimension& dimension(uint32_t i) const noexcept { return entries_[i].d; }
    uint32_t shortest(uint32_t i) const noexcept { return entries_[i].nodes; }   // nodes; LONGEST + 1: none was found
    uint16_t quotient(uint32_t i, uint32_t j) const noexcept { return over_[i * MOST + j]; }  // of the dimensions i / j, or NONE
    uint32_t n_columns(uint32_t i) const noexcept { return i == NONE ? 0 : static_cast<uint32_t>(entries_[i].columns.size()); }
    uint32_t column(uint32_t i, uint32_t k) const noexcept { return entries_[i].columns[k]; }
    // The shortest expression of dimension i, its columns drawn among equals. Returns its length, shortest(i) <= LONGEST.
    uint32_t write_shortest(Rng& rng, uint32_t i, Node* out) const noexcept;

private:
    struct Entry {
        Dimension d;
        uint32_t nodes;                  // of the shortest expression
        uint8_t op;                      // of its last node: variable, constant or a function
        uint16_t operands[2];            // entries
        std::vector<uint32_t> columns;   // that have this dimension themselves
    };
    void offer(const Dimension& d, uint32_t nodes, uint8_t op, uint16_t a, uint16_t b);
    void combine(uint32_t i, uint32_t nodes, const bool* has);
    void combine_pair(uint16_t i, uint16_t j, uint32_t nodes, const bool* has);
    void meet(uint16_t i, const bool* has);
    uint16_t put(const Dimension& d);

    std::vector<Entry> entries_;
    std::vector<uint16_t> slots_;        // open addressing: entry, or NONE
    std::vector<uint16_t> over_;         // [MOST * MOST]
};

}  // namespace vgp
