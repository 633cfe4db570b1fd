// The functions of the primitive set as operations on vectors.
#pragma once
#include "power.hpp"
#include "trigonometry.hpp"

namespace vgp::VGP_ISA {
namespace {

// The functions, by opcode: apply() on one vector.
#define BINARY(name, expression) \
    template <class T> struct name { using V = Vector<T>; VGP_INLINE V apply(V a, V b) { return expression; } };
#define UNARY(name, expression) \
    template <class T> struct name { using V = Vector<T>; VGP_INLINE V apply(V a) { return expression; } };
BINARY(Add, a + b)
BINARY(Sub, a - b)
BINARY(Mul, a* b)
BINARY(Div, a / b)
BINARY(Aq, analytic_quotient(a, b))
BINARY(Min, ((a < b) | (a != a)) ? a : b)
BINARY(Max, ((a > b) | (a != a)) ? a : b)
BINARY(Less, (a < b) ? splat(T(1)) : V{})
BINARY(LessEqual, (a <= b) ? splat(T(1)) : V{})
BINARY(Greater, (a > b) ? splat(T(1)) : V{})
BINARY(GreaterEqual, (a >= b) ? splat(T(1)) : V{})
UNARY(Neg, -a)
UNARY(Square, a* a)
UNARY(Sqrt, square_root(a))
UNARY(Exp, exponential(a))
UNARY(Log, logarithm(a))
UNARY(Sin, sine<T>(a))
UNARY(Cos, cosine<T>(a))
UNARY(Tan, tangent<T>(a))
UNARY(Tanh, hyperbolic_tangent(a))
UNARY(Abs, absolute(a))
template <class T>
struct Pow {
    using V = Vector<T>;
    static __attribute__((noinline)) V apply(V a, V b) { return power(a, b); }  // large: one copy
};

#undef BINARY
#undef UNARY

}  // namespace
}  // namespace vgp::VGP_ISA
