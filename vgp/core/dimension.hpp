// Physical dimensions and how the primitives carry them: the algebra of units, without scale factors.
//
// A subtree's type says which dimensions it can have when the units of the constants in it are chosen well. There are two kinds of
// answers only, as every constant stands in one place: exactly one dimension, or (a free constant makes up for anything) any. So the
// type of a whole follows from the types of its parts, and one that is not wrong has units for its constants.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "genome.hpp"

namespace vgp {

inline constexpr uint32_t N_BASES = 16;        // base dimensions that one table may use
inline constexpr int32_t EXPONENT_UNIT = 240;  // exponents are multiples of 1/240: halves four times over, thirds, fifths

struct Dimension {
    int16_t e[N_BASES];

    bool operator==(const Dimension& other) const noexcept { return std::memcmp(e, other.e, sizeof e) == 0; }
    bool is_zero() const noexcept { return *this == Dimension{}; }
};
static_assert(sizeof(Dimension) == 32);

// a + sign * b; false if an exponent is out of range.
inline bool combined(const Dimension& a, const Dimension& b, int32_t sign, Dimension* out) noexcept {
    int32_t bad = 0;
    for (uint32_t i = 0; i < N_BASES; i++) {
        const int32_t sum = a.e[i] + sign * b.e[i];
        bad |= static_cast<int32_t>(sum != static_cast<int16_t>(sum));
        out->e[i] = static_cast<int16_t>(sum);
    }
    return bad == 0;
}

// a * factor; false if an exponent is out of range, or no multiple of 1/240.
inline bool multiplied(const Dimension& a, double factor, Dimension* out) noexcept {
    for (uint32_t i = 0; i < N_BASES; i++) {
        const double x = a.e[i] * factor, whole = std::rint(x);
        if (!(std::fabs(x - whole) < 1e-9) || std::fabs(whole) > 32767) return false;
        out->e[i] = static_cast<int16_t>(whole);
    }
    return true;
}

struct Type {
    enum Kind : uint8_t { KNOWN, ANY, WRONG };
    Dimension d;          // of KNOWN; 0 otherwise
    double value;         // of a literal
    Kind kind;
    bool literal;         // a constant by itself, whose value may be an exponent

    static Type known(const Dimension& d) noexcept { return {d, 0, KNOWN, false}; }
    static Type plain() noexcept { return {{}, 0, KNOWN, false}; }  // dimensionless
    static Type any() noexcept { return {{}, 0, ANY, false}; }
    static Type wrong() noexcept { return {{}, 0, WRONG, false}; }
    static Type constant(double value, bool free) noexcept { return {{}, value, free ? ANY : KNOWN, true}; }

    bool may_be_plain() const noexcept { return kind == ANY || (kind == KNOWN && d.is_zero()); }
};

// What may stand in a place, given all that stands around it.
struct Demand {
    enum Kind : uint8_t { FREE, EXACT, ONLY_ANY, NOTHING };  // NOTHING: leave the place alone (an exponent that counts)
    Dimension d;          // of EXACT
    Kind kind;

    static Demand free() noexcept { return {{}, FREE}; }
    static Demand exact(const Dimension& d) noexcept { return {d, EXACT}; }
    static Demand plain() noexcept { return {{}, EXACT}; }
    static Demand only_any() noexcept { return {{}, ONLY_ANY}; }
    static Demand nothing() noexcept { return {{}, NOTHING}; }

    bool accepts(const Type& t) const noexcept {
        if (t.kind == Type::WRONG || kind == NOTHING) return false;
        return kind == FREE || t.kind == Type::ANY || (kind == EXACT && t.d == d);
    }
};

// Type of a function of operands of these types; every primitive but terminals and references.
Type type_of(Opcode op, const Type* operands) noexcept;

// What operand k of a function may be, whose result must meet `demand` and whose other operands have these types (operands[k]
// is not read). Everything it accepts gives a right result, but for exponents that cannot be represented.
Demand operand_demand(Opcode op, uint32_t k, const Demand& demand, const Type* operands) noexcept;

inline Type type_of(uint8_t op, const Type* operands) noexcept { return type_of(static_cast<Opcode>(op), operands); }
inline Demand operand_demand(uint8_t op, uint32_t k, const Demand& demand, const Type* operands) noexcept {
    return operand_demand(static_cast<Opcode>(op), k, demand, operands);
}

}  // namespace vgp
