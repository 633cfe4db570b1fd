// xoshiro256++ (Blackman, Vigna 2019): 32 bytes of state, passed explicitly; there is no global generator.
#pragma once
#include <cmath>
#include <cstdint>

namespace vgp {

struct Rng {
    uint64_t s[4];
};

inline uint64_t rng_splitmix(uint64_t& x) noexcept {
    uint64_t z = (x += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

inline void rng_seed(Rng& rng, uint64_t seed) noexcept {
    for (auto& word : rng.s) word = rng_splitmix(seed);
}

inline uint64_t rng_next(Rng& rng) noexcept {
    auto rotl = [](uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    uint64_t* s = rng.s;
    const uint64_t result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

// Uniform in [0, n), n >= 1. Multiply-shift (Lemire 2019) without rejection: bias below n / 2^32.
inline uint32_t rng_below(Rng& rng, uint32_t n) noexcept {
    return static_cast<uint32_t>(((rng_next(rng) >> 32) * n) >> 32);
}

// Uniform in [0, 1).
inline double rng_uniform(Rng& rng) noexcept { return static_cast<double>(rng_next(rng) >> 11) * 0x1.0p-53; }

// Standard normal, polar method (Marsaglia 1964), one value per call: no state outside the generator.
inline double rng_normal(Rng& rng) noexcept {
    double u, v, q;
    do {
        u = 2.0 * rng_uniform(rng) - 1.0;
        v = 2.0 * rng_uniform(rng) - 1.0;
        q = u * u + v * v;
    } while (q >= 1.0 || q == 0.0);
    return u * std::sqrt(-2.0 * std::log(q) / q);
}

}  // namespace vgp
