#include "tuning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

namespace vgp {
namespace {

constexpr uint64_t CHUNK = 4096;              // bytes of a column that one look of the loss takes, as in evaluation
constexpr double FIRST_DAMPING = 1e-3, LEAST_DAMPING = 1e-9, MOST_DAMPING = 1e9;
constexpr double CONVERGED = 1e-6;            // relative decrease of the loss, expected or reached, that is not worth a step
constexpr uint32_t REJECTED_IN_A_ROW = 8;
constexpr double SMALLEST_RESIDUAL = 1e-2;    // of absolute loss, in mean residuals: below, a row's weight rises no more

// Columns of the normal system: 1 and p (the fitted values), then what reweighting needs, the parameters, and the residuals.
constexpr uint32_t ONE = 0, P = 1, RATIO = 2, RATIO_P = 3, RATIO_R = 4;

bool reweights(Loss loss) { return loss == Loss::huber || loss == Loss::absolute; }

double infinity() { return std::numeric_limits<double>::infinity(); }

}  // namespace

Tuner::Outcome Tuner::tune(Node* nodes, uint32_t n, const LossSettings& loss, const TuneSettings& settings, CallSource& calls) noexcept {
    try {
        return search(nodes, n, loss, settings, calls);
    } catch (const std::bad_alloc&) {
        return {};
    }
}

bool Tuner::start(const Node* nodes, uint32_t n, const LossSettings& loss, uint32_t rows, CallSource& calls, bool even_without) {
    k_ = tape_.choose_parameters(nodes, n, loss.linear_scaling != 0);
    if ((k_ == 0 && !even_without) || !rows_.choose(view_, rows) || !tape_.record(nodes, n, rows_, calls)) return false;
    first_ = reweights(loss.loss) ? RATIO_R + 1 : P + 1;
    m_ = first_ + k_ + 1;
    operations_ = 0;
    return true;
}

Tuner::Outcome Tuner::search(Node* nodes, uint32_t n, const LossSettings& loss, const TuneSettings& settings, CallSource& calls) {
    if (settings.steps == 0 || !start(nodes, n, loss, settings.rows, calls, false)) return {};
    std::vector<double> here(k_), there(k_);
    for (uint32_t i = 0; i < k_; i++) here[i] = nodes[tape_.parameters()[i]].value;
    Fit best = fit(here, loss);
    const double floor = rounding_floor(loss);
    double damping = FIRST_DAMPING;
    uint32_t rejected = 0;
    Outcome outcome;
    bool current = false;
    while (std::isfinite(best.loss) && outcome.trials < settings.steps && rejected < REJECTED_IN_A_ROW && damping < MOST_DAMPING) {
        if (!current) sum_up(best, loss), project(loss);
        current = true;
        if (!solve(damping)) break;
        double expected = 0;
        for (uint32_t i = 0; i < k_; i++) expected += step_[i] * (system_.gradient[i] + damping * system_.hessian[i * k_ + i] * step_[i]);
        expected = loss_of(expected, loss);
        if (!(expected > CONVERGED * best.loss) || !(best.loss > floor)) break;
        for (uint32_t i = 0; i < k_; i++) there[i] = here[i] + step_[i];
        const Fit trial = fit(there, loss);
        outcome.trials++;
        if (!(trial.loss < best.loss)) {
            damping *= rejected++ == 0 ? 8 : 16;
            continue;
        }
        const double gain = best.loss - trial.loss;
        damping = std::max(LEAST_DAMPING, damping * (gain > 0.75 * expected ? 0.1 : gain > 0.25 * expected ? 0.5 : 2));
        here = there, rejected = 0, current = false, outcome.moved = true;
        const bool converged = gain < CONVERGED * best.loss;
        best = trial;
        if (converged) break;
    }
    for (uint32_t i = 0; i < k_; i++) nodes[tape_.parameters()[i]].value = rounded(here[i]);
    outcome.operations = operations_;
    return outcome;
}

// The loss that rounding the target alone comes to: below, steps would follow noise.
double Tuner::rounding_floor(const LossSettings& loss) const noexcept {
    if (loss.loss == Loss::logistic) return 0;
    const Target& t = rows_.target();
    const double unit = (view_.element_bytes == 4 ? 0x1p-24 : 0x1p-53) / t.y_scale;
    const double squares = unit * unit * (t.mean * t.mean + t.squares / t.weight);
    return loss.loss == Loss::absolute ? std::sqrt(squares) : squares;
}

// Loss, slope and intercept as evaluate() finds them, on the chosen rows.
Tuner::Fit Tuner::fit(const std::vector<double>& constants, const LossSettings& loss) noexcept {
    for (uint32_t i = 0; i < k_; i++) {
        if (!std::isfinite(rounded(constants[i]))) return {infinity(), 1, 0};
        tape_.set(i, constants[i]);
    }
    const uint32_t bytes = view_.element_bytes;
    const void* f = tape_.values();
    LossPass pass;
    for (uint64_t begin = 0; begin < rows_.bytes(); begin += tape_.window_bytes()) {
        const uint64_t end = std::min(begin + tape_.window_bytes(), rows_.bytes());
        tape_.forward(begin, end);
        if (begin == 0) pass.start(bytes == 4 ? static_cast<const float*>(f)[0] : static_cast<const double*>(f)[0]);
        operations_ += (end - begin) / bytes * tape_.operations();
        for (uint64_t at = begin; at < end; at += CHUNK) {
            const uint64_t first = at / bytes, last = std::min(std::min(at + CHUNK, end) / bytes, rows_.n());
            if (first < last && !pass.chunk(kernels_, rows_.target(), loss, f, first, last)) return {infinity(), 1, 0};
        }
    }
    Result result{infinity(), 1, 0, 0, 0, 0, 0};
    pass.finish(kernels_, rows_.target(), loss, f, &result);
    return {result.loss, result.slope, result.intercept};
}

// All sums that the step needs, over all rows, at the constants where fit() was last accepted.
void Tuner::sum_up(const Fit& fit, const LossSettings& loss) {
    const GradientKernels& kernels = *kernels_.gradients;
    const Target& target = rows_.target();
    const bool logistic = loss.loss == Loss::logistic, reweighted = reweights(loss.loss);
    const double scale = logistic ? 1 : target.y_scale, slope = fit.slope * scale;
    const double delta = loss.loss == Loss::huber ? loss.huber_delta * scale : std::max(SMALLEST_RESIDUAL * fit.loss * scale, 1e-300);
    const ResidualSettings settings{static_cast<uint32_t>(loss.loss), slope, fit.intercept * scale - (logistic ? 0 : target.mean), delta};
    const auto spare = [this](uint32_t i) { return tape_.spare(i); };
    const Residuals out{spare(0), spare(1), spare(2), reweighted ? spare(3) : nullptr, spare(4), spare(5)};
    gram_.assign(size_t{m_} * m_, 0.0);
    columns_.resize(m_);
    const auto moving = [&](const void* column) { return Input{column, kernels.vector_bytes}; };
    columns_[ONE] = tape_.one(), columns_[P] = moving(out.p);
    if (reweighted) columns_[RATIO] = moving(out.ratio), columns_[RATIO_P] = moving(out.ratio_p), columns_[RATIO_R] = moving(out.ratio_r);
    for (uint32_t i = 0; i < k_; i++) columns_[first_ + i] = tape_.column(i);
    columns_[m_ - 1] = moving(out.r);
    const uint64_t bytes = view_.element_bytes, window = tape_.window_bytes();
    for (uint64_t begin = 0; begin < rows_.bytes(); begin += window) {
        const uint64_t end = std::min(begin + window, rows_.bytes()), vectors = (end - begin) / kernels.vector_bytes;
        if (window < rows_.bytes()) tape_.forward(begin, end);  // else the one window is as fit() left it
        tape_.reverse(begin, end, slope);
        kernels.residuals(settings, tape_.values(), logistic ? target.y : target.centred, target.w, begin / bytes,
                          std::min(end / bytes, rows_.n()), out, vectors);
        for (uint32_t i = 0; i < k_; i++)
            if (columns_[first_ + i].step) kernels.clean(const_cast<void*>(columns_[first_ + i].data), vectors);
        kernels.gram(columns_.data(), m_, out.omega, vectors, gram_.data());
        operations_ += (end - begin) / bytes * (tape_.operations() + tape_.operations_back() + k_);
    }
}

// From the sums to the system of the parameters alone: what a turn of the line can do as well is taken out of their columns.
void Tuner::project(const LossSettings& loss) {
    one_.assign(k_, 0.0), turn_.assign(k_, 0.0);
    const uint32_t r = m_ - 1;
    if (loss.linear_scaling && reweights(loss.loss)) {  // the line is that of the plain weights: p has the mean 0 under them
        const double weight = at(ONE, RATIO), pp = at(P, RATIO_P);
        for (uint32_t i = 0; i < k_; i++) {
            one_[i] = at(first_ + i, RATIO) / weight;
            turn_[i] = pp > 0 ? (at(first_ + i, RATIO_P) - at(first_ + i, RATIO_R)) / pp : 0;
        }
    } else if (loss.linear_scaling) {
        const double weight = at(ONE, ONE), mean = at(ONE, P) / weight, pp = at(P, P) - mean * at(ONE, P);
        for (uint32_t i = 0; i < k_; i++) {
            const uint32_t c = first_ + i;
            turn_[i] = pp > 0 ? (at(P, c) - mean * at(ONE, c)) / pp : 0;
            one_[i] = at(ONE, c) / weight - turn_[i] * mean;
        }
    }
    system_.hessian.resize(size_t{k_} * k_), system_.gradient.resize(k_), system_.raw.resize(k_);
    for (uint32_t i = 0; i < k_; i++) {
        const uint32_t a = first_ + i;
        system_.raw[i] = at(a, a);
        system_.gradient[i] = at(a, r) - one_[i] * at(ONE, r) - turn_[i] * at(P, r);
        for (uint32_t j = 0; j <= i; j++) {
            const uint32_t b = first_ + j;
            const double h = at(a, b) - one_[i] * at(ONE, b) - turn_[i] * at(P, b) - one_[j] * at(ONE, a) - turn_[j] * at(P, a) +
                             one_[i] * one_[j] * at(ONE, ONE) + (one_[i] * turn_[j] + turn_[i] * one_[j]) * at(ONE, P) +
                             turn_[i] * turn_[j] * at(P, P);
            system_.hessian[i * k_ + j] = system_.hessian[j * k_ + i] = h;
        }
    }
    system_.squares = at(r, r);
}

// (H + damping diag H) step = g by Cholesky. A parameter whose column is noise next to what it was before projection stays put.
bool Tuner::solve(double damping) {
    const double noise = view_.element_bytes == 4 ? 1e-6 : 1e-13;
    factor_ = system_.hessian;
    step_.assign(k_, 0.0);
    bool any = false;
    for (uint32_t i = 0; i < k_; i++) {
        const double d = system_.hessian[i * k_ + i];
        const bool dead = !(d > noise * system_.raw[i]) || !std::isfinite(d) || !std::isfinite(system_.gradient[i]) || !(d > 1e-280);
        any = any || !dead;
        for (uint32_t j = 0; dead && j < k_; j++) factor_[i * k_ + j] = factor_[j * k_ + i] = 0;
        factor_[i * k_ + i] = dead ? 1 : d * (1 + damping);
        step_[i] = dead ? 0 : system_.gradient[i];
    }
    if (!any) return false;
    for (uint32_t i = 0; i < k_; i++) {
        for (uint32_t j = 0; j <= i; j++) {
            double sum = factor_[i * k_ + j];
            for (uint32_t c = 0; c < j; c++) sum -= factor_[i * k_ + c] * factor_[j * k_ + c];
            if (i == j) factor_[i * k_ + i] = std::sqrt(std::max(sum, 0.1 * damping * factor_[i * k_ + i] + 1e-300));
            else factor_[i * k_ + j] = sum / factor_[j * k_ + j];
        }
    }
    for (uint32_t i = 0; i < k_; i++) {
        for (uint32_t c = 0; c < i; c++) step_[i] -= factor_[i * k_ + c] * step_[c];
        step_[i] /= factor_[i * k_ + i];
    }
    for (uint32_t i = k_; i-- > 0;) {
        for (uint32_t c = i + 1; c < k_; c++) step_[i] -= factor_[c * k_ + i] * step_[c];
        step_[i] /= factor_[i * k_ + i];
    }
    return std::all_of(step_.begin(), step_.end(), [](double x) { return std::isfinite(x); });
}

// What a decrease of the weighted sum of squares is worth in the loss.
double Tuner::loss_of(double squares, const LossSettings& loss) const noexcept {
    const Target& target = rows_.target();
    const double scale = target.y_scale;
    switch (loss.loss) {
        case Loss::squared: return squares / target.weight / scale / scale;
        case Loss::huber: return squares / 2 / target.weight / scale / scale;
        case Loss::absolute: return squares / 2 / target.weight / scale;
        case Loss::logistic: return squares / 2 / target.weight;
    }
    return squares;
}

}  // namespace vgp
