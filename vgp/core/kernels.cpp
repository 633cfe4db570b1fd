// The instructions of the accumulator machine, compiled once per instruction set (VGP_ISA). The accumulator travels from kernel
// to kernel in the eight vector argument registers of the calling convention; every kernel ends by jumping to the next.
#include "kernels.hpp"

#include "genome.hpp"
#include "gradients.hpp"
#include "loss_kernels.hpp"
#include "operations.hpp"

namespace vgp::VGP_ISA {

const GradientKernels* gradient_kernels(uint32_t element_bytes) noexcept;  // gradients.cpp

namespace {

#define EIGHT(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define ACCUMULATOR(V) V v0, V v1, V v2, V v3, V v4, V v5, V v6, V v7
#define VALUES v0, v1, v2, v3, v4, v5, v6, v7

template <class T>
using Kernel = void (*)(const Instruction*, uint64_t, ACCUMULATOR(Vector<T>));

#define GO_ON(T) return reinterpret_cast<Kernel<T>>(ip[1].kernel)(ip + 1, row, VALUES)

template <class T>
VGP_INLINE const Vector<T>* memory(const Operand& operand, uint64_t row) {
    return reinterpret_cast<const Vector<T>*>(operand.word + (row & operand.mask));
}
template <class T>
VGP_INLINE Vector<T> scalar(const Operand& operand) {
    T value;
    __builtin_memcpy(&value, &operand.word, sizeof value);
    return splat(value);
}

// Operands are read from memory alike whether they are columns or temporaries.
enum class Source { accumulator, memory, scalar };

template <class T, class F, Source A, Source B>
void binary(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
    using V = Vector<T>;
    const V *a = nullptr, *b = nullptr;
    V a_all{}, b_all{};
    if constexpr (A == Source::memory) a = memory<T>(ip->a, row);
    if constexpr (B == Source::memory) b = memory<T>(ip->b, row);
    if constexpr (A == Source::scalar) a_all = scalar<T>(ip->a);
    if constexpr (B == Source::scalar) b_all = scalar<T>(ip->b);
#define STEP(i)                                                                              \
    v##i = F::apply(A == Source::accumulator ? v##i : A == Source::memory ? a[i] : a_all, \
                    B == Source::accumulator ? v##i : B == Source::memory ? b[i] : b_all);
    EIGHT(STEP)
#undef STEP
    GO_ON(T);
}

template <class T, class F>
void unary(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
#define STEP(i) v##i = F::apply(v##i);
    EIGHT(STEP)
#undef STEP
    GO_ON(T);
}

template <class T, class F>
void unary_of_memory(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
    const Vector<T>* a = memory<T>(ip->a, row);
#define STEP(i) v##i = a[i];
    EIGHT(STEP)
#undef STEP
    return unary<T, F>(ip, row, VALUES);
}

template <class T>
void load_memory(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
    const Vector<T>* a = memory<T>(ip->a, row);
#define STEP(i) v##i = a[i];
    EIGHT(STEP)
#undef STEP
    GO_ON(T);
}

template <class T>
void load_scalar(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
    v0 = v1 = v2 = v3 = v4 = v5 = v6 = v7 = scalar<T>(ip->a);
    GO_ON(T);
}

template <class T>
VGP_INLINE void write(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
    Vector<T>* a = const_cast<Vector<T>*>(memory<T>(ip->a, row));
#define STEP(i) a[i] = v##i;
    EIGHT(STEP)
#undef STEP
}

template <class T>
void store(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
    write<T>(ip, row, VALUES);
    GO_ON(T);
}

template <class T>
void finish(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
    write<T>(ip, row, VALUES);
}

// The condition in the accumulator, both branches in memory.
template <class T>
void select(const Instruction* ip, uint64_t row, ACCUMULATOR(Vector<T>)) {
    const Vector<T>*a = memory<T>(ip->a, row), *b = memory<T>(ip->b, row);
#define STEP(i) v##i = v##i > T(0) ? a[i] : b[i];
    EIGHT(STEP)
#undef STEP
    GO_ON(T);
}

template <class T>
void run(const Instruction* program, uint64_t begin, uint64_t end) {
    constexpr uint64_t BLOCK = 8 * VECTOR_BYTES;
    const Vector<T> zero{};
    const auto start = reinterpret_cast<Kernel<T>>(program->kernel);
    uint64_t row = begin;
    for (; row + BLOCK <= end; row += BLOCK) start(program, row, zero, zero, zero, zero, zero, zero, zero, zero);
    if (row < end) start(program, end - BLOCK, zero, zero, zero, zero, zero, zero, zero, zero);
}

template <class T>
double fold(uint8_t op, double a_, double b_, double c_) {
    using V = Vector<T>;
    const V a = splat(static_cast<T>(a_)), b = splat(static_cast<T>(b_)), c = splat(static_cast<T>(c_));
    V y = a;
    switch (static_cast<Opcode>(op)) {
#define VGP_BINARY(opcode, F) case Opcode::opcode: y = F<T>::apply(a, b); break;
#define VGP_UNARY(opcode, F) case Opcode::opcode: y = F<T>::apply(a); break;
#include "functions.def"
#undef VGP_BINARY
#undef VGP_UNARY
        case Opcode::select: y = a > T(0) ? b : c; break;
        default: break;
    }
    return y[0];
}

template <class T>
KernelFunction erase(void (*kernel)(const Instruction*, uint64_t, ACCUMULATOR(Vector<T>))) {
    return reinterpret_cast<KernelFunction>(kernel);
}

template <class T, class F>
void fill_binary(KernelFunction (&of)[4][4]) {
    constexpr Source A = Source::accumulator, M = Source::memory, S = Source::scalar;
    constexpr int a = 0, s = 2;
    for (int m = 1; m <= 3; m += 2) {
        of[a][m] = erase<T>(binary<T, F, A, M>), of[m][a] = erase<T>(binary<T, F, M, A>);
        of[s][m] = erase<T>(binary<T, F, S, M>), of[m][s] = erase<T>(binary<T, F, M, S>);
        of[m][1] = of[m][3] = erase<T>(binary<T, F, M, M>);
    }
    of[a][s] = erase<T>(binary<T, F, A, S>), of[s][a] = erase<T>(binary<T, F, S, A>);
}

template <class T, class F>
void fill_unary(KernelFunction (&of)[4][4]) {  // the first operand is the last one too
    of[0][0] = erase<T>(unary<T, F>);
    of[1][1] = of[3][3] = erase<T>(unary_of_memory<T, F>);
}

template <class T>
Kernels make_kernels(const char* name) {
    Kernels k{};
    k.name = name;
    k.block_bytes = 8 * VECTOR_BYTES;
#define VGP_BINARY(opcode, F) fill_binary<T, F<T>>(k.function[static_cast<int>(Opcode::opcode)]);
#define VGP_UNARY(opcode, F) fill_unary<T, F<T>>(k.function[static_cast<int>(Opcode::opcode)]);
#include "functions.def"
#undef VGP_BINARY
#undef VGP_UNARY
    k.load[1] = k.load[3] = erase<T>(load_memory<T>);
    k.load[2] = erase<T>(load_scalar<T>);
    k.store = erase<T>(store<T>);
    k.finish = erase<T>(finish<T>);
    k.select = erase<T>(select<T>);
    k.run = run<T>;
    k.fold = fold<T>;
    fill_loss_kernels<T>(k);
    k.gradients = gradient_kernels(sizeof(T));
    return k;
}

}  // namespace

const Kernels* kernels(const char* name, uint32_t element_bytes) noexcept {
    static const Kernels of_float = make_kernels<float>(name), of_double = make_kernels<double>(name);
    return element_bytes == 4 ? &of_float : element_bytes == 8 ? &of_double : nullptr;
}

}  // namespace vgp::VGP_ISA
