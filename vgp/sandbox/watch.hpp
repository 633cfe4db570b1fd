// When to stop waiting for the worker: interrupts and the two clocks.
#pragma once
#include <time.h>

#include "budget.hpp"
#include "executor.hpp"

namespace vgp {

inline double wall_clock() noexcept {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// What the caller allows; the same for all attempts at a batch.
struct Watch {
    double cpu_seconds, wall_seconds;
    Heartbeat heartbeat;
    const volatile int* interrupt;

    bool interrupted() const noexcept { return interrupt != nullptr && *interrupt != 0; }
    bool beat() const noexcept { return heartbeat.beat != nullptr && heartbeat.beat(heartbeat.context) != 0; }
};

// The clocks of one attempt. The first look costs a pass over the genomes; most batches are over before it.
class Deadline {
public:
    Deadline(const Batch& part, uint64_t rows, const Watch& watch, double cpu_now) noexcept
        : part_(part), rows_(rows), watch_(watch), cpu_start_(cpu_now), cpu_moved_(cpu_now), wall_start_(wall_clock()) {}

    double waited() const noexcept { return wall_clock() - wall_start_; }

    bool passed(double cpu_now, uint32_t cursor) noexcept {
        if (budget_.batch_seconds == 0) budget_ = budget_of(part_, rows_, watch_.cpu_seconds, watch_.wall_seconds);
        if (cursor != cursor_) {
            cursor_ = cursor;
            cpu_moved_ = cpu_now;
        }
        return cpu_now - cpu_start_ > budget_.batch_seconds || cpu_now - cpu_moved_ > budget_.organism_seconds ||
               waited() > budget_.wall_seconds;
    }

private:
    const Batch& part_;
    uint64_t rows_;
    const Watch& watch_;
    double cpu_start_, cpu_moved_, wall_start_;
    uint32_t cursor_ = UINT32_MAX;
    Budget budget_{};
};

}  // namespace vgp
