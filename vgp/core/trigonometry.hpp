// sin, cos and tan: x - n * pi in several exact steps (Cody and Waite 1980), one odd polynomial on [-pi/2, pi/2], the sign from
// the parity of n. cos takes odd multiples of pi / 2 for n * pi, so that it too is the sine of a small number near its zeros.
#pragma once
#include "vector.hpp"
#include "functions.hpp"

namespace vgp::VGP_ISA {

inline constexpr float SINE_F[] = {2.6057059e-6f, -0.00019809571f, 0.0083330658f, -0.16666660f};
inline constexpr double SINE_D[] = {2.721129937044306427e-15, -7.642987301546109433e-13, 1.605893954852511076e-10, -2.505210686974545128e-8,
                                    2.7557319211104737418e-6, -0.00019841269841209034532, 0.0083333333333331938112, -0.16666666666666665565};

// x - n * unit * pi; unit is 1 or 1/2. |n| < 2^20 (2^30): the products are exact, fused or because the parts are short.
VGP_INLINE VectorF reduce(VectorF x, VectorF n, float unit) {
    VectorF r = exact_multiply_add(n, splat(-0x1.921fb6p+1f * unit), x);
    r = exact_multiply_add(n, splat(0x1.777a5cp-24f * unit), r);
    return multiply_add(n, splat(0x1.ee59dap-49f * unit), r);
}
VGP_INLINE VectorD reduce(VectorD x, VectorD n, double unit) {
    if constexpr (FUSED) {
        VectorD r = multiply_add(n, splat(-0x1.921fb54442d18p+1 * unit), x);
        r = multiply_add(n, splat(-0x1.1a62633145c07p-53 * unit), r);
        return multiply_add(n, splat(0x1.f1976b7ed8fbcp-109 * unit), r);
    }
    VectorD r = x - n * (0x1.921fb4p+1 * unit);
    r = r - n * (0x1.4442dp-23 * unit);
    r = r - n * (0x1.846988p-47 * unit);
    return r - n * (0x1.8cc51701b839ap-71 * unit);
}

VGP_INLINE VectorF sine_polynomial(VectorF r) { const VectorF z = r * r; return multiply_add(horner(z, SINE_F), z * r, r); }
VGP_INLINE VectorD sine_polynomial(VectorD r) { const VectorD z = r * r; return multiply_add(horner(z, SINE_D), z * r, r); }

// |r| <= pi / 4
VGP_INLINE VectorF cosine_polynomial(VectorF r) {
    constexpr float C[] = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};
    const VectorF z = r * r;
    return multiply_add(horner(z, C), z * z, multiply_add(z, splat(-0.5f), splat(1.0f)));
}
VGP_INLINE VectorD cosine_polynomial(VectorD r) {
    constexpr double C[] = {-1.13596475577881948265e-11, 2.08757232129817482790e-09, -2.75573143513906633035e-07,
                            2.48015872894767294178e-05, -1.38888888888741095749e-03, 4.16666666666666019037e-02};
    const VectorD z = r * r, half = z * 0.5, high = 1.0 - half;
    return high + (((1.0 - high) - half) + z * z * horner(z, C));
}

// sum: n + ROUND. The sign bit that the parity of n stands for.
VGP_INLINE VectorI32 parity(VectorF sum) { return bits(sum) << 31; }
VGP_INLINE VectorI64 parity(VectorD sum) { return bits(sum) << 63; }
template <class T> struct Angles;
template <> struct Angles<float> { static constexpr float ROUND = ROUND_F, PER_PI = 0x1.45f306p-2f, LIMIT = 0x1p20f, NONE = NAN_F; };
template <> struct Angles<double> { static constexpr double ROUND = ROUND_D, PER_PI = 0x1.45f306dc9c883p-2, LIMIT = 0x1p30, NONE = NAN_D; };

// y, a function's value at a = |x|, for an odd function: with the sign of x, also where y is 0. NaN beyond the limit.
template <class T>
VGP_INLINE Vector<T> odd_value(Vector<T> x, Vector<T> a, Vector<T> y) {
    return a <= Angles<T>::LIMIT ? from_bits(bits(y) ^ bits(x) ^ bits(a)) : splat(Angles<T>::NONE);
}

template <class T>
VGP_INLINE Vector<T> sine(Vector<T> x) {
    const Vector<T> a = absolute(x), sum = multiply_add(a, splat(Angles<T>::PER_PI), splat(Angles<T>::ROUND));
    const Vector<T> y = sine_polynomial(reduce(a, sum - Angles<T>::ROUND, T(1)));
    return odd_value<T>(x, a, from_bits(bits(y) ^ parity(sum)));
}
template <class T>
VGP_INLINE Vector<T> cosine(Vector<T> x) {
    const Vector<T> sum = multiply_add(x, splat(Angles<T>::PER_PI), splat(T(-0.5))) + Angles<T>::ROUND;
    const Vector<T> k = sum - Angles<T>::ROUND;
    const Vector<T> y = sine_polynomial(reduce(x, k + k + T(1), T(0.5)));
    return absolute(x) <= Angles<T>::LIMIT ? from_bits(bits(-y) ^ parity(sum)) : splat(Angles<T>::NONE);
}
template <class T>
VGP_INLINE Vector<T> tangent(Vector<T> x) {
    const Vector<T> a = absolute(x), sum = multiply_add(a, splat(T(2) * Angles<T>::PER_PI), splat(Angles<T>::ROUND));
    const Vector<T> r = reduce(a, sum - Angles<T>::ROUND, T(0.5));
    const Vector<T> s = sine_polynomial(r), c = cosine_polynomial(r);
    const auto odd = parity(sum) < 0;
    return odd_value<T>(x, a, (odd ? c : s) / (odd ? -s : c));
}

}  // namespace vgp::VGP_ISA
