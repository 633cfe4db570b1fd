// From an output column to loss, slope, intercept and signature. Sums are kept in double; a fit so good that its loss would be a
// difference of nearly equal sums is measured again by its residuals.
#pragma once
#include <cstdint>
#include <cstring>

#include "evaluation.hpp"
#include "kernels.hpp"

namespace vgp {

// The size of an error in a byte: eight steps to a doubling, from 2^-28 times the unit, below which it is 0, to 2^4 times.
// A residual's unit is the power of two above the target's largest deviation from its mean, that of the logistic loss 1.
inline uint8_t error_level(double error) noexcept {
    uint64_t bits;
    std::memcpy(&bits, &error, sizeof bits);
    const int64_t level = static_cast<int64_t>(bits << 1 >> 50) - (1023 - 28) * 8;  // exponent and three bits behind the point
    return static_cast<uint8_t>(level < 0 ? 0 : level > 255 ? 255 : level);
}

// The target as the losses need it: computed once per table.
class Target {
public:
    Target() noexcept = default;
    ~Target();
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;

    bool prepare(const DataView& view) noexcept;  // false: no memory

    const void* y = nullptr;         // as given
    const void* w = nullptr;         // weights, or nullptr
    void* centred = nullptr;         // (y - mean) * y_scale, 0 in the padding
    double y_scale = 1;              // power of two that brings the largest |y - mean| near 1
    double mean = 0;                 // weighted, of y * y_scale
    double sum = 0, squares = 0;     // weighted, of `centred`
    double weight = 0;               // sum of weights
    uint64_t n_rows = 0;
    uint32_t element_bytes = 0;
    uint64_t probes[N_PROBES] = {};  // rows of the signature
    alignas(64) double probe_y[N_PROBES] = {};  // y there
};

// Collects what one pass over an output column gives, chunk by chunk, then makes the result of it.
class LossPass {
public:
    // A new column; `first` is its first value, by which sums are shifted.
    void start(double first) noexcept { shift_ = first, sums_ = {}; }
    // Looks at rows [begin, end), just computed. false: one of the values is not finite.
    bool chunk(const Kernels& kernels, const Target& target, const LossSettings& settings, const void* f, uint64_t begin,
               uint64_t end) noexcept;
    // All rows are there and finite: fills in the result.
    void finish(const Kernels& kernels, const Target& target, const LossSettings& settings, const void* f,
                Result* result) const noexcept;

private:
    double shift_ = 0;
    Moments sums_{};
};

}  // namespace vgp
