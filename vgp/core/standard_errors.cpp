// How well the data determine constants: the inverse of the normal system at the fit, of all that is fitted together.
#include <cmath>
#include <limits>
#include <new>

#include "tuning.hpp"

namespace vgp {
namespace {

constexpr double UNKNOWN = std::numeric_limits<double>::infinity();

// Goodnight 1979: afterwards row and column k are those of the inverse as far as it has been swept.
void sweep(std::vector<double>& a, uint32_t m, uint32_t k) {
    const double pivot = a[k * m + k];
    for (uint32_t j = 0; j < m; j++) a[k * m + j] /= pivot;
    for (uint32_t i = 0; i < m; i++) {
        if (i == k) continue;
        const double factor = a[i * m + k];
        for (uint32_t j = 0; j < m; j++) a[i * m + j] -= factor * a[k * m + j];
        a[i * m + k] = -factor / pivot;
    }
    a[k * m + k] = 1 / pivot;
}

}  // namespace

bool Tuner::errors(const Node* nodes, uint32_t n, const LossSettings& loss, CallSource& calls, double* errors) noexcept {
    try {
        return standard_errors(nodes, n, loss, calls, errors), true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

// The line comes first: a constant that it can stand in for is not determined. Then constants in order: each as far as those
// before it leave something to it.
void Tuner::standard_errors(const Node* nodes, uint32_t n, const LossSettings& loss, CallSource& calls, double* errors) {
    if (!start(nodes, n, loss, 0, calls, true)) return;
    std::vector<double> here(k_);
    for (uint32_t i = 0; i < k_; i++) here[i] = nodes[tape_.parameters()[i]].value;
    const Fit best = fit(here, loss);
    if (!std::isfinite(best.loss)) return;
    sum_up(best, loss);

    const uint32_t lines = loss.linear_scaling ? 2 : 0, m = lines + k_;
    const auto column = [&](uint32_t i) { return i < lines ? i : first_ + i - lines; };
    std::vector<double> covariance(size_t{m} * m), raw(m);
    for (uint32_t i = 0; i < m; i++) {
        raw[i] = at(column(i), column(i));
        for (uint32_t j = 0; j < m; j++) covariance[i * m + j] = at(column(i), column(j));
    }
    const double noise = view_.element_bytes == 4 ? 1e-5 : 1e-11;
    std::vector<bool> known(m, false);
    uint32_t n_known = 0;
    for (uint32_t i = 0; i < m; i++) {
        known[i] = covariance[i * m + i] > noise * raw[i] && raw[i] > 0;
        if (known[i]) sweep(covariance, m, i), n_known++;
    }
    const double rows = static_cast<double>(rows_.n()), all = static_cast<double>(view_.n_rows), free = rows - n_known;
    if (free <= 0) return;
    const double variance = (loss.loss == Loss::logistic ? 1 : at(m_ - 1, m_ - 1) / free) * (rows / all);
    const auto error = [&](uint32_t i) { return known[i] ? std::sqrt(std::fmax(0, variance * covariance[i * m + i])) : UNKNOWN; };

    uint32_t n_constants = 0;
    for (uint32_t i = 0, p = 0; i < n; i++) {
        if (nodes[i].op != static_cast<uint8_t>(Opcode::constant)) continue;
        const bool fitted = p < k_ && tape_.parameters()[p] == i;
        if (fitted) errors[n_constants] = error(lines + p++);
        n_constants++;
    }
    double* line = errors + n_constants;
    line[0] = line[1] = loss.linear_scaling ? UNKNOWN : 0;
    if (!loss.linear_scaling || !known[0]) return;
    // the fitted values p are scaled and centred: intercept + d (intercept - mean) + t when they become (1 + d) p + t
    const bool logistic = loss.loss == Loss::logistic;
    const double scale = logistic ? 1 : rows_.target().y_scale, lever = known[1] ? best.intercept - (logistic ? 0 : rows_.target().mean / scale) : 0;
    if (known[1]) line[0] = std::fabs(best.slope) * error(1);
    const double cross = known[1] ? covariance[1] : 0, turned = known[1] ? covariance[m + 1] : 0;
    line[1] = std::sqrt(std::fmax(0, variance * (covariance[0] / scale / scale + 2 * lever * cross / scale + lever * lever * turned)));
}

}  // namespace vgp
