#include "expansion.hpp"

#include <algorithm>
#include <new>
#include <vector>

namespace vgp {
namespace {

constexpr uint8_t VARIABLE = static_cast<uint8_t>(Opcode::variable);
constexpr uint8_t REFERENCE = static_cast<uint8_t>(Opcode::reference);

uint32_t saturate(uint64_t x) noexcept { return static_cast<uint32_t>(std::min<uint64_t>(x, Expansion::SATURATED)); }

// sum += factor * term
void accumulate(Expansion& sum, const Expansion& term, uint32_t factor) noexcept {
    sum.fixed = saturate(sum.fixed + uint64_t{factor} * term.fixed);
    for (uint32_t k = 0; k < MAX_ARGUMENTS; k++) sum.uses[k] = saturate(sum.uses[k] + uint64_t{factor} * term.uses[k]);
}

// One call: what the callee keeps, plus each argument as often as the callee uses it; its other variables are columns.
Expansion call(const Expansion* callee, const Expansion* arguments, uint32_t n_arguments) noexcept {
    Expansion sum{};
    sum.fixed = callee == nullptr ? 1 : callee->fixed;
    for (uint32_t k = 0; k < MAX_ARGUMENTS; k++) {
        const uint32_t uses = callee == nullptr ? k < n_arguments : callee->uses[k];
        if (k < n_arguments) accumulate(sum, arguments[k], uses);
        else sum.fixed = saturate(uint64_t{sum.fixed} + uses);
    }
    return sum;
}

// ---- flatten ----

constexpr uint32_t NO_CALL = UINT32_MAX;

// One call being written out: where its arguments stand, in whose call those were written.
struct Call {
    const Node* caller;
    uint32_t argument_end[MAX_ARGUMENTS];  // index of the last node of each argument
    uint32_t n_arguments;
    uint32_t within;                       // the call in which the arguments are to be read, or NO_CALL
    uint32_t depth;
};

// A subtree still to be written: nodes first..next, from the back, as read within a call.
struct Span {
    const Node* nodes;
    int64_t first, next;
    uint32_t call;
};

// Writes from the root backwards, so that an argument is only ever written where it is used: an unused one costs nothing, and
// every step writes a node or enters a call. Spans wait on a stack of their own: a hostile genome cannot exhaust the machine's.
class Flattener {
public:
    Flattener(uint32_t (*resolve)(void*, uint64_t, const Node**), void* context, uint32_t capacity)
        : resolve_(resolve), context_(context), capacity_(capacity) {}

    Flattened run(const Node* nodes, uint32_t n, Node* out) {
        spans_.push_back({nodes, 0, int64_t{n} - 1, NO_CALL});
        while (!spans_.empty() && result_.error == FlattenError::none) {
            Span& span = spans_.back();
            if (span.next < span.first) {
                spans_.pop_back();
                continue;
            }
            step(span);
        }
        if (result_.error == FlattenError::none) finish(out);
        return result_;
    }

private:
    void step(Span& span) {
        const Node* nodes = span.nodes;
        const int64_t i = span.next;
        const uint32_t call = span.call;
        if (nodes[i].op == REFERENCE) {
            span.next -= nodes[i].length;
            if (count()) enter(nodes, static_cast<uint32_t>(i), call);
            return;
        }
        span.next--;
        if (nodes[i].op == VARIABLE && call != NO_CALL) return variable(nodes[i], calls_[call]);
        write(nodes[i]);
    }
    bool count() noexcept {
        if (++result_.steps > MAX_STEPS) result_.error = FlattenError::work_limit;
        return result_.error == FlattenError::none;
    }
    void write(const Node& node) {
        if (!count()) return;
        if (backwards_.size() == capacity_) {
            result_.error = FlattenError::too_long;
            return;
        }
        backwards_.push_back(node);
    }
    void enter(const Node* nodes, uint32_t i, uint32_t within) {
        Call call{nodes, {}, nodes[i].arity, within, within == NO_CALL ? 1 : calls_[within].depth + 1};
        if (call.depth > MAX_REFERENCE_DEPTH) {
            result_.error = FlattenError::reference_depth;
            return;
        }
        for (uint32_t k = call.n_arguments, end = i - 1; k-- > 0; end -= nodes[end].length) call.argument_end[k] = end;
        const Node* callee = nullptr;
        const uint32_t n = resolve_(context_, nodes[i].reference, &callee);
        if (n == 0) {
            result_.error = FlattenError::missing_reference;
            result_.detail = nodes[i].reference;
            return;
        }
        calls_.push_back(call);
        spans_.push_back({callee, 0, int64_t{n} - 1, static_cast<uint32_t>(calls_.size() - 1)});
    }
    void variable(const Node& node, const Call& binding) {
        if (node.variable >= binding.n_arguments) return write(node);
        const int64_t end = binding.argument_end[node.variable];
        spans_.push_back({binding.caller, end - binding.caller[end].length + 1, end, binding.within});
    }
    void finish(Node* out) noexcept {
        std::reverse_copy(backwards_.begin(), backwards_.end(), out);
        result_.n = static_cast<uint32_t>(backwards_.size());
        if (index_genome(out, result_.n) > MAX_DEPTH) result_.error = FlattenError::too_deep;
    }

