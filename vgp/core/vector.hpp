// Vectors of one instruction set: GCC vector types as wide as its registers, and the few operations that the types lack.
// Everything lives in a namespace named after the instruction set, so that no function compiled for one can be linked into another.
#pragma once
#include <cstdint>

#if defined(__x86_64__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // GCC 12 in its own header: the operand that a full mask leaves unused
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define VGP_INLINE static inline __attribute__((always_inline))

namespace vgp::VGP_ISA {

#if defined(__AVX512F__)
inline constexpr uint32_t VECTOR_BYTES = 64;
#elif defined(__AVX__)
inline constexpr uint32_t VECTOR_BYTES = 32;
#else
inline constexpr uint32_t VECTOR_BYTES = 16;
#endif

typedef float VectorF __attribute__((vector_size(VECTOR_BYTES)));
typedef double VectorD __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t VectorI32 __attribute__((vector_size(VECTOR_BYTES)));
typedef int64_t VectorI64 __attribute__((vector_size(VECTOR_BYTES)));
typedef float HalfF __attribute__((vector_size(VECTOR_BYTES / 2)));  // as many floats as VectorD has doubles

template <class T> struct Types;
template <> struct Types<float> { using V = VectorF; using I = VectorI32; using Integer = int32_t; };
template <> struct Types<double> { using V = VectorD; using I = VectorI64; using Integer = int64_t; };
template <class T> using Vector = typename Types<T>::V;
template <class T> inline constexpr uint32_t LANES = VECTOR_BYTES / sizeof(T);

VGP_INLINE VectorF splat(float x) { return x - VectorF{}; }
VGP_INLINE VectorD splat(double x) { return x - VectorD{}; }
VGP_INLINE VectorI32 bits(VectorF x) { return reinterpret_cast<VectorI32>(x); }
VGP_INLINE VectorI64 bits(VectorD x) { return reinterpret_cast<VectorI64>(x); }
VGP_INLINE VectorF from_bits(VectorI32 x) { return reinterpret_cast<VectorF>(x); }
VGP_INLINE VectorD from_bits(VectorI64 x) { return reinterpret_cast<VectorD>(x); }
VGP_INLINE VectorF absolute(VectorF x) { return from_bits(bits(x) & 0x7fffffff); }
VGP_INLINE VectorD absolute(VectorD x) { return from_bits(bits(x) & 0x7fffffffffffffffll); }

// multiply_add: a * b + c, rounded once where the machine can (FUSED), else twice.
// upper, lower: upper(x, limit) is limit where x > limit, else x, so that NaN passes.
#if defined(__AVX512F__)
inline constexpr bool FUSED = true;
VGP_INLINE VectorF multiply_add(VectorF a, VectorF b, VectorF c) { return _mm512_fmadd_ps(a, b, c); }
VGP_INLINE VectorD multiply_add(VectorD a, VectorD b, VectorD c) { return _mm512_fmadd_pd(a, b, c); }
VGP_INLINE VectorF square_root(VectorF x) { return _mm512_sqrt_ps(x); }
VGP_INLINE VectorD square_root(VectorD x) { return _mm512_sqrt_pd(x); }
VGP_INLINE VectorF upper(VectorF x, VectorF limit) { return _mm512_min_ps(limit, x); }
VGP_INLINE VectorD upper(VectorD x, VectorD limit) { return _mm512_min_pd(limit, x); }
VGP_INLINE VectorF lower(VectorF x, VectorF limit) { return _mm512_max_ps(limit, x); }
VGP_INLINE VectorD lower(VectorD x, VectorD limit) { return _mm512_max_pd(limit, x); }
#elif defined(__AVX2__)
inline constexpr bool FUSED = true;
VGP_INLINE VectorF multiply_add(VectorF a, VectorF b, VectorF c) { return _mm256_fmadd_ps(a, b, c); }
VGP_INLINE VectorD multiply_add(VectorD a, VectorD b, VectorD c) { return _mm256_fmadd_pd(a, b, c); }
VGP_INLINE VectorF square_root(VectorF x) { return _mm256_sqrt_ps(x); }
VGP_INLINE VectorD square_root(VectorD x) { return _mm256_sqrt_pd(x); }
VGP_INLINE VectorF upper(VectorF x, VectorF limit) { return _mm256_min_ps(limit, x); }
VGP_INLINE VectorD upper(VectorD x, VectorD limit) { return _mm256_min_pd(limit, x); }
VGP_INLINE VectorF lower(VectorF x, VectorF limit) { return _mm256_max_ps(limit, x); }
VGP_INLINE VectorD lower(VectorD x, VectorD limit) { return _mm256_max_pd(limit, x); }
#elif defined(__x86_64__)
inline constexpr bool FUSED = false;
VGP_INLINE VectorF multiply_add(VectorF a, VectorF b, VectorF c) { return a * b + c; }
VGP_INLINE VectorD multiply_add(VectorD a, VectorD b, VectorD c) { return a * b + c; }
VGP_INLINE VectorF square_root(VectorF x) { return _mm_sqrt_ps(x); }
VGP_INLINE VectorD square_root(VectorD x) { return _mm_sqrt_pd(x); }
VGP_INLINE VectorF upper(VectorF x, VectorF limit) { return _mm_min_ps(limit, x); }
VGP_INLINE VectorD upper(VectorD x, VectorD limit) { return _mm_min_pd(limit, x); }
VGP_INLINE VectorF lower(VectorF x, VectorF limit) { return _mm_max_ps(limit, x); }
VGP_INLINE VectorD lower(VectorD x, VectorD limit) { return _mm_max_pd(limit, x); }
#else
inline constexpr bool FUSED = true;
VGP_INLINE VectorF multiply_add(VectorF a, VectorF b, VectorF c) { return (VectorF)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b); }
VGP_INLINE VectorD multiply_add(VectorD a, VectorD b, VectorD c) { return (VectorD)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b); }
VGP_INLINE VectorF square_root(VectorF x) { return (VectorF)vsqrtq_f32((float32x4_t)x); }
VGP_INLINE VectorD square_root(VectorD x) { return (VectorD)vsqrtq_f64((float64x2_t)x); }
VGP_INLINE VectorF upper(VectorF x, VectorF limit) { return (VectorF)vminq_f32((float32x4_t)x, (float32x4_t)limit); }
VGP_INLINE VectorD upper(VectorD x, VectorD limit) { return (VectorD)vminq_f64((float64x2_t)x, (float64x2_t)limit); }
VGP_INLINE VectorF lower(VectorF x, VectorF limit) { return (VectorF)vmaxq_f32((float32x4_t)x, (float32x4_t)limit); }
VGP_INLINE VectorD lower(VectorD x, VectorD limit) { return (VectorD)vmaxq_f64((float64x2_t)x, (float64x2_t)limit); }
#endif

