#include "area.hpp"

#include <cstring>

namespace vgp {
namespace {

constexpr uint64_t PAGE = 4096;
constexpr uint64_t MOST = uint64_t{1} << 40;

struct Layout {
    uint64_t offsets, nodes, results, wanted, supply_ids, supply_offsets, supply_nodes, outputs, numbers, total;
};

// Every part begins on a page of its own: no part shares a cache line with another.
Layout lay_out(const Capacity& c) noexcept {
    uint64_t at = PAGE;
    auto part = [&at](uint64_t count, uint64_t bytes) {
        const uint64_t begin = at;
        at = (at + count * bytes + PAGE - 1) / PAGE * PAGE;
        return begin;
    };
    Layout l;
    l.offsets = part(uint64_t{c.max_organisms} + 1, sizeof(uint32_t));
    l.nodes = part(c.max_nodes, sizeof(Node));
    l.results = part(c.max_organisms, sizeof(Result));
    l.wanted = part(c.max_wanted, sizeof(uint64_t));
    l.supply_ids = part(c.max_wanted, sizeof(uint64_t));
    l.supply_offsets = part(uint64_t{c.max_wanted} + 1, sizeof(uint32_t));
    l.supply_nodes = part(c.max_supplied_nodes, sizeof(Node));
    l.outputs = part(c.outputs_bytes, 1);
    l.numbers = part(most_numbers(c), sizeof(double));
    l.total = at;
    return l;
}

}  // namespace

uint64_t area_bytes(const Capacity& capacity) noexcept { return lay_out(capacity).total; }

Area bind_area(void* mapping, const Capacity& capacity) noexcept {
    const Layout l = lay_out(capacity);
    auto* base = static_cast<unsigned char*>(mapping);
    return {
        .control = reinterpret_cast<Control*>(base),
        .offsets = reinterpret_cast<uint32_t*>(base + l.offsets),
        .nodes = reinterpret_cast<Node*>(base + l.nodes),
        .results = reinterpret_cast<Result*>(base + l.results),
        .wanted = reinterpret_cast<uint64_t*>(base + l.wanted),
        .supply_ids = reinterpret_cast<uint64_t*>(base + l.supply_ids),
        .supply_offsets = reinterpret_cast<uint32_t*>(base + l.supply_offsets),
        .supply_nodes = reinterpret_cast<Node*>(base + l.supply_nodes),
        .outputs = base + l.outputs,
        .numbers = reinterpret_cast<double*>(base + l.numbers),
        .capacity = capacity,
        .bytes = l.total,
    };
}

void describe_area(const Area& area, uint64_t cache_bytes) noexcept {
    const Layout l = lay_out(area.capacity);
    Control& control = *area.control;
    std::memset(static_cast<void*>(&control), 0, sizeof control);
    control.magic = WIRE_MAGIC;
    control.version = WIRE_VERSION;
    control.total_bytes = l.total;
    control.max_organisms = area.capacity.max_organisms;
    control.max_nodes = area.capacity.max_nodes;
    control.max_wanted = area.capacity.max_wanted;
    control.max_supplied_nodes = area.capacity.max_supplied_nodes;
    control.offsets_at = l.offsets;
    control.nodes_at = l.nodes;
    control.results_at = l.results;
    control.wanted_at = l.wanted;
    control.supply_ids_at = l.supply_ids;
    control.supply_offsets_at = l.supply_offsets;
    control.supply_nodes_at = l.supply_nodes;
    control.outputs_at = l.outputs;
    control.numbers_at = l.numbers;
    control.outputs_bytes = area.capacity.outputs_bytes;
    control.cache_bytes = cache_bytes;
}

const char* check_area(void* mapping, uint64_t bytes, Area* area) noexcept {
    if (bytes < sizeof(Control)) return "the shared memory is too small";
    const auto& c = *static_cast<const Control*>(mapping);
    if (c.magic != WIRE_MAGIC || c.version != WIRE_VERSION) return "module and sandbox executable are of different versions";
    const Capacity capacity{c.max_organisms, c.max_nodes, c.max_wanted, c.max_supplied_nodes, c.outputs_bytes};
    if (capacity.outputs_bytes > MOST) return "the shared memory is too large";
    const Layout l = lay_out(capacity);
    const bool same = l.total == bytes && l.total == c.total_bytes && l.offsets == c.offsets_at && l.nodes == c.nodes_at &&
                      l.results == c.results_at && l.wanted == c.wanted_at && l.supply_ids == c.supply_ids_at &&
                      l.supply_offsets == c.supply_offsets_at && l.supply_nodes == c.supply_nodes_at && l.outputs == c.outputs_at && l.numbers == c.numbers_at;
    if (!same) return "the shared memory is laid out otherwise";
    *area = bind_area(mapping, capacity);
    return nullptr;
}

}  // namespace vgp
