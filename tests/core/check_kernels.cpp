// A table, some organisms and a call, evaluated where no Python runs: test_aarch64.py builds it for another processor.
// Prints one line and returns 0 if every function agrees with the C library.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "evaluation.hpp"

using namespace vgp;

namespace {

constexpr uint32_t ROWS = 1003, PADDED = 1008;

struct Function {
    Opcode op;
    double (*exact)(double a, double b);
};

const Function FUNCTIONS[] = {
    {Opcode::add, [](double a, double b) { return a + b; }},
    {Opcode::sub, [](double a, double b) { return a - b; }},
    {Opcode::mul, [](double a, double b) { return a * b; }},
    {Opcode::div, [](double a, double b) { return a / b; }},
    {Opcode::aq, [](double a, double b) { return a / std::sqrt(1 + b * b); }},
    {Opcode::pow, [](double a, double b) { return std::pow(a, b); }},
    {Opcode::min, [](double a, double b) { return std::fmin(a, b); }},
    {Opcode::max, [](double a, double b) { return std::fmax(a, b); }},
    {Opcode::less, [](double a, double b) { return double(a < b); }},
    {Opcode::greater_equal, [](double a, double b) { return double(a >= b); }},
    {Opcode::neg, [](double a, double) { return -a; }},
    {Opcode::square, [](double a, double) { return a * a; }},
    {Opcode::sqrt, [](double a, double) { return std::sqrt(a); }},
    {Opcode::exp, [](double a, double) { return std::exp(a); }},
    {Opcode::log, [](double a, double) { return std::log(a); }},
    {Opcode::sin, [](double a, double) { return std::sin(a); }},
    {Opcode::cos, [](double a, double) { return std::cos(a); }},
    {Opcode::tan, [](double a, double) { return std::tan(a); }},
    {Opcode::tanh, [](double a, double) { return std::tanh(a); }},
    {Opcode::abs, [](double a, double) { return std::fabs(a); }},
};

template <class T>
int check(double tolerance) {
    auto* data = static_cast<T*>(std::aligned_alloc(64, 3 * PADDED * sizeof(T)));
    for (uint32_t i = 0; i < PADDED; i++) {
        const uint32_t row = i < ROWS ? i : ROWS - 1;
        data[i] = static_cast<T>(0.01 + 0.03 * row);
        data[PADDED + i] = static_cast<T>(3 - 0.007 * row);
        data[2 * PADDED + i] = static_cast<T>(2 * data[i] + 1);
    }
    const DataView view{reinterpret_cast<unsigned char*>(data), sizeof(T), ROWS, PADDED, 2, data + 2 * PADDED, nullptr};
    const char* error;
    Evaluator* evaluator = Evaluator::create(view, {}, &error);
    if (!evaluator) return std::printf("no evaluator: %s\n", error), 1;
    std::vector<T> values(PADDED);
    int failures = 0;
    for (const Function& function : FUNCTIONS) {
        const uint8_t op = static_cast<uint8_t>(function.op), arity = opcode_arity(op);
        Node nodes[3] = {{1, 0, 1, {.variable = 0}}, {1, 0, 1, {.variable = 1}}, {op, arity, uint16_t(arity + 1), {.payload = 0}}};
        if (arity == 1) nodes[1] = nodes[2];
        const uint32_t offsets[2] = {0, arity + 1u};
        Result result{};
        uint64_t wanted[4];
        evaluator->begin({});
        evaluator->outputs({nodes, offsets, 1}, &result, values.data(), wanted, 4, nullptr);
        for (uint32_t i = 0; i < ROWS; i++) {
            const double exact = function.exact(data[i], data[PADDED + i]);
            if (std::fabs(values[i] - exact) > tolerance * std::fabs(exact)) {
                std::printf("%s(%g, %g) is %.17g, not %.17g\n", opcode_name(op), double(data[i]), double(data[PADDED + i]), double(values[i]), exact);
                failures++;
                break;
            }
        }
    }
    // a call with an argument: (x0 + x0 of the callee, bound to x0) + 1 is the target
    const Node callee[] = {{1, 0, 1, {.variable = 0}}, {1, 0, 1, {.variable = 0}}, {8, 2, 3, {.payload = 0}}};
    const Node caller[] = {{1, 0, 1, {.variable = 0}}, {2, 1, 2, {.reference = 9}}};
    const uint32_t offsets[2] = {0, 2};
    Result result{};
    uint64_t wanted[4];
    evaluator->begin({});
    while (evaluator->evaluate({caller, offsets, 1}, &result, wanted, 4, nullptr)) evaluator->supply(9, callee, 3);
    if (result.status != uint32_t(Status::ok) || result.loss > 1e-10 || std::fabs(result.slope - 1) > 1e-5) {
        std::printf("status %u, loss %g, slope %g\n", result.status, result.loss, result.slope);
        failures++;
    }
    std::printf("%s, %u bytes: %d failures\n", evaluator->instruction_set(), unsigned(sizeof(T)), failures);
    delete evaluator;
    std::free(data);
    return failures;
}

}  // namespace

int main() { return check<float>(4e-7) + check<double>(1e-15) ? 1 : 0; }
