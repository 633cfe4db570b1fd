#include "loss.hpp"

#include <cmath>
#include <cstdlib>

namespace vgp {
namespace {

// Everything a fit needs to see; f is the finished output column.
struct Task {
    const Kernels& kernels;
    const Target& target;
    const LossSettings& settings;
    const void* f;
};

double power_of_two_for(double largest) noexcept {  // brings `largest` into [1/2, 1); away from the ends of double's range
    if (largest == 0) return 1;
    int exponent;
    std::frexp(largest, &exponent);
    return std::ldexp(1.0, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
}

double element(const void* column, uint32_t bytes, uint64_t row) noexcept {
    return bytes == 4 ? static_cast<double>(static_cast<const float*>(column)[row]) : static_cast<const double*>(column)[row];
}

// The least-squares line from sums shifted by `shift`; slope 0 where f does not vary.
Line line_of(const Target& t, const Moments& s, double shift, double scale) noexcept {
    const double variance = s.ff - s.f * s.f / t.weight, covariance = s.fy - s.f * t.sum / t.weight;
    const double slope = variance > 0 ? covariance / variance : 0;
    return {slope, t.mean - slope * (shift + s.f / t.weight), scale, t.y_scale};
}

// In double throughout, for columns of any size and any ratio of mean to spread.
Line careful_line(const Task& k) noexcept {
    const Target& t = k.target;
    double smallest, largest;
    k.kernels.range(k.f, 0, t.n_rows, &smallest, &largest);
    if (smallest == largest) return {0, t.mean, 1, t.y_scale};
    const double scale = power_of_two_for(std::fmax(std::fabs(smallest), std::fabs(largest)));
    double shift = smallest * scale / 2 + largest * scale / 2;
    Moments sums{};
    k.kernels.precise_moments(k.f, t.centred, t.w, scale, shift, 0, t.n_rows, &sums);
    shift += sums.f / t.weight;
    sums = {};
    k.kernels.precise_moments(k.f, t.centred, t.w, scale, shift, 0, t.n_rows, &sums);
    return line_of(t, sums, shift, scale);
}

// The least-squares line through the origin: y as given is mean + centred.
Line line_through_origin(const Task& k) noexcept {
    const Target& t = k.target;
    double smallest, largest;
    k.kernels.range(k.f, 0, t.n_rows, &smallest, &largest);
    const double scale = power_of_two_for(std::fmax(std::fabs(smallest), std::fabs(largest)));
    Moments sums{};
    k.kernels.precise_moments(k.f, t.centred, t.w, scale, 0, 0, t.n_rows, &sums);
    return {sums.ff > 0 ? (sums.fy + t.mean * sums.f) / sums.ff : 0, 0, scale, t.y_scale};
}

// The line from the sums of the first pass if they are good for it. *squares: their sum of squared residuals, or -1 where that
// would be a difference of nearly equal numbers.
Line line_from(const Task& k, const Moments& s, double shift, double* squares) noexcept {
    const Target& t = k.target;
    const double variance = s.ff - s.f * s.f / t.weight, covariance = s.fy - s.f * t.sum / t.weight;
    *squares = -1;
    if (!std::isfinite(s.ff) || !std::isfinite(s.fy) || !(s.ff > 1e-24 * t.weight) || !(variance > 1e-3 * s.ff)) return careful_line(k);
    const double rest = t.squares - covariance * (covariance / variance);
    if (rest > 0.01 * t.squares) {
        *squares = rest;
        return line_of(t, s, shift, 1);
    }
    const double mean = shift + s.f / t.weight;
    Moments sums{};
    k.kernels.precise_moments(k.f, t.centred, t.w, 1, mean, 0, t.n_rows, &sums);
    return line_of(t, sums, mean, 1);
}

double mean_loss(const Task& k, const Line& line) noexcept {
    const Target& t = k.target;
    const double scale = t.y_scale;
    switch (k.settings.loss) {
        case Loss::absolute: return k.kernels.absolute(k.f, t.y, t.w, line, 0, t.n_rows) / t.weight / scale;
        case Loss::huber: {
            const double delta = k.settings.huber_delta * scale;
            return k.kernels.huber(k.f, t.y, t.w, line, delta, 0, t.n_rows) / t.weight / scale / scale;
        }
        default: return k.kernels.squared(k.f, t.y, t.w, line, 0, t.n_rows) / t.weight / scale / scale;
    }
}

// Logistic regression on the standardised column g = (x - m) / s, x = f * scale: Newton's method, a step that makes the loss worse
// is halved. 20 looks at the column at most: where the classes can be separated there is no finite optimum.
struct Logit {
    const Task& k;
    double scale, m, s;

    Line line(double a, double b) const noexcept { return {b / s, a - b * m / s, scale, 1}; }
    LogisticSums sums(double a, double b) const noexcept {
        LogisticSums sums{};
        k.kernels.logistic(k.f, k.target.y, k.target.w, line(a, b), 0, k.target.n_rows, &sums);
        return sums;
    }
    void step(const LogisticSums& q, double* da, double* db) const noexcept {
        const double g0 = q.gradient[0], g1 = (q.gradient[1] - m * g0) / s;
        const double h00 = q.hessian[0], h01 = (q.hessian[1] - m * h00) / s;
        const double h11 = (q.hessian[2] - 2 * m * q.hessian[1] + m * m * h00) / (s * s), ridge = 1e-9 * k.target.weight;
        const double determinant = (h00 + ridge) * (h11 + ridge) - h01 * h01;
        *da = -((h11 + ridge) * g0 - h01 * g1) / determinant;
        *db = -((h00 + ridge) * g1 - h01 * g0) / determinant;
    }
};

double fit_logit(const Logit& logit, double mean_target, Line* line) noexcept {
    const double p = std::fmin(std::fmax(mean_target, 1e-6), 1 - 1e-6);
    double a = std::log(p / (1 - p)), b = 0, da = 0, db = 0;
    LogisticSums here = logit.sums(a, b);
    logit.step(here, &da, &db);
    for (int look = 1; look < 20; look++) {
        const LogisticSums there = logit.sums(a + da, b + db);
        if (!(there.loss < here.loss)) {
            da /= 2, db /= 2;
            continue;
        }
        const bool done = here.loss - there.loss < 1e-10 * here.loss;
        a += da, b += db, here = there;
        if (done) break;
        logit.step(here, &da, &db);
    }
    *line = logit.line(a, b);
    return here.loss / logit.k.target.weight;
}

double logistic_loss(const Task& k, Line* line) noexcept {
    const Target& t = k.target;
    double smallest, largest;
    k.kernels.range(k.f, 0, t.n_rows, &smallest, &largest);
    const double scale = power_of_two_for(std::fmax(std::fabs(smallest), std::fabs(largest)));
    Moments sums{};
    const double shift = smallest * scale / 2 + largest * scale / 2;
    k.kernels.precise_moments(k.f, t.centred, t.w, scale, shift, 0, t.n_rows, &sums);
    const double variance = (sums.ff - sums.f * sums.f / t.weight) / t.weight;
    const bool varies = smallest < largest && variance > 0;
    const Logit logit{k, varies ? scale : 0, varies ? shift + sums.f / t.weight : 0, varies ? std::sqrt(variance) : 1};
    return fit_logit(logit, t.mean / t.y_scale, line);
}

void write_errors(const Task& k, const Line& line, uint8_t* errors) noexcept {
    const bool logistic = k.settings.loss == Loss::logistic;
    for (uint32_t i = 0; i < N_PROBES; i++) {
        const double f = element(k.f, k.target.element_bytes, k.target.probes[i]), y = k.target.probe_y[i];
        const double z = f * line.f_scale * line.slope + line.intercept;
        errors[i] = error_level(logistic ? std::fmax(z, 0) + std::log1p(std::exp(-std::fabs(z))) - y * z : z - y * line.y_scale);
    }
}

}  // namespace

Target::~Target() { std::free(centred); }

bool Target::prepare(const DataView& view) noexcept {
    const uint32_t bytes = view.element_bytes;
    y = view.target, w = view.weights, n_rows = view.n_rows, element_bytes = bytes;
    centred = std::aligned_alloc(64, view.padded_rows * bytes);
    if (!centred) return false;
    double largest = 0, deviation = 0;
    for (uint64_t i = 0; i < n_rows; i++) largest = std::fmax(largest, std::fabs(element(y, bytes, i)));
    const double coarse = power_of_two_for(largest);
    weight = mean = sum = squares = 0;
    for (uint64_t i = 0; i < n_rows; i++) {
        const double wi = w ? element(w, bytes, i) : 1;
        weight += wi;
        mean += wi * (element(y, bytes, i) * coarse);
    }
    mean /= weight;
    double correction = 0;  // of the rounding of a long sum
    for (uint64_t i = 0; i < n_rows; i++) {
        const double c = element(y, bytes, i) * coarse - mean;
        deviation = std::fmax(deviation, std::fabs(c));
        correction += (w ? element(w, bytes, i) : 1) * c;
    }
    mean += correction / weight;
    const double fine = deviation > 1e-30 ? power_of_two_for(deviation) : 1;
    y_scale = coarse * fine;
    mean *= fine;
    for (uint64_t i = 0; i < view.padded_rows; i++) {
        const double c = i < n_rows ? element(y, bytes, i) * y_scale - mean : 0;
        if (bytes == 4) static_cast<float*>(centred)[i] = static_cast<float>(c);
        else static_cast<double*>(centred)[i] = c;
        const double wi = i >= n_rows ? 0 : w ? element(w, bytes, i) : 1, held = element(centred, bytes, i);
        sum += wi * held, squares += wi * held * held;
    }
    squares -= sum * sum / weight;
    for (uint32_t i = 0; i < N_PROBES; i++) {
        probes[i] = i * n_rows / N_PROBES;
        probe_y[i] = element(y, bytes, probes[i]);
    }
    return true;
}

bool LossPass::chunk(const Kernels& kernels, const Target& target, const LossSettings& settings, const void* f, uint64_t begin,
                     uint64_t end) noexcept {
    if (settings.loss != Loss::logistic && settings.linear_scaling) {
        Moments sums{};
        kernels.moments(f, target.centred, target.w, shift_, begin, end, &sums);
        sums_.f += sums.f, sums_.ff += sums.ff, sums_.fy += sums.fy;
        if (std::isfinite(sums.f) && std::isfinite(sums.ff)) return true;
    }
    double smallest, largest;
    kernels.range(f, begin, end, &smallest, &largest);
    return std::isfinite(smallest) && std::isfinite(largest);
}

void LossPass::finish(const Kernels& kernels, const Target& target, const LossSettings& settings, const void* f,
                      Result* result) const noexcept {
    const Task task{kernels, target, settings, f};
    Line line{1, 0, target.y_scale, target.y_scale};
    double squares = -1, loss;
    if (settings.loss == Loss::logistic) {
        line = {1, 0, 1, 1};
        if (settings.linear_scaling) {
            loss = logistic_loss(task, &line);
        } else {
            LogisticSums sums{};
            kernels.logistic(f, target.y, target.w, line, 0, target.n_rows, &sums);
            loss = sums.loss / target.weight;
        }
    } else {
        if (settings.linear_scaling == 2) line = line_through_origin(task);
        else if (settings.linear_scaling) line = line_from(task, sums_, shift_, &squares);
        if (settings.loss != Loss::squared || squares < 0) loss = mean_loss(task, line);
        else loss = squares / target.weight / target.y_scale / target.y_scale;
    }
    const double slope = line.slope * (line.f_scale / line.y_scale), intercept = line.intercept / line.y_scale;
    const bool finite = std::isfinite(loss) && std::isfinite(slope) && std::isfinite(intercept);
    result->status = static_cast<uint32_t>(finite ? Status::ok : Status::non_finite);
    if (!finite) return;
    result->loss = loss, result->slope = slope, result->intercept = intercept;
    result->signature = kernels.signature(f, target.probes, target.probe_y, line);
    if (settings.probe_errors) write_errors(task, line, result->errors);
}

}  // namespace vgp
