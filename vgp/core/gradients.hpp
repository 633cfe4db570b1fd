// What tuning constants takes from an instruction set: functions over columns, their derivatives, and the sums of a normal system.
//
// Unlike the accumulator machine these read and write memory only: a sweep back needs every intermediate value again. Columns
// are cut into windows that stay in the cache, and every kernel runs over one window: `n` vectors of `vector_bytes`.
#pragma once
#include <cstdint>

namespace vgp {

// Where an operand lies and how far it moves from vector to vector: 0 where one vector stands for all rows.
struct Input {
    const void* data;
    uint64_t step;
};

using ForwardKernel = void (*)(void* out, const Input* in, uint64_t n);

// out = g * (derivative of the function by one of its operands): g belongs to the function's value.
struct Sweep {
    Input g, value, in[3];
};
using ReverseKernel = void (*)(void* out, const Sweep& sweep, uint64_t n);

// How residuals look at a column f: p = slope * f + offset, in the units of the column y.
//   squared, huber, absolute   r = y - p     weights 1, min(1, delta / |r|), 1 / max(|r|, delta)
//   logistic                   p is the logit, y is 0 or 1: Newton's weight q (1 - q) and (y - q) / weight, q = 1 / (1 + exp(-p))
struct ResidualSettings {
    uint32_t loss;   // a Loss
    double slope, offset, delta;
};

// Columns of one window, n vectors each, 0 where there is no row. The last three may be nullptr: the weight of a row over its
// omega, and that times p and times r.
struct Residuals {
    void *omega, *r, *p, *ratio, *ratio_p, *ratio_r;
};

struct GradientKernels {
    uint32_t vector_bytes;
    ForwardKernel forward[64];      // by opcode
    ReverseKernel reverse[64][3];   // by opcode and operand; nullptr where the derivative is 0 wherever there is one
    // One vector, all lanes of which are the value.
    void (*splat)(void* out, double value);
    // Rows [begin, end) of f, y and w (or nullptr) into the window of n vectors; begin is at the head of a vector.
    void (*residuals)(const ResidualSettings& settings, const void* f, const void* y, const void* w, uint64_t begin, uint64_t end,
                      const Residuals& out, uint64_t n);
    // Numbers that are not finite become 0.
    void (*clean)(void* column, uint64_t n);
    // sums[i * m + j] += sum of omega * column i * column j for i <= j.
    void (*gram)(const Input* columns, uint32_t m, const void* omega, uint64_t n, double* sums);
};

}  // namespace vgp
