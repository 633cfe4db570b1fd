#include "dimension_pool.hpp"

#include <algorithm>

#include "hash.hpp"

namespace vgp {
namespace {

constexpr uint32_t TABLE = 1024;  // places, a power of two well above MOST
constexpr int32_t LARGEST = 12 * EXPONENT_UNIT;

constexpr uint8_t number(Opcode op) noexcept { return static_cast<uint8_t>(op); }

bool is_small(const Dimension& d) noexcept {
    return std::all_of(std::begin(d.e), std::end(d.e), [](int16_t e) { return e >= -LARGEST && e <= LARGEST; });
}

Node leaf(Opcode op) noexcept {
    Node node{};
    node.op = number(op);
    node.length = 1;
    return node;
}

}  // namespace

uint16_t DimensionPool::find(const Dimension& d) const noexcept {
    uint64_t at = content_hash(d.e, sizeof d.e);
    for (;; at++) {
        const uint16_t i = slots_[at & (TABLE - 1)];
        if (i == NONE || entries_[i].d == d) return i;
    }
}

uint16_t DimensionPool::put(const Dimension& d) {
    const uint16_t known = find(d);
    if (known != NONE || entries_.size() == MOST || !is_small(d)) return known;
    uint64_t at = content_hash(d.e, sizeof d.e);
    while (slots_[at & (TABLE - 1)] != NONE) at++;
    slots_[at & (TABLE - 1)] = static_cast<uint16_t>(entries_.size());
    entries_.push_back({d, LONGEST + 1, 0, {NONE, NONE}, {}});
    return static_cast<uint16_t>(entries_.size() - 1);
}

void DimensionPool::offer(const Dimension& d, uint32_t nodes, uint8_t op, uint16_t a, uint16_t b) {
    if (nodes > LONGEST) return;
    const uint16_t i = put(d);
    if (i == NONE || entries_[i].nodes <= nodes) return;
    entries_[i].nodes = nodes;
    entries_[i].op = op;
    entries_[i].operands[0] = a, entries_[i].operands[1] = b;
}

void DimensionPool::combine_pair(uint16_t i, uint16_t j, uint32_t nodes, const bool* has) {
    const Dimension a = entries_[i].d, b = entries_[j].d;
    Dimension d{};
    if (has[number(Opcode::mul)] && i <= j && combined(a, b, 1, &d)) offer(d, nodes, number(Opcode::mul), i, j);
    if (has[number(Opcode::div)] && combined(a, b, -1, &d)) offer(d, nodes, number(Opcode::div), i, j);
}

// All expressions of `nodes` nodes whose first operand is entry i.
void DimensionPool::combine(uint32_t i, uint32_t nodes, const bool* has) {
    const auto first = static_cast<uint16_t>(i);
    const Dimension a = entries_[i].d;
    Dimension d{};
    if (entries_[i].nodes + 1 == nodes) {
        if (has[number(Opcode::square)] && multiplied(a, 2, &d)) offer(d, nodes, number(Opcode::square), first, NONE);
        if (has[number(Opcode::sqrt)] && multiplied(a, 0.5, &d)) offer(d, nodes, number(Opcode::sqrt), first, NONE);
    }
    for (uint32_t j = 0, n = size(); j < n; j++)
        if (entries_[i].nodes + entries_[j].nodes + 1 == nodes) combine_pair(first, static_cast<uint16_t>(j), nodes, has);
}

// A way to entry i from two others, where none was found before the pool was full.
void DimensionPool::meet(uint16_t i, const bool* has) {
    for (uint16_t j = 0; j < size(); j++) {
        const Dimension wanted = entries_[i].d, own = entries_[j].d;
        Dimension d{};
        const auto with = [&](bool fits) { return fits ? find(d) : NONE; };
        const uint16_t factor = with(combined(wanted, own, -1, &d)), dividend = with(combined(wanted, own, 1, &d));
        const uint16_t divisor = with(combined(own, wanted, -1, &d));
        const auto nodes = [&](uint16_t k) { return entries_[j].nodes + entries_[k].nodes + 1; };
        if (has[number(Opcode::mul)] && factor != NONE && factor != i) offer(wanted, nodes(factor), number(Opcode::mul), j, factor);
        if (has[number(Opcode::div)] && dividend != NONE && dividend != i) offer(wanted, nodes(dividend), number(Opcode::div), dividend, j);
        if (has[number(Opcode::div)] && divisor != NONE && divisor != i) offer(wanted, nodes(divisor), number(Opcode::div), j, divisor);
    }
}

void DimensionPool::build(const Units& units, const uint8_t* functions, uint32_t n_functions) {
    bool has[256] = {};
    for (uint32_t k = 0; k < n_functions; k++) has[functions[k]] = true;
    entries_.clear();
    slots_.assign(TABLE, NONE);
    over_.assign(size_t{MOST} * MOST, NONE);
    const uint16_t plain = put({}), root = units.root.kind == Demand::EXACT ? put(units.root.d) : plain;
    for (uint32_t v = 0; v < units.columns.size(); v++) {
        offer(units.columns[v], 1, number(Opcode::variable), NONE, NONE);
        const uint16_t i = find(units.columns[v]);
        if (i != NONE) entries_[i].columns.push_back(v);
    }
    if (!units.free_constants && entries_[plain].nodes > 1) offer({}, 1, number(Opcode::constant), NONE, NONE);
    for (uint32_t nodes = 2; nodes <= LONGEST; nodes++)
        for (uint32_t i = 0, n = size(); i < n; i++) combine(i, nodes, has);
    if (entries_[root].nodes > LONGEST) meet(root, has);
    for (uint32_t i = 0; i < size(); i++)
        for (uint32_t j = 0; j < size(); j++) {
            Dimension d{};
            if (combined(entries_[i].d, entries_[j].d, -1, &d)) over_[i * MOST + j] = find(d);
        }
}

uint32_t DimensionPool::write_shortest(Rng& rng, uint32_t i, Node* out) const noexcept {
    const Entry& entry = entries_[i];
    if (!entry.columns.empty()) {
        out[0] = leaf(Opcode::variable);
        out[0].variable = entry.columns[rng_below(rng, static_cast<uint32_t>(entry.columns.size()))];
        return 1;
    }
    if (entry.op == number(Opcode::constant)) {
        out[0] = leaf(Opcode::constant);
        out[0].value = 1.0 + rng_below(rng, 5);
        return 1;
    }
    uint32_t n = 0;
    uint8_t arity = 0;
    for (const uint16_t operand : entry.operands)
        if (operand != NONE) n += write_shortest(rng, operand, out + n), arity++;
    out[n] = leaf(static_cast<Opcode>(entry.op));
    out[n].arity = arity;
    out[n].length = static_cast<uint16_t>(n + 1);
    return n + 1;
}

}  // namespace vgp
