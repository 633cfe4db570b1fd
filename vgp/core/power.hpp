// a^b with the special cases of C's pow. float: through double. double: the logarithm as an unevaluated sum of two numbers.
#pragma once
#include "functions.hpp"

namespace vgp::VGP_ISA {

// exact a * b = product + *error
VGP_INLINE VectorD product_error(VectorD a, VectorD b, VectorD* error) {
    const VectorD product = a * b;
    if constexpr (FUSED) {
        *error = multiply_add(a, b, -product);
    } else {  // Dekker 1971
        const VectorD ca = a * 134217729.0, cb = b * 134217729.0, ah = ca - (ca - a), bh = cb - (cb - b), al = a - ah, bl = b - bh;
        *error = ((ah * bh - product) + ah * bl + al * bh) + al * bl;
    }
    return product;
}
VGP_INLINE VectorD sum_error(VectorD a, VectorD b, VectorD* error) {  // Knuth's exact sum
    const VectorD sum = a + b, t = sum - a;
    *error = (a - (sum - t)) + (b - t);
    return sum;
}

// log(x) for finite x > 0 as high + *low, to about 2^-68: 2 s + 2 s^3 / 3 + ..., s = (m - 1) / (m + 1), first two terms in pairs
VGP_INLINE VectorD logarithm_pair(VectorD x, VectorD* low) {
    constexpr double P[] = {2.0 / 29, 2.0 / 27, 2.0 / 25, 2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13, 2.0 / 11, 2.0 / 9,
                            2.0 / 7,  2.0 / 5};
    VectorD e, top_error, t, u, v;
    const VectorD m = split(x, &e), f = m - 1.0, g = sum_error(m, splat(1.0), &top_error);
    const VectorD s = f / g, back = product_error(s, g, &t);
    const VectorD s_low = (((f - back) - t) - s * top_error) / g;
    const VectorD z = product_error(s, s, &t), z_low = t + 2.0 * s * s_low;
    const VectorD cube = product_error(z, s, &t), cube_low = t + z * s_low + z_low * s;
    const VectorD third = product_error(cube, splat(0x1.5555555555555p-1), &u);
    const VectorD third_low = u + cube * 0x1.5555555555555p-55 + cube_low * 0x1.5555555555555p-1;
    const VectorD tail = cube * z * horner(z, P);
    const VectorD e_high = e * 0x1.62e42fefa3p-1;
    const VectorD first = sum_error(e_high, 2.0 * s, &t), second = sum_error(first, third, &v);
    const VectorD rest = ((t + v) + (2.0 * s_low + third_low)) + (tail + e * 0x1.3de6af278ece6p-42);
    const VectorD high = second + rest;
    *low = (second - high) + rest;
    return high;
}

// exp(b log a) for a > 0 or infinite
VGP_INLINE VectorD positive_power(VectorD a, VectorD b) {
    VectorD low, error;
    const VectorD high = logarithm_pair(a, &low);
    const VectorD exponent = product_error(b, high, &error);
    const VectorD y = exponential(exponent, absolute(exponent) < 750.0 ? multiply_add(b, low, error) : VectorD{});
    const VectorD edge = exponential(b * logarithm(a));
    return (a >= 0x1p-1022) & (a < INFINITY_D) ? y : edge;
}
VGP_INLINE VectorF positive_power(VectorF a, VectorF b) {
    return narrow(exponential(widen_low(b) * logarithm(widen_low(a))), exponential(widen_high(b) * logarithm(widen_high(a))));
}

template <class V, class T>
VGP_INLINE auto is_whole(V x, T integers) {  // integers: from there on every number is whole
    const V size = absolute(x);
    return (size >= integers) | ((size + integers) - integers == size);
}

template <class V, class T>
VGP_INLINE V power_cases(V a, V b, V y, T integers, T infinity, T nan) {
    const auto whole = is_whole(b, integers), odd = whole & ~is_whole(b * T(0.5), integers);
    const auto negative = bits(a) < 0;
    y = negative & odd ? -y : y;
    y = (a < 0) & ~whole & (a > -infinity) ? splat(nan) : y;
    y = (b == T(0)) | (a == T(1)) ? splat(T(1)) : y;
    return (a == T(-1)) & (absolute(b) == infinity) ? splat(T(1)) : y;
}

VGP_INLINE VectorF power(VectorF a, VectorF b) {
    return power_cases(a, b, positive_power(absolute(a), b), 0x1p23f, INFINITY_F, NAN_F);
}
VGP_INLINE VectorD power(VectorD a, VectorD b) {
    return power_cases(a, b, positive_power(absolute(a), b), 0x1p52, INFINITY_D, NAN_D);
}

}  // namespace vgp::VGP_ISA
