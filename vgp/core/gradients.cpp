// Columns in, columns out: the functions, their derivatives and the sums that a least-squares step is made of. Compiled once per
// instruction set (VGP_ISA).
#include "gradients.hpp"

#include "evaluation.hpp"
#include "genome.hpp"
#include "loss_kernels.hpp"
#include "operations.hpp"

namespace vgp::VGP_ISA {
namespace {

template <class T>
struct Reader {
    const unsigned char* at;
    uint64_t step;
    explicit Reader(const Input& input) : at(static_cast<const unsigned char*>(input.data)), step(input.step) {}
    Vector<T> next() {
        const Vector<T> value = *reinterpret_cast<const Vector<T>*>(at);
        at += step;
        return value;
    }
};

template <class T, class F>
void forward_unary(void* out, const Input* in, uint64_t n) {
    auto* to = static_cast<Vector<T>*>(out);
    Reader<T> a(in[0]);
    for (uint64_t i = 0; i < n; i++) to[i] = F::apply(a.next());
}
template <class T, class F>
void forward_binary(void* out, const Input* in, uint64_t n) {
    auto* to = static_cast<Vector<T>*>(out);
    Reader<T> a(in[0]), b(in[1]);
    for (uint64_t i = 0; i < n; i++) to[i] = F::apply(a.next(), b.next());
}
template <class T>
void forward_select(void* out, const Input* in, uint64_t n) {
    auto* to = static_cast<Vector<T>*>(out);
    Reader<T> c(in[0]), a(in[1]), b(in[2]);
    for (uint64_t i = 0; i < n; i++) {
        const Vector<T> first = a.next(), second = b.next();
        to[i] = c.next() > T(0) ? first : second;
    }
}

// Derivatives: g times that of the value v by one operand. Each names what it reads.
struct Names { bool v, a, b; };
#define DERIVATIVE(name, reads_v, reads_a, reads_b, expression)                                            \
    template <class T> struct name {                                                                       \
        using V = Vector<T>;                                                                               \
        static constexpr Names reads{reads_v, reads_a, reads_b};                                           \
        VGP_INLINE V apply(V g, [[maybe_unused]] V v, [[maybe_unused]] V a, [[maybe_unused]] V b) { return expression; } \
    };
DERIVATIVE(Same, false, false, false, g)
DERIVATIVE(Opposite, false, false, false, -g)
DERIVATIVE(TimesA, false, true, false, g* a)
DERIVATIVE(TimesB, false, false, true, g* b)
DERIVATIVE(OverB, false, false, true, g / b)
DERIVATIVE(ByDivisor, true, false, true, -(g * v) / b)
DERIVATIVE(ByAqNumerator, false, false, true, analytic_quotient(g, b))
DERIVATIVE(ByAqDenominator, true, false, true, -(g * v) * (b / multiply_add(b, b, splat(T(1)))))
DERIVATIVE(ByBase, false, true, true, b == T(0) ? V{} : g * b * Pow<T>::apply(a, b - T(1)))
DERIVATIVE(ByExponent, true, true, false, a > T(0) ? g * v * logarithm(a) : V{})
DERIVATIVE(OfSmaller, false, true, true, ((a < b) | (a != a)) ? g : V{})
DERIVATIVE(OfNotSmaller, false, true, true, ((a < b) | (a != a)) ? V{} : g)
DERIVATIVE(OfLarger, false, true, true, ((a > b) | (a != a)) ? g : V{})
DERIVATIVE(OfNotLarger, false, true, true, ((a > b) | (a != a)) ? V{} : g)
DERIVATIVE(OfSquare, false, true, false, g * (a + a))
DERIVATIVE(OfSqrt, true, false, false, g * T(0.5) / v)
DERIVATIVE(OfExp, true, false, false, g* v)
DERIVATIVE(OfLog, false, true, false, g / a)
DERIVATIVE(OfSin, false, true, false, g* cosine<T>(a))
DERIVATIVE(OfCos, false, true, false, -(g * sine<T>(a)))
DERIVATIVE(OfTan, true, false, false, g* multiply_add(v, v, splat(T(1))))
DERIVATIVE(OfTanh, true, false, false, g*(T(1) - v * v))
DERIVATIVE(OfAbs, false, true, false, a > T(0) ? g : a < T(0) ? -g : V{})
DERIVATIVE(WherePositive, false, true, false, a > T(0) ? g : V{})  // a: the condition
DERIVATIVE(WhereNot, false, true, false, a > T(0) ? V{} : g)
#undef DERIVATIVE

template <class T, class D>
void reverse(void* out, const Sweep& sweep, uint64_t n) {
    using V = Vector<T>;
    auto* to = static_cast<V*>(out);
    Reader<T> gs(sweep.g), vs(sweep.value), as(sweep.in[0]), bs(sweep.in[1]);
    for (uint64_t i = 0; i < n; i++) {
        V v{}, a{}, b{};
        if constexpr (D::reads.v) v = vs.next();
        if constexpr (D::reads.a) a = as.next();
        if constexpr (D::reads.b) b = bs.next();
        to[i] = D::apply(gs.next(), v, a, b);
    }
}

template <class T>
void write_splat(void* out, double value) { *static_cast<Vector<T>*>(out) = splat(static_cast<T>(value)); }

template <class T>
void clean(void* column, uint64_t n) {
    auto* values = static_cast<Vector<T>*>(column);
    for (uint64_t i = 0; i < n; i++) values[i] = values[i] - values[i] == T(0) ? values[i] : Vector<T>{};
}

struct Row {
    VectorD omega, r, p, ratio;
};

VGP_INLINE Row residual_of(const ResidualSettings& s, VectorD f, VectorD y, VectorD w) {
    const VectorD p = multiply_add(f, splat(s.slope), splat(s.offset)), r = y - p, size = absolute(r);
    Row row{w, r, p, splat(1.0)};
    switch (static_cast<Loss>(s.loss)) {
        case Loss::huber:
            row.ratio = size > s.delta ? size / s.delta : splat(1.0);
            row.omega = w / row.ratio;
            break;
        case Loss::absolute:
            row.ratio = size > s.delta ? size : splat(s.delta);
            row.omega = w / row.ratio;
            break;
        case Loss::logistic: {
            const VectorD decay = exponential(-absolute(p)), tail = 1.0 / (1.0 + decay);
            const VectorD q = p > 0.0 ? tail : decay * tail, variance = q * (1.0 - q), held = variance > 1e-6 ? variance : splat(1e-6);
            row.omega = w * held;
            row.r = (y - q) / held;
            break;
        }
        case Loss::squared: break;
    }
    return row;
}

template <class T>
VGP_INLINE Vector<T> to_elements(const Row* rows, VectorD Row::*field) {
    if constexpr (sizeof(T) == 8) return rows[0].*field;
    else return narrow(rows[0].*field, rows[1].*field);
}

template <class T>
void residuals(const ResidualSettings& settings, const void* f, const void* y, const void* w, uint64_t begin, uint64_t end,
               const Residuals& out, uint64_t n) {
    using V = Vector<T>;
    const auto *fs = vectors<T>(f), *ys = vectors<T>(y), *ws = vectors<T>(w);
    V *omega = static_cast<V*>(out.omega), *r = static_cast<V*>(out.r), *p = static_cast<V*>(out.p);
    V *ratio = static_cast<V*>(out.ratio), *ratio_p = static_cast<V*>(out.ratio_p), *ratio_r = static_cast<V*>(out.ratio_r);
    uint64_t k = 0;
    for_vectors<T>(begin, end, [&](uint64_t i, auto mask) {
        const V weight = mask ? (ws ? ws[i] : splat(T(1))) : V{}, value = mask ? fs[i] : V{}, target = mask ? ys[i] : V{};
        Row rows[2];
        if constexpr (sizeof(T) == 8) {
            rows[0] = residual_of(settings, value, target, weight);
        } else {
            rows[0] = residual_of(settings, widen_low(value), widen_low(target), widen_low(weight));
            rows[1] = residual_of(settings, widen_high(value), widen_high(target), widen_high(weight));
        }
        omega[k] = to_elements<T>(rows, &Row::omega), r[k] = to_elements<T>(rows, &Row::r), p[k] = to_elements<T>(rows, &Row::p);
        if (ratio) ratio[k] = to_elements<T>(rows, &Row::ratio), ratio_p[k] = ratio[k] * p[k], ratio_r[k] = ratio[k] * r[k];
        k++;
    });
    for (; k < n; k++) {
        omega[k] = r[k] = p[k] = V{};
        if (ratio) ratio[k] = ratio_p[k] = ratio_r[k] = V{};
    }
}

// Four products at a time: enough chains of additions to keep the adders busy.
template <class T>
void gram(const Input* columns, uint32_t m, const void* omega, uint64_t n, double* sums) {
    using V = Vector<T>;
    const auto* weights = static_cast<const V*>(omega);
    for (uint32_t i = 0; i < m; i++) {
        for (uint32_t j = i; j < m; j += 4) {
            const auto column = [&](uint32_t k) { return Reader<T>(columns[j + k < m ? j + k : i]); };
            Reader<T> a(columns[i]), b0 = column(0), b1 = column(1), b2 = column(2), b3 = column(3);
            V s0{}, s1{}, s2{}, s3{};
            for (uint64_t v = 0; v < n; v++) {
                const V weighted = a.next() * weights[v];
                s0 = multiply_add(weighted, b0.next(), s0), s1 = multiply_add(weighted, b1.next(), s1);
                s2 = multiply_add(weighted, b2.next(), s2), s3 = multiply_add(weighted, b3.next(), s3);
            }
            const V all[] = {s0, s1, s2, s3};
            for (uint32_t k = 0; k < 4 && j + k < m; k++) sums[i * m + j + k] += total(all[k]);
        }
    }
}

template <class T>
GradientKernels make_gradient_kernels() {
    GradientKernels k{};
    k.vector_bytes = VECTOR_BYTES;
#define VGP_BINARY(opcode, F) k.forward[static_cast<int>(Opcode::opcode)] = forward_binary<T, F<T>>;
#define VGP_UNARY(opcode, F) k.forward[static_cast<int>(Opcode::opcode)] = forward_unary<T, F<T>>;
#include "functions.def"
#undef VGP_BINARY
#undef VGP_UNARY
    k.forward[static_cast<int>(Opcode::select)] = forward_select<T>;
#define VGP_DERIVATIVE(opcode, operand, D) k.reverse[static_cast<int>(Opcode::opcode)][operand] = reverse<T, D<T>>;
#include "derivatives.def"
#undef VGP_DERIVATIVE
    k.splat = write_splat<T>;
    k.residuals = residuals<T>;
    k.clean = clean<T>;
    k.gram = gram<T>;
    return k;
}

}  // namespace

const GradientKernels* gradient_kernels(uint32_t element_bytes) noexcept {
    static const GradientKernels of_float = make_gradient_kernels<float>(), of_double = make_gradient_kernels<double>();
    return element_bytes == 4 ? &of_float : &of_double;
}

}  // namespace vgp::VGP_ISA
