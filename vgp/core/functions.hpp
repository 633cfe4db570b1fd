// Elementary functions on vectors without branches: clamp, reduce the range, evaluate a polynomial, select. An argument out of
// range costs what any other costs. Numbers below the smallest normal number count as 0 throughout (the evaluator sets that mode).
//
// Polynomials are minimax in relative error (Remez, 40 digits) on the reduced interval; the double logarithm has
// the form of FDLIBM's (Sun Microsystems 1993); small tanh and the cosine within tan are those of Cephes (Moshier 1992) and FDLIBM.
#pragma once
#include "vector.hpp"

namespace vgp::VGP_ISA {

inline constexpr float INFINITY_F = __builtin_inff(), NAN_F = __builtin_nanf("");
inline constexpr double INFINITY_D = __builtin_inf(), NAN_D = __builtin_nan("");
inline constexpr float ROUND_F = 0x1.8p23f;    // adding and subtracting it rounds to a whole number, whose low bits
inline constexpr double ROUND_D = 0x1.8p52;    // are then the low bits of the sum

// p * 2^n for whole n in [-2200, 2200], p near 1: in two steps, since 2^n alone may overflow
VGP_INLINE VectorF scale(VectorF p, VectorF n) {
#if defined(__AVX512F__)
    return _mm512_scalef_ps(p, n);
#else
    const VectorI32 whole = __builtin_convertvector(n, VectorI32), half = whole >> 1;
    return p * from_bits((half + 127) << 23) * from_bits((whole - half + 127) << 23);
#endif
}
VGP_INLINE VectorD scale(VectorD p, VectorD n) {
#if defined(__AVX512F__)
    return _mm512_scalef_pd(p, n);
#else
    const VectorI64 whole = bits(n + ROUND_D) - bits(splat(ROUND_D)), half = bits(n * 0.5 + ROUND_D) - bits(splat(ROUND_D));
    return p * from_bits((half + 1023) << 52) * from_bits((whole - half + 1023) << 52);
#endif
}

VGP_INLINE VectorF exponential(VectorF x) {
    constexpr float P[] = {0.00139506024f, 0.00836895350f, 0.0416662041f, 0.166665183f, 0.50000001f};
    x = lower(upper(x, splat(89.5f)), splat(-104.0f));
    const VectorF n = multiply_add(x, splat(0x1.715476p0f), splat(ROUND_F)) - ROUND_F;
    VectorF r = multiply_add(n, splat(-0x1.62e4p-1f), x);
    r = multiply_add(n, splat(-0x1.7f7d1cp-20f), r);
    return scale(multiply_add(horner(r, P), r * r, r) + 1.0f, n);
}

// exp(x + correction), |correction| tiny
VGP_INLINE VectorD exponential(VectorD x, VectorD correction) {
    constexpr double P[] = {2.5117979295935223064e-8, 2.7631413787702878147e-7, 2.7557215930308623593e-6, 0.000024801489590615875603,
                            0.00019841269917795255216, 0.0013888888947331128525, 0.0083333333333070160689, 0.041666666666514323462,
                            0.1666666666666669936, 0.50000000000000128568};
    x = lower(upper(x, splat(711.0)), splat(-746.0));
    const VectorD n = multiply_add(x, splat(0x1.71547652b82fep0), splat(ROUND_D)) - ROUND_D;
    const VectorD high = multiply_add(n, splat(-0x1.62e42fefa3p-1), x);
    const VectorD low = multiply_add(n, splat(-0x1.3de6af278ece6p-42), correction);
    const VectorD r = high + low;
    const VectorD rest = (high - r) + low;
    return scale(1.0 + (r + multiply_add(horner(r, P), r * r, rest)), n);
}
VGP_INLINE VectorD exponential(VectorD x) { return exponential(x, VectorD{}); }

// x = m * 2^e, 0.75 <= m < 1.5. Zero gives e = -inf, infinity e = +inf, a negative number m = NaN where the machine does that
// by itself (AVX-512); elsewhere logarithm() selects those cases.
VGP_INLINE VectorF split(VectorF x, VectorF* e) {
#if defined(__AVX512F__)
    const VectorF m = _mm512_getmant_ps(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
    const VectorF exponent = _mm512_getexp_ps(x);
    *e = _mm512_mask_add_ps(exponent, _mm512_cmp_ps_mask(m, splat(1.0f), _CMP_LT_OQ), exponent, splat(1.0f));
    return m;
#else
    const VectorI32 shifted = bits(x) - 0x3f400000;
    *e = __builtin_convertvector(shifted >> 23, VectorF);
    return from_bits((shifted & 0x7fffff) + 0x3f400000);
#endif
}
VGP_INLINE VectorD split(VectorD x, VectorD* e) {
#if defined(__AVX512F__)
    const VectorD m = _mm512_getmant_pd(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
    const VectorD exponent = _mm512_getexp_pd(x);
    *e = _mm512_mask_add_pd(exponent, _mm512_cmp_pd_mask(m, splat(1.0), _CMP_LT_OQ), exponent, splat(1.0));
    return m;
#else
    const VectorI64 shifted = bits(x) - 0x3fe8000000000000ll;
    *e = from_bits((shifted >> 52) + bits(splat(ROUND_D))) - ROUND_D;
    return from_bits((shifted & 0xfffffffffffffll) + 0x3fe8000000000000ll);
#endif
}

// Puts in what the logarithm is outside of (0, inf).
template <class V, class T>
VGP_INLINE V logarithm_limits(V x, V y, T smallest, T infinity, T nan) {
#if defined(__AVX512F__)
    (void)x, (void)smallest, (void)infinity, (void)nan;
    return y;
#else
    const V edge = x < smallest ? splat(-infinity) : x;
    y = (x >= smallest) & (x < infinity) ? y : edge;
    return x <= -smallest ? splat(nan) : y;
#endif
}

VGP_INLINE VectorF logarithm(VectorF x) {
    constexpr float P[] = {-0.0450798621f, 0.104643243f, -0.131620744f, 0.144785051f, -0.166472452f, 0.199908459f, -0.250000969f, 0.333334494f};
    VectorF e;
    const VectorF f = split(x, &e) - 1.0f, z = f * f;
    VectorF y = multiply_add(horner(f, P), z * f, e * 0x1.7f7d1cp-20f);
    y = multiply_add(z, splat(-0.5f), y);
    return logarithm_limits(x, multiply_add(e, splat(0x1.62e4p-1f), f + y), 0x1p-126f, INFINITY_F, NAN_F);
}

VGP_INLINE VectorD logarithm(VectorD x) {
    constexpr double EVEN[] = {0x1.1b8366eee5661p-3, 0x1.3b35c475831e6p-3, 0x1.c71c74903067bp-3, 0x1.999999999c182p-2, 0.0};
    constexpr double ODD[] = {0x1.0dcb54889729fp-3, 0x1.745c4ac04e2b4p-3, 0x1.24924921e3ce2p-2, 0x1.555555555554fp-1};
    VectorD e;
    const VectorD f = split(x, &e) - 1.0, s = f / (f + 2.0), z = s * s, w = z * z;
    const VectorD half_square = f * f * 0.5;
    const VectorD r = multiply_add(z, horner(w, ODD), horner(w, EVEN));
    const VectorD low = multiply_add(s, half_square + r, e * 0x1.3de6af278ece6p-42);
    return logarithm_limits(x, multiply_add(e, splat(0x1.62e42fefa3p-1), f - (half_square - low)), 0x1p-1022, INFINITY_D, NAN_D);
}

VGP_INLINE VectorF hyperbolic_tangent(VectorF x) {
    constexpr float P[] = {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f, -3.33332819422e-1f};
    const VectorF a = absolute(x), z = x * x;
    const VectorF large = 1.0f - 2.0f / (exponential(a + a) + 1.0f);
    const VectorF small = multiply_add(horner(z, P), z * a, a);
    return from_bits(bits(a < 0.625f ? small : large) | (bits(x) ^ bits(a)));
}
VGP_INLINE VectorD hyperbolic_tangent(VectorD x) {
    constexpr double P[] = {-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3};
    constexpr double Q[] = {1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3};
    const VectorD a = absolute(x), z = x * x;
    const VectorD large = 1.0 - 2.0 / (exponential(a + a) + 1.0);
    const VectorD small = multiply_add(horner(z, P) / horner(z, Q), z * a, a);
    return from_bits(bits(a < 0.625 ? small : large) | (bits(x) ^ bits(a)));
}

// a / sqrt(1 + b^2), also where b^2 overflows: |b| beyond 2^60 (2^510) is its own square root of 1 + b^2
VGP_INLINE VectorF analytic_quotient(VectorF a, VectorF b) {
    const VectorF size = absolute(b), root = square_root(multiply_add(b, b, splat(1.0f)));
    return a / (size > 0x1p60f ? size : root);
}
VGP_INLINE VectorD analytic_quotient(VectorD a, VectorD b) {
    const VectorD size = absolute(b), root = square_root(multiply_add(b, b, splat(1.0)));
    return a / (size > 0x1p510 ? size : root);
}

}  // namespace vgp::VGP_ISA
