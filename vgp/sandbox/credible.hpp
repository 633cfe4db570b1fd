// What an honest worker can have answered. The worker has executed foreign programs: nothing it wrote is believed unseen.
// A number that is merely wrong cannot be told from a right one here; see SECURITY.md.
#pragma once
#include "evaluation.hpp"
#include "referred.hpp"

namespace vgp {

// True if every one of the n results - already copied out of the shared memory - could come from an honest worker.
bool credible(const Result* results, uint32_t n, bool outputs, const Referred& referred) noexcept;

}  // namespace vgp
