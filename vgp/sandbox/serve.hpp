// The worker's loop: wait for a request, evaluate, answer.
#pragma once
#include "area.hpp"

namespace vgp {

// Long enough to bridge the module's work between two small batches, short enough to leave a busy machine alone.
inline constexpr uint64_t WORKER_SPIN_NANOSECONDS = 50000;

[[noreturn]] void serve(const Area& area, const DataView& view, Evaluator& evaluator, uint32_t spins) noexcept;

}  // namespace vgp
