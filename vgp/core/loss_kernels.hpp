// Sums over rows of an output column: the loss side of the kernels, compiled once per instruction set.
#pragma once
#include "functions.hpp"
#include "kernels.hpp"

namespace vgp::VGP_ISA {
namespace {

// Calls step(vector index, mask of the rows that count) for the whole vectors of [begin, end) and, with a mask, for the last one.
// begin is a multiple of the lanes; a column is readable up to the end of its last vector.
template <class T, class Step>
VGP_INLINE void for_vectors(uint64_t begin, uint64_t end, Step step) {
    constexpr uint64_t N = LANES<T>;
    uint64_t i = begin / N;
    for (; (i + 1) * N <= end; i++) step(i, Vector<T>{} == Vector<T>{});
    const auto rest = static_cast<typename Types<T>::Integer>(end - i * N);
    if (rest <= 0) return;
    typename Types<T>::I lane;
    for (uint32_t k = 0; k < N; k++) lane[k] = static_cast<typename Types<T>::Integer>(k);
    step(i, lane < rest);
}

VGP_INLINE double total(VectorD x) {
#if defined(__AVX512F__)
    return _mm512_reduce_add_pd(x);
#else
    double sum = 0;
    for (uint32_t k = 0; k < LANES<double>; k++) sum += x[k];
    return sum;
#endif
}
VGP_INLINE double total(VectorF x) { return total(widen_low(x) + widen_high(x)); }

template <class T>
VGP_INLINE const Vector<T>* vectors(const void* column) { return static_cast<const Vector<T>*>(column); }

// Runs step(f, y, w, mask) on doubles, whatever the elements are.
template <class T, class Step>
VGP_INLINE void for_doubles(const void* f, const void* y, const void* w, uint64_t begin, uint64_t end, Step step) {
    const auto *fs = vectors<T>(f), *ys = vectors<T>(y), *ws = vectors<T>(w);
    for_vectors<T>(begin, end, [&](uint64_t i, auto mask) {
        Vector<T> weight = splat(T(1));
        if (ws) weight = ws[i];
        weight = mask ? weight : Vector<T>{};
        const Vector<T> value = mask ? fs[i] : Vector<T>{};
        if constexpr (sizeof(T) == 8) {
            step(value, ys[i], weight);
        } else {
            step(widen_low(value), widen_low(ys[i]), widen_low(weight));
            step(widen_high(value), widen_high(ys[i]), widen_high(weight));
        }
    });
}

template <class T>
void moments(const void* f, const void* y, const void* w, double shift, uint64_t begin, uint64_t end, Moments* sums) {
    using V = Vector<T>;
    const auto *fs = vectors<T>(f), *ys = vectors<T>(y), *ws = vectors<T>(w);
    const V centre = splat(static_cast<T>(shift));
    V sf{}, sff{}, sfy{};
    for_vectors<T>(begin, end, [&](uint64_t i, auto mask) {
        const V d = mask ? fs[i] - centre : V{};
        const V wd = ws ? d * ws[i] : d;
        sf += wd;
        sff = multiply_add(wd, d, sff);
        sfy = multiply_add(wd, ys[i], sfy);
    });
    sums->f += total(sf), sums->ff += total(sff), sums->fy += total(sfy);
}

template <class T>
void precise_moments(const void* f, const void* y, const void* w, double scale, double shift, uint64_t begin, uint64_t end,
                     Moments* sums) {
    VectorD sf{}, sff{}, sfy{};
    for_doubles<T>(f, y, w, begin, end, [&](VectorD fs, VectorD ys, VectorD ws) {
        const VectorD d = fs * scale - shift, wd = d * ws;
        sf += wd;
        sff = multiply_add(wd, d, sff);
        sfy = multiply_add(wd, ys, sfy);
    });
    sums->f += total(sf), sums->ff += total(sff), sums->fy += total(sfy);
}

VGP_INLINE VectorD residual(const Line& line, VectorD f, VectorD y) {
    return multiply_add(f * line.f_scale, splat(line.slope), splat(line.intercept)) - y * line.y_scale;
}

template <class T>
double squared(const void* f, const void* y, const void* w, const Line& line, uint64_t begin, uint64_t end) {
    VectorD sum{};
    for_doubles<T>(f, y, w, begin, end, [&](VectorD fs, VectorD ys, VectorD ws) {
        const VectorD r = residual(line, fs, ys);
        sum = multiply_add(r * ws, r, sum);
    });
    return total(sum);
}

template <class T>
double absolute_loss(const void* f, const void* y, const void* w, const Line& line, uint64_t begin, uint64_t end) {
    VectorD sum{};
    for_doubles<T>(f, y, w, begin, end,
                   [&](VectorD fs, VectorD ys, VectorD ws) { sum = multiply_add(absolute(residual(line, fs, ys)), ws, sum); });
    return total(sum);
}

// Huber 1964: r^2 / 2 within delta, delta (|r| - delta / 2) beyond
template <class T>
double huber(const void* f, const void* y, const void* w, const Line& line, double delta, uint64_t begin, uint64_t end) {
    VectorD sum{};
    for_doubles<T>(f, y, w, begin, end, [&](VectorD fs, VectorD ys, VectorD ws) {
        const VectorD size = absolute(residual(line, fs, ys)), inside = upper(size, splat(delta));
        sum = multiply_add(inside * (size - 0.5 * inside), ws, sum);
    });
    return total(sum);
}

// Loss log(1 + exp(z)) - t z of logit z = intercept + slope f against t, with its derivatives.
template <class T>
void logistic(const void* f, const void* y, const void* w, const Line& line, uint64_t begin, uint64_t end, LogisticSums* sums) {
    VectorD loss{}, g0{}, g1{}, h0{}, h1{}, h2{};
    for_doubles<T>(f, y, w, begin, end, [&](VectorD fs, VectorD ts, VectorD ws) {
        const VectorD x = fs * line.f_scale, z = multiply_add(x, splat(line.slope), splat(line.intercept));
        const VectorD decay = exponential(-absolute(z)), tail = 1.0 / (1.0 + decay);
        const VectorD p = z > 0.0 ? tail : decay * tail;
        const VectorD excess = logarithm(1.0 + decay), small = decay * (1.0 - 0.5 * decay);  // log1p
        const VectorD positive = z > 0.0 ? z : VectorD{};
        loss += ws * (positive - ts * z + (decay > 1e-8 ? excess : small));
        const VectorD gradient = ws * (p - ts), hessian = ws * p * (1.0 - p);
        g0 += gradient, g1 += gradient * x;
        h0 += hessian, h1 += hessian * x, h2 += hessian * x * x;
    });
    sums->loss += total(loss);
    sums->gradient[0] += total(g0), sums->gradient[1] += total(g1);
    sums->hessian[0] += total(h0), sums->hessian[1] += total(h1), sums->hessian[2] += total(h2);
}

template <class T>
void range(const void* f, uint64_t begin, uint64_t end, double* smallest, double* largest) {
    using V = Vector<T>;
    const auto* fs = vectors<T>(f);
    const V first = splat(static_cast<const T*>(f)[begin]);
    V low = first, high = first, poison{};
    for_vectors<T>(begin, end, [&](uint64_t i, auto mask) {
        const V x = mask ? fs[i] : first;
        low = x < low ? x : low;
        high = x > high ? x : high;
        poison += x - x;  // NaN once a value is NaN or infinite
    });
    const double bad = total(poison);
    double lowest = low[0], highest = high[0];
    for (uint32_t k = 1; k < LANES<T>; k++) {
        if (low[k] < lowest) lowest = low[k];
        if (high[k] > highest) highest = high[k];
    }
    *smallest = lowest + bad, *largest = highest + bad;
}

// Signs of the residuals on 64 rows, bit by bit.
template <class T>
uint64_t signature(const void* f, const uint64_t* rows, const double* y, const Line& line) {
    constexpr uint32_t N = LANES<double>;
    alignas(64) double values[64];
    for (uint32_t i = 0; i < 64; i++) values[i] = static_cast<double>(static_cast<const T*>(f)[rows[i]]);
    uint64_t signs = 0;
    for (uint32_t i = 0; i < 64; i += N) {
        const auto *fs = vectors<double>(values + i), *ys = vectors<double>(y + i);
        const VectorI64 positive = residual(line, *fs, *ys) > 0.0;
        for (uint32_t k = 0; k < N; k++) signs |= static_cast<uint64_t>(positive[k] & 1) << (i + k);
    }
    return signs;
}

template <class T>
void fill_loss_kernels(Kernels& k) {
    k.moments = moments<T>;
    k.precise_moments = precise_moments<T>;
    k.squared = squared<T>;
    k.absolute = absolute_loss<T>;
    k.huber = huber<T>;
    k.logistic = logistic<T>;
    k.range = range<T>;
    k.signature = signature<T>;
}

}  // namespace
}  // namespace vgp::VGP_ISA
