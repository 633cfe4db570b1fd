#include "dimension.hpp"

namespace vgp {
namespace {

Type unified(const Type& a, const Type& b) noexcept {
    if (a.kind == Type::WRONG || b.kind == Type::WRONG) return Type::wrong();
    if (a.kind == Type::ANY) return b.kind == Type::ANY ? Type::any() : Type::known(b.d);
    return b.kind == Type::ANY || a.d == b.d ? Type::known(a.d) : Type::wrong();
}

Type product(const Type& a, const Type& b, int32_t sign) noexcept {
    if (a.kind == Type::WRONG || b.kind == Type::WRONG) return Type::wrong();
    if (a.kind == Type::ANY || b.kind == Type::ANY) return Type::any();
    Type t = Type::plain();
    return combined(a.d, b.d, sign, &t.d) ? t : Type::wrong();
}

// A whole number or a fraction as exponent. A free constant as base takes any unit that the result needs.
Type raised(const Type& a, double exponent) noexcept {
    if (a.kind == Type::WRONG) return a;
    if (a.kind == Type::ANY) return exponent != 0 ? Type::any() : Type::plain();
    Type t = Type::plain();
    return multiplied(a.d, exponent, &t.d) ? t : Type::wrong();
}

Type plain_if(bool right) noexcept { return right ? Type::plain() : Type::wrong(); }

// The demand on one of several that must be alike, where the result is what they are.
Demand alike(const Demand& demand, const Type& other) noexcept {
    if (demand.kind != Demand::FREE) return demand;
    return other.kind == Type::KNOWN ? Demand::exact(other.d) : Demand::free();
}

// The demand on x where x + sign * other (exponents added) meets `demand` times `own`.
Demand factor(const Demand& demand, int32_t own, const Type& other, int32_t sign) noexcept {
    if (demand.kind == Demand::NOTHING) return demand;
    if (demand.kind == Demand::FREE || other.kind != Type::KNOWN) return Demand::free();
    if (demand.kind == Demand::ONLY_ANY) return demand;
    Demand x = Demand::plain();
    Dimension wanted{};
    return combined({}, demand.d, own, &wanted) && combined(wanted, other.d, sign, &x.d) ? x : Demand::only_any();
}

Demand scaled(const Demand& demand, double by) noexcept {
    if (demand.kind != Demand::EXACT) return demand;
    Demand x = Demand::plain();
    return multiplied(demand.d, by, &x.d) ? x : Demand::only_any();
}

Demand of_power(uint32_t k, const Demand& demand, const Type* operands) noexcept {
    if (k == 0) {
        if (!operands[1].literal) return Demand::plain();
        return operands[1].value == 0 ? Demand::free() : scaled(demand, 1 / operands[1].value);
    }
    const bool plain_result = demand.kind == Demand::FREE || (demand.kind == Demand::EXACT && demand.d.is_zero());
    return operands[0].may_be_plain() && plain_result ? Demand::plain() : Demand::nothing();
}

}  // namespace

Type type_of(Opcode op, const Type* x) noexcept {
    switch (op) {
        case Opcode::add:
        case Opcode::sub:
        case Opcode::min:
        case Opcode::max: return unified(x[0], x[1]);
        case Opcode::mul: return product(x[0], x[1], 1);
        case Opcode::div: return product(x[0], x[1], -1);
        case Opcode::aq: return x[1].may_be_plain() ? product(x[0], Type::plain(), 1) : Type::wrong();
        case Opcode::pow:
            if (x[1].literal) return raised(x[0], x[1].value);
            return plain_if(x[0].may_be_plain() && x[1].may_be_plain());
        case Opcode::less:
        case Opcode::less_equal:
        case Opcode::greater:
        case Opcode::greater_equal: return plain_if(unified(x[0], x[1]).kind != Type::WRONG);
        case Opcode::neg:
        case Opcode::abs: return product(x[0], Type::plain(), 1);
        case Opcode::square: return raised(x[0], 2);
        case Opcode::sqrt: return raised(x[0], 0.5);
        case Opcode::exp:
        case Opcode::log:
        case Opcode::sin:
        case Opcode::cos:
        case Opcode::tan:
        case Opcode::tanh: return plain_if(x[0].may_be_plain());
        case Opcode::select: return x[0].kind == Type::WRONG ? x[0] : unified(x[1], x[2]);
        case Opcode::constant:
        case Opcode::variable:
        case Opcode::reference: break;
    }
    return Type::wrong();
}

Demand operand_demand(Opcode op, uint32_t k, const Demand& demand, const Type* x) noexcept {
    switch (op) {
        case Opcode::add:
        case Opcode::sub:
        case Opcode::min:
        case Opcode::max: return alike(demand, x[1 - k]);
        case Opcode::mul: return factor(demand, 1, x[1 - k], -1);
        case Opcode::div: return k == 0 ? factor(demand, 1, x[1], 1) : factor(demand, -1, x[0], 1);
        case Opcode::aq: return k == 0 ? demand : Demand::plain();
        case Opcode::pow: return of_power(k, demand, x);
        case Opcode::less:
        case Opcode::less_equal:
        case Opcode::greater:
        case Opcode::greater_equal: return alike(Demand::free(), x[1 - k]);
        case Opcode::neg:
        case Opcode::abs: return demand;
        case Opcode::square: return scaled(demand, 0.5);
        case Opcode::sqrt: return scaled(demand, 2);
        case Opcode::exp:
        case Opcode::log:
        case Opcode::sin:
        case Opcode::cos:
        case Opcode::tan:
        case Opcode::tanh: return Demand::plain();
        case Opcode::select: return k == 0 ? Demand::free() : alike(demand, x[3 - k]);
        case Opcode::constant:
        case Opcode::variable:
        case Opcode::reference: break;
    }
    return Demand::nothing();
}

}  // namespace vgp