    uint32_t (*resolve_)(void*, uint64_t, const Node**);
    void* context_;
    uint32_t capacity_;
    Flattened result_;
    std::vector<Span> spans_;
    std::vector<Call> calls_;
    std::vector<Node> backwards_;
};

}  // namespace

uint32_t Expansion::size() const noexcept {
    uint64_t sum = fixed;
    for (const uint32_t n : uses) sum += n;
    return saturate(sum);
}

Expansion expansion_of(const Node* nodes, uint32_t n, const Expansion* (*look_up)(void* context, uint64_t id), void* context) {
    Expansion open[2 * MAX_DEPTH + 1];  // subtrees waiting: at most two per level, as no node takes more than three operands
    uint32_t top = 0, depth = 0, work = n;
    for (uint32_t i = 0; i < n; i++) {
        const Node& node = nodes[i];
        top -= node.arity;
        Expansion sum{};
        if (node.op == REFERENCE) {
            const Expansion* callee = look_up(context, node.reference);
            sum = call(callee, &open[top], node.arity);
            depth = std::max(depth, callee == nullptr ? 1 : callee->depth + 1);
            if (callee != nullptr) work = saturate(uint64_t{work} + callee->work);
        } else if (node.op == VARIABLE && node.variable < MAX_ARGUMENTS) {
            sum.uses[node.variable] = 1;
        } else {
            sum.fixed = 1;
            for (uint8_t k = 0; k < node.arity; k++) accumulate(sum, open[top + k], 1);
        }
        open[top++] = sum;
    }
    open[0].depth = depth;
    open[0].work = work;
    return open[0];
}

const char* flatten_error_name(FlattenError error) noexcept {
    static const char* const names[] = {"none", "missing_reference", "reference_depth", "work_limit", "too_long", "too_deep", "no_memory"};
    const auto i = static_cast<uint32_t>(error);
    return i < sizeof names / sizeof *names ? names[i] : "unknown";
}

Flattened flatten(const Node* nodes, uint32_t n, uint32_t (*resolve)(void* context, uint64_t id, const Node** nodes),
                  void* context, Node* out, uint32_t capacity) noexcept {
    try {
        return Flattener(resolve, context, std::min(capacity, MAX_NODES)).run(nodes, n, out);
    } catch (const std::bad_alloc&) {
        Flattened failed;
        failed.error = FlattenError::no_memory;
        return failed;
    }
}

uint32_t substitute(const Node* body, uint32_t n, const Node* const* arguments, const uint32_t* lengths, uint32_t n_arguments,
                    Node* out, uint32_t capacity) noexcept {
    capacity = std::min(capacity, MAX_NODES);
    uint32_t length = 0;
    const auto append = [&](const Node* nodes, uint32_t count) noexcept {
        if (count > capacity - length) return false;
        std::copy_n(nodes, count, out + length);
        length += count;
        return true;
    };
    for (uint32_t i = 0; i < n; i++) {
        const bool bound = body[i].op == VARIABLE && body[i].variable < n_arguments;
        if (bound ? !append(arguments[body[i].variable], lengths[body[i].variable]) : !append(&body[i], 1)) return 0;
    }
    const uint32_t depth = index_genome(out, length);
    return depth != 0 && depth <= MAX_DEPTH ? length : 0;
}

}  // namespace vgp
