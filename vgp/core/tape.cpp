#include "tape.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace vgp {
namespace {

constexpr uint64_t WINDOWS_BYTES = 192u << 10;   // all columns of one window: stays in the L2 cache
constexpr uint64_t KEPT_BYTES = 8u << 20;        // of what is computed once; beyond, it is computed in every window
constexpr uint64_t MOST_BYTES = 64u << 20;       // of everything
constexpr uint64_t UNIT = 64;
constexpr uint8_t WITHIN_CALL = 2;

constexpr bool is(const Node& node, Opcode op) { return node.op == static_cast<uint8_t>(op); }

bool passes_unchanged(const Node& node, uint32_t operand) {
    return is(node, Opcode::add) || (is(node, Opcode::sub) && operand == 0);
}

uint64_t up(uint64_t x) { return (x + UNIT - 1) / UNIT * UNIT; }

}  // namespace

Tape::~Tape() { std::free(arena_); }

bool Tape::record(const Node* nodes, uint32_t n, const Rows& rows, CallSource& calls) {
    emit(nodes, n, rows);
    emit_back(nodes, n);
    return lay_out(nodes, n, rows, calls);
}

uint32_t Tape::choose_parameters(const Node* nodes, uint32_t n, bool linear_scaling) {
    parameters_.clear();
    operands_.assign(3 * size_t{n}, 0);
    constant_.assign(n, 0), chosen_.assign(n, 0), active_.assign(n, 0), under_active_.assign(n, 0);
    for (uint32_t i = 0; i < n; i++) {
        const Node& node = nodes[i];
        constant_[i] = is(node, Opcode::constant) || (node.arity > 0 && !is(node, Opcode::reference));
        for (uint32_t k = node.arity, end = i - 1; k-- > 0; end -= nodes[end].length) {
            operands_[3 * i + k] = end;
            constant_[i] = constant_[i] && constant_[end];
        }
    }
    look_down(nodes, n, linear_scaling);
    for (uint32_t i = 0; i < n; i++) {
        if (is(nodes[i], Opcode::constant) && chosen_[i] && reached_[i] && parameters_.size() < MAX_PARAMETERS) {
            parameters_.push_back(i);
            active_[i] = 1;
        }
        const auto& derivatives = kernels_.gradients->reverse[nodes[i].op];
        for (uint32_t k = 0; k < nodes[i].arity; k++)
            if (!is(nodes[i], Opcode::reference) && derivatives[k] && active_[operands_[3 * i + k]]) active_[i] = 1;
    }
    return static_cast<uint32_t>(parameters_.size());
}

// From the root: what derivatives reach, and of each subtree of constants the one that stands for it.
void Tape::look_down(const Node* nodes, uint32_t n, bool linear_scaling) {
    reached_.assign(n, 0);
    reached_[n - 1] = 1;
    uint32_t line = linear_scaling ? n - 1 : n;  // f itself as far as intercept and slope can tell; n: nothing more
    if (constant_[n - 1]) {
        if (linear_scaling) reached_[n - 1] = 0;
        else choose_of_constants(nodes, n - 1);
    }
    for (uint32_t i = n; i-- > 0;) {
        if (!reached_[i] || is(nodes[i], Opcode::reference)) continue;
        const Node& node = nodes[i];
        const uint32_t* operands = &operands_[3 * i];
        for (uint32_t k = 0; k < node.arity; k++) {
            reached_[operands[k]] = kernels_.gradients->reverse[node.op][k] != nullptr;
            if (constant_[operands[k]] && !constant_[i] && reached_[operands[k]]) choose_of_constants(nodes, operands[k]);
        }
        if (i != line) continue;
        line = n;
        const bool sum = is(node, Opcode::add) || is(node, Opcode::sub), product = is(node, Opcode::mul), ratio = is(node, Opcode::div);
        if (is(node, Opcode::neg)) line = operands[0];
        for (uint32_t k = 0; k < 2 && (sum || product || ratio); k++) {
            if (!constant_[operands[k]]) continue;
            reached_[operands[k]] = 0;
            if (sum || product || k == 1) line = operands[1 - k];
        }
    }
}

