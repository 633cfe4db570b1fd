#include "units.hpp"

namespace vgp {
namespace {

struct Inference {
    const Units& units;
    uint32_t work = 0;

    // arguments: types that stand for the first n_arguments variables
    Type run(const Node* nodes, uint32_t n, const Type* arguments, uint32_t n_arguments, uint32_t depth,
             Type* types) noexcept {
        work += n;
        if (work > MAX_EXPANDED || n == 0) return Type::wrong();
        for (uint32_t i = 0; i < n; i++) {
            const Node& node = nodes[i];
            switch (static_cast<Opcode>(node.op)) {
                case Opcode::constant: types[i] = Type::constant(node.value, units.free_constants); break;
                case Opcode::variable:
                    if (node.variable < n_arguments) types[i] = arguments[node.variable];
                    else types[i] = node.variable < units.columns.size() ? Type::known(units.columns[node.variable]) : Type::wrong();
                    break;
                default: {
                    Type operands[MAX_ARGUMENTS];
                    for (uint32_t k = node.arity, end = i - 1; k-- > 0; end -= nodes[end].length) operands[k] = types[end];
                    const bool call = node.op == static_cast<uint8_t>(Opcode::reference);
                    types[i] = call ? of_call(node, operands, depth) : type_of(static_cast<Opcode>(node.op), operands);
                    if (types[i].kind == Type::WRONG) return Type::wrong();
                }
            }
        }
        return types[n - 1];
    }

    Type of_call(const Node& call, const Type* arguments, uint32_t depth) noexcept {
        const Node* callee = nullptr;
        if (depth == MAX_REFERENCE_DEPTH || units.resolve == nullptr) return Type::wrong();
        const uint32_t n = units.resolve(units.context, call.reference, &callee);
        return n == 0 || n > MAX_NODES ? Type::wrong() : in_room_for(callee, n, arguments, call.arity, depth + 1);
    }

    // Most genomes are short: a frame of their size, that a call eight deep stays within any stack.
    Type in_room_for(const Node* nodes, uint32_t n, const Type* arguments, uint32_t n_arguments, uint32_t depth) noexcept {
        if (n <= 64) return in_frame<64>(nodes, n, arguments, n_arguments, depth);
        if (n <= 1024) return in_frame<1024>(nodes, n, arguments, n_arguments, depth);
        return in_frame<MAX_NODES>(nodes, n, arguments, n_arguments, depth);
    }
    template <uint32_t room>
    __attribute__((noinline)) Type in_frame(const Node* nodes, uint32_t n, const Type* arguments, uint32_t n_arguments,
                                            uint32_t depth) noexcept {
        Type types[room];
        return run(nodes, n, arguments, n_arguments, depth, types);
    }
};

}  // namespace

Type infer(const Units& units, const Node* nodes, uint32_t n, Type* types) noexcept {
    return Inference{units}.run(nodes, n, nullptr, 0, 0, types);
}

bool consistent(const Units& units, const Node* nodes, uint32_t n) noexcept {
    return n <= MAX_NODES && units.root.accepts(Inference{units}.in_room_for(nodes, n, nullptr, 0, 0));
}

Demand demand_at(const Units& units, const Node* nodes, uint32_t n, const Type* types, uint32_t at) noexcept {
    Demand demand = units.root;
    for (uint32_t i = n - 1; i != at;) {
        uint32_t ends[MAX_ARGUMENTS], chosen = 0;
        Type operands[MAX_ARGUMENTS];
        for (uint32_t k = nodes[i].arity, end = i - 1; k-- > 0; end -= nodes[end].length) {
            ends[k] = end;
            operands[k] = types[end];
            if (at <= end) chosen = k;
        }
        const Type& held = operands[chosen];
        const auto op = static_cast<Opcode>(nodes[i].op);
        if (op != Opcode::reference) demand = operand_demand(op, chosen, demand, operands);
        // what a callee asks of an argument is not worked out: another of the same dimension will do
        else demand = held.kind == Type::KNOWN ? Demand::exact(held.d) : Demand::free();
        i = ends[chosen];
    }
    return demand;
}

}  // namespace vgp
