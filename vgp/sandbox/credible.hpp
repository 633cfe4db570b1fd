// What an honest worker can have answered. The worker has executed foreign programs: nothing it wrote is believed unseen.
// A number that is merely wrong cannot be told from a right one here; see SECURITY.md.
#pragma once
#include "referred.hpp"
#include "wire.hpp"

namespace vgp {

// True if every one of the n results - already copied out of the shared memory - could come from an honest worker.
// `steps`: of tuning.
bool credible(const Result* results, uint32_t n, Command command, uint32_t steps, const Referred& referred) noexcept;

// Likewise of constants (tune) or standard errors (errors).
bool credible_numbers(const double* numbers, uint32_t n, Command command) noexcept;

}  // namespace vgp
