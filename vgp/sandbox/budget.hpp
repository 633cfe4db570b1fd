// How much CPU time a worker may take for a batch before it counts as hung.
//
//   work of an organism   = its nodes, or MAX_EXPANDED if it refers to others (all their calls might be written out)
//   budget of the batch   = cpu_seconds + NANOSECONDS x rows x sum of work
//   budget of one organism = cpu_seconds + NANOSECONDS x rows x largest work   (time since the progress cursor last moved)
//   with derivatives rows counts as PASSES x (rows + steps x rows that constants are tuned on)
//   asleep                = ASLEEP_SECONDS without any CPU time while the kernel says that the worker waits for something
//   wall-clock backstop   = wall_seconds + 20 x budget of the batch
//
// Kernels take 0.03 to 0.3 ns per node and row; 10 leave room for a loaded machine, an old one, and columns out of cache. The
// cursor is written by the worker and may lie: it only shortens the wait for a plain loop, the sum bounds everyone.
#pragma once
#include <cstdint>

#include "evaluation.hpp"

namespace vgp {

struct Budget {
    double batch_seconds, organism_seconds, wall_seconds;
};

inline constexpr double BUDGET_NANOSECONDS = 10.0;
inline constexpr double ASLEEP_SECONDS = 0.5;
inline constexpr uint64_t PASSES = 8;  // forward, back, sums of products, the loss; and the evaluations before and after

inline uint64_t passes_with_derivatives(const TuneSettings& settings, bool errors, uint64_t rows) noexcept {
    const uint64_t tuned = settings.rows != 0 && settings.rows < rows ? settings.rows + 16 : rows;  // whole blocks
    return PASSES * (rows + (errors ? 1 : settings.steps) * tuned);
}

inline uint32_t most_work(const Node* nodes, uint32_t n) noexcept {
    for (uint32_t i = 0; i < n; i++)
        if (nodes[i].op == static_cast<uint8_t>(Opcode::reference)) return MAX_EXPANDED;
    return n;
}

inline Budget budget_of(const Batch& batch, uint64_t rows, double cpu_seconds, double wall_seconds) noexcept {
    double sum = 0, largest = 0;
    for (uint32_t i = 0; i < batch.n; i++) {
        const double work = most_work(batch.nodes + batch.offsets[i], batch.offsets[i + 1] - batch.offsets[i]);
        sum += work;
        if (work > largest) largest = work;
    }
    const double second = 1e-9 * BUDGET_NANOSECONDS * static_cast<double>(rows);
    const double all = cpu_seconds + second * sum;
    return {all, cpu_seconds + second * largest, wall_seconds + 20 * all};
}

}  // namespace vgp
