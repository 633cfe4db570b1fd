// Where everything lies in the shared memory. Module and worker compute the layout from the same capacities; the worker
// refuses an area whose control block says otherwise, and neither reads an address from it afterwards.
#pragma once
#include <cstddef>

#include "wire.hpp"

namespace vgp {

inline constexpr int AREA_DESCRIPTOR = 3;  // where the worker finds it after exec

struct Capacity {
    uint32_t max_organisms, max_nodes;
    uint32_t max_wanted, max_supplied_nodes;
    uint64_t outputs_bytes;
};

struct Area {
    Control* control;
    uint32_t* offsets;         // [max_organisms + 1]
    Node* nodes;               // [max_nodes]
    Result* results;           // [max_organisms]
    uint64_t* wanted;          // [max_wanted]
    uint64_t* supply_ids;      // [max_wanted]
    uint32_t* supply_offsets;  // [max_wanted + 1]
    Node* supply_nodes;        // [max_supplied_nodes]
    unsigned char* outputs;    // [outputs_bytes]
    double* numbers;           // [most_numbers(capacity)]
    Capacity capacity;
    uint64_t bytes;
};

// Constants of all genomes of a request, or their standard errors with those of slope and intercept.
inline uint64_t most_numbers(const Capacity& capacity) noexcept { return uint64_t{capacity.max_nodes} + 2 * uint64_t{capacity.max_organisms}; }

// Bytes that an area of this capacity takes.
uint64_t area_bytes(const Capacity& capacity) noexcept;

// Points into a mapping of area_bytes(capacity) bytes.
Area bind_area(void* mapping, const Capacity& capacity) noexcept;

// Module: writes the control block of a fresh area.
void describe_area(const Area& area, uint64_t cache_bytes) noexcept;

// Worker: the capacities are read once and the rest of the block compared with them. nullptr, or what does not fit.
const char* check_area(void* mapping, uint64_t bytes, Area* area) noexcept;

}  // namespace vgp