// The constant whose change moves the subtree's value most. Its neighbours stay what they are.
void Tape::choose_of_constants(const Node* nodes, uint32_t end) {
    const uint32_t first = end - nodes[end].length + 1;
    if (first == end) {
        chosen_[end] = 1;
        return;
    }
    double stack[2 * MAX_DEPTH + 4];
    const auto value = [&](uint32_t moved) {
        uint32_t top = 0;
        for (uint32_t i = first; i <= end; i++) {
            top -= nodes[i].arity;
            const double* in = stack + top;
            if (is(nodes[i], Opcode::constant)) stack[top++] = nodes[i].value + (i == moved ? std::ldexp(std::fabs(nodes[i].value) + 1, -10) : 0);
            else stack[top++] = kernels_.fold(nodes[i].op, in[0], in[1], in[2]);
        }
        return stack[0];
    };
    const double here = value(end);
    double most = 0;
    uint32_t best = end;
    for (uint32_t i = first; i < end; i++) {
        if (!is(nodes[i], Opcode::constant)) continue;
        const double change = std::fabs(value(i) - here);
        if (change > most && std::isfinite(change)) most = change, best = i;
    }
    if (best != end) chosen_[best] = 1;
}

Tape::Cell Tape::leaf(const Node& node, const Rows& rows) {
    if (is(node, Opcode::constant)) {
        scalars_.push_back(node.value);
        return {Where::scalar, static_cast<uint32_t>(scalars_.size() - 1)};
    }
    const auto variable = static_cast<uint32_t>(node.variable);
    if (rows.all()) return {Where::table, variable};
    const auto held = std::find(variables_.begin(), variables_.end(), variable);
    const auto index = static_cast<uint32_t>(held - variables_.begin());
    if (held == variables_.end()) variables_.push_back(variable);
    return {Where::column, index};  // the copied ones come first among the columns: emit() knows their number by then
}

void Tape::emit(const Node* nodes, uint32_t n, const Rows& rows) {
    prelude_.clear(), body_.clear(), calls_.clear(), variables_.clear(), stack_.clear();
    scalars_.assign(FIRST_SCALAR, 0.0);
    scalars_[ONE] = 1;
    n_slots_ = n_temporaries_ = 0;
    cell_.assign(n, Cell{});
    uint32_t kept = 0;
    if (!rows.all())
        for (uint32_t i = 0; i < n; i++)
            if (is(nodes[i], Opcode::variable)) leaf(nodes[i], rows);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < nodes[i].arity; k++)
            if (active_[i] || i == n - 1) under_active_[operands_[3 * i + k]] = 1;
    for (uint32_t i = 0; i < n; i++) kept += under_active_[i] && !active_[i] && nodes[i].arity > 0;
    const bool keep = kept * rows.bytes() <= KEPT_BYTES;
    const auto n_copied = static_cast<uint32_t>(variables_.size());
    n_columns_ = n_copied;
    for (uint32_t left = n; left > 0;) {  // from the root on, so that nothing within a call is computed
        const uint32_t i = --left;
        if (!is(nodes[i], Opcode::reference)) continue;
        calls_.push_back(i);
        cell_[i] = {Where::column, n_columns_++};
        for (; left > i + 1 - nodes[i].length; left--) reached_[left - 1] = WITHIN_CALL;
    }
    for (uint32_t i = 0; i < n; i++) {
        const Node& node = nodes[i];
        if (reached_[i] == WITHIN_CALL || is(node, Opcode::reference)) continue;
        if (node.arity == 0) {
            cell_[i] = leaf(node, rows);
            continue;
        }
        Operation operation{kernels_.gradients->forward[node.op], {}, {}};
        for (uint32_t k = 0; k < node.arity; k++) operation.in[k] = cell_[operands_[3 * i + k]];
        const bool root = i == n - 1;
        if (root) operation.out = {Where::column, 0};  // its place is known below
        else if (active_[i] || !keep) operation.out = {Where::slot, n_slots_++};
        else if (under_active_[i]) operation.out = {Where::column, n_columns_++};
        else operation.out = {Where::temporary, n_temporaries_++};
        cell_[i] = operation.out;
        (active_[i] || root || !keep ? body_ : prelude_).push_back(operation);
    }
    const bool is_leaf = nodes[n - 1].arity == 0 || is(nodes[n - 1], Opcode::reference);  // a leaf, or a call
    if (is_leaf) {
        body_.push_back({kernels_.gradients->forward[static_cast<int>(Opcode::add)], {}, {cell_[n - 1], {Where::scalar, ZERO}, {}}});
    }
    body_.back().out = {Where::column, n_columns_++};
    if (!is_leaf) cell_[n - 1] = body_.back().out;
}