// The halves of a vector of floats as doubles, and back.
typedef HalfF HalfPair[2];
VGP_INLINE VectorD widen_low(VectorF x) {
    HalfPair h;
    __builtin_memcpy(&h, &x, sizeof h);
    return __builtin_convertvector(h[0], VectorD);
}
VGP_INLINE VectorD widen_high(VectorF x) {
    HalfPair h;
    __builtin_memcpy(&h, &x, sizeof h);
    return __builtin_convertvector(h[1], VectorD);
}
VGP_INLINE VectorF narrow(VectorD low, VectorD high) {
    const HalfPair h = {__builtin_convertvector(low, HalfF), __builtin_convertvector(high, HalfF)};
    VectorF x;
    __builtin_memcpy(&x, &h, sizeof x);
    return x;
}

// a * b + c for range reductions, where a * b must not be rounded
VGP_INLINE VectorF exact_multiply_add(VectorF a, VectorF b, VectorF c) {
    if constexpr (FUSED) return multiply_add(a, b, c);
    return narrow(widen_low(a) * widen_low(b) + widen_low(c), widen_high(a) * widen_high(b) + widen_high(c));
}

template <class V, class T, unsigned long N>
VGP_INLINE V horner(V x, const T (&coefficients)[N]) {  // highest power first
    V y = splat(coefficients[0]);
    for (unsigned long i = 1; i < N; i++) y = multiply_add(y, x, splat(coefficients[i]));
    return y;
}

}  // namespace vgp::VGP_ISA
