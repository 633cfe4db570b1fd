#include "credible.hpp"

#include <cmath>

namespace vgp {
namespace {

bool finite(double x) noexcept { return std::isfinite(x); }
bool unknown_loss(const Result& r) noexcept { return std::isinf(r.loss) && r.loss > 0; }

bool credible(const Result& r, Command command, uint32_t steps, const Referred& referred) noexcept {
    if (!finite(r.slope) || !finite(r.intercept)) return false;
    switch (static_cast<Status>(r.status)) {
        case Status::ok:
            if (command == Command::outputs) return unknown_loss(r);
            return finite(r.loss) && r.loss >= 0 && (command != Command::tune || r.detail <= steps);
        case Status::missing_reference: return unknown_loss(r) && referred.denied(r.detail);
        case Status::malformed:
            return unknown_loss(r) && r.detail != 0 && r.detail <= static_cast<uint64_t>(GenomeError::bad_payload);
        case Status::non_finite:
        case Status::reference_depth:
        case Status::work_limit:
        case Status::no_memory: return unknown_loss(r);
        case Status::pending:    // the worker says that it is done
        case Status::crashed:    // for the module to say
        case Status::timed_out: break;
    }
    return false;
}

}  // namespace

bool credible(const Result* results, uint32_t n, Command command, uint32_t steps, const Referred& referred) noexcept {
    for (uint32_t i = 0; i < n; i++)
        if (!credible(results[i], command, steps, referred)) return false;
    return true;
}

bool credible_numbers(const double* numbers, uint32_t n, Command command) noexcept {
    for (uint32_t i = 0; i < n; i++)
        if (command == Command::tune ? !finite(numbers[i]) : !(numbers[i] >= 0)) return false;
    return true;
}

}  // namespace vgp
