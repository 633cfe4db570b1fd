// What a program is made of, and what each instruction set provides to run it.
//
// A program is threaded code for an accumulator machine. The accumulator is one block of rows: eight vector registers. Every
// instruction takes operands from the accumulator, from memory (a column, or a temporary of one block) or from a scalar in the
// instruction, leaves its result in the accumulator and jumps to the next. An intermediate value therefore meets memory only
// where both operands of a function are computed.
#pragma once
#include <cstdint>

namespace vgp {

using KernelFunction = void (*)();  // its real type is known to the kernels alone

enum class Place : uint8_t { accumulator = 0, temporary = 1, scalar = 2, column = 3 };

// A column moves with the rows (mask ~0), a temporary does not (mask 0); a scalar's bits stand in place of the address.
struct Operand {
    uint64_t word;
    uint64_t mask;
};

struct Instruction {
    KernelFunction kernel;
    Operand a, b;
};

// Sums over rows of one output column f, in double: for squared loss with linear scaling.
struct Moments {
    double f, ff, fy;  // sum of w d, w d^2, w d y;  d = f - shift, y the centred target
};

// Sums over rows for logistic regression of a 0/1 target on one output column.
struct LogisticSums {
    double loss, gradient[2], hessian[3];  // by intercept, slope; second derivatives 00, 01, 11
};

// How a residual pass sees f and y: r = slope * (f * f_scale) + intercept - y * y_scale; the scales are powers of two.
struct Line {
    double slope, intercept, f_scale, y_scale;
};

struct GradientKernels;  // gradients.hpp

// One instruction set and element type. f, y and w are columns of elements; w may be nullptr. Sums run over rows [begin, end).
struct Kernels {
    const char* name;
    uint32_t block_bytes;                   // of one accumulator
    KernelFunction function[64][4][4];      // by opcode and Places of first and last operand; nullptr where there is none
    KernelFunction load[4];                 // by the Place of operand a: into the accumulator
    KernelFunction store;                   // accumulator to operand a, and go on
    KernelFunction finish;                  // accumulator to operand a, and return
    KernelFunction select;                  // accumulator > 0 ? operand a : operand b, both in memory

    // Runs a program on the bytes [begin, end) of every column; end - begin >= block_bytes. The last block may overlap another.
    void (*run)(const Instruction* program, uint64_t begin, uint64_t end);
    // The value that a kernel would give for scalars: bit for bit the same function.
    double (*fold)(uint8_t op, double a, double b, double c);

    void (*moments)(const void* f, const void* y, const void* w, double shift, uint64_t begin, uint64_t end, Moments* sums);
    // The same in double: d = f * scale - shift.
    void (*precise_moments)(const void* f, const void* y, const void* w, double scale, double shift, uint64_t begin, uint64_t end,
                            Moments* sums);
    double (*squared)(const void* f, const void* y, const void* w, const Line& line, uint64_t begin, uint64_t end);
    double (*absolute)(const void* f, const void* y, const void* w, const Line& line, uint64_t begin, uint64_t end);
    double (*huber)(const void* f, const void* y, const void* w, const Line& line, double delta, uint64_t begin, uint64_t end);
    void (*logistic)(const void* f, const void* y, const void* w, const Line& line, uint64_t begin, uint64_t end, LogisticSums* sums);
    // Smallest and largest value; both NaN if any value is NaN.
    void (*range)(const void* f, uint64_t begin, uint64_t end, double* smallest, double* largest);
    // Bit i: the residual on row rows[i] of 64, where the target is y[i] (64-byte aligned), is positive.
    uint64_t (*signature)(const void* f, const uint64_t* rows, const double* y, const Line& line);
    const GradientKernels* gradients;
};

// Kernels by instruction set name (nullptr: the best this machine has) and element size; nullptr if this machine has it not.
const Kernels* find_kernels(const char* instruction_set, uint32_t element_bytes) noexcept;

// Denormal numbers count as 0 while one of these lives: they would cost a hundred times a normal one on some machines.
class FlushDenormals {
public:
    FlushDenormals() noexcept;
    ~FlushDenormals();
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;

private:
    uint64_t saved_;
};

}  // namespace vgp