void Tape::emit_back(const Node* nodes, uint32_t n) {
    back_.clear();
    adjoint_.assign(n, Cell{});
    adjoint_[n - 1] = {Where::scalar, SEED};
    n_adjoints_ = 0;
    for (uint32_t i = n; i-- > 0;) {
        if (!active_[i]) continue;
        const Node& node = nodes[i];
        const uint32_t* operands = &operands_[3 * i];
        for (uint32_t k = 0; k < node.arity; k++) {
            const uint32_t operand = operands[k];
            const ReverseKernel kernel = kernels_.gradients->reverse[node.op][k];
            if (!active_[operand] || !kernel) continue;
            if (passes_unchanged(node, k)) {
                adjoint_[operand] = adjoint_[i];
                continue;
            }
            adjoint_[operand] = {Where::adjoint, n_adjoints_++};
            Return step{kernel, adjoint_[operand], adjoint_[i], cell_[i], {}};
            for (uint32_t m = 0; m < node.arity; m++) step.in[m] = cell_[operands[m]];
            back_.push_back(step);
        }
    }
}

bool Tape::lay_out(const Node* nodes, uint32_t, const Rows& rows, CallSource& calls) {
    const uint64_t n_windows = uint64_t{n_slots_} + n_temporaries_ + n_adjoints_ + SPARE, bytes = rows.bytes();
    window_ = std::min(bytes, std::max(WINDOWS_BYTES / n_windows / UNIT * UNIT, 4 * UNIT));
    const uint64_t scalars = scalars_.size() * UNIT, columns = n_columns_ * bytes, total = up(scalars + columns + n_windows * window_);
    if (total > MOST_BYTES) return false;
    if (total > arena_bytes_) {
        std::free(arena_);
        arena_ = static_cast<unsigned char*>(std::aligned_alloc(UNIT, total));
        arena_bytes_ = arena_ ? total : 0;
        if (!arena_) return false;
    }
    unsigned char* at = arena_;
    place(Where::scalar, at, UNIT), at += scalars;
    place(Where::column, at, bytes), at += columns;
    values_ = at - bytes;
    place(Where::slot, at, window_), at += n_slots_ * window_;
    place(Where::temporary, at, window_), at += n_temporaries_ * window_;
    place(Where::adjoint, at, window_), at += n_adjoints_ * window_;
    spare_ = at;
    base_[static_cast<int>(Where::table)] = const_cast<unsigned char*>(view_.columns), pitch_[static_cast<int>(Where::table)] = stride_;
    for (uint32_t i = 0; i < scalars_.size(); i++) kernels_.gradients->splat(address({Where::scalar, i}, 0), scalars_[i]);
    for (uint32_t v = 0; v < variables_.size(); v++) rows.gather(view_.columns + variables_[v] * stride_, address({Where::column, v}, 0));
    for (const uint32_t i : calls_) {
        const unsigned char* values = calls.values_of(nodes + i - nodes[i].length + 1, nodes[i].length);
        if (!values) return false;
        rows.gather(values, address(cell_[i], 0));
    }
    for (uint64_t begin = 0; begin < bytes; begin += window_) run(prelude_, begin, std::min(begin + window_, bytes));
    return true;
}

unsigned char* Tape::address(const Cell& cell, uint64_t row) const noexcept {
    const int where = static_cast<int>(cell.where);
    return base_[where] + cell.index * pitch_[where] + (cell.where >= Where::column ? row : 0);
}

Input Tape::input(const Cell& cell, uint64_t row) const noexcept {
    return {address(cell, row), cell.where == Where::scalar ? 0 : kernels_.gradients->vector_bytes};
}

void Tape::run(const std::vector<Operation>& operations, uint64_t begin, uint64_t end) noexcept {
    const uint64_t vectors = (end - begin) / kernels_.gradients->vector_bytes;
    for (const Operation& operation : operations) {
        const Input in[] = {input(operation.in[0], begin), input(operation.in[1], begin), input(operation.in[2], begin)};
        operation.kernel(address(operation.out, begin), in, vectors);
    }
}

void Tape::set(uint32_t parameter, double value) noexcept {
    kernels_.gradients->splat(address(cell_[parameters_[parameter]], 0), value);
}

void Tape::forward(uint64_t begin, uint64_t end) noexcept { run(body_, begin, end); }

void Tape::reverse(uint64_t begin, uint64_t end, double seed) noexcept {
    const uint64_t vectors = (end - begin) / kernels_.gradients->vector_bytes;
    kernels_.gradients->splat(address({Where::scalar, SEED}, 0), seed);
    for (const Return& step : back_) {
        const Sweep sweep{input(step.g, begin), input(step.value, begin), {input(step.in[0], begin), input(step.in[1], begin), input(step.in[2], begin)}};
        step.kernel(address(step.out, begin), sweep, vectors);
    }
}

}  // namespace vgp
