// When to stop waiting for the worker: interrupts and the two clocks.
#pragma once
#include <time.h>

#include "budget.hpp"
#include "child.hpp"
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

// The clocks of one attempt. The budget costs a pass over the genomes; most batches are over before it can matter.
class Deadline {
public:
    Deadline(const Batch& part, uint64_t rows, const Watch& watch, const Child& child) noexcept
        : part_(part), rows_(rows), watch_(watch), begin_{wall_clock(), child.cpu_seconds()}, moved_(begin_), busy_(begin_) {}

    bool passed(const Child& child, uint32_t cursor) noexcept {
        const Moment now{wall_clock(), child.cpu_seconds()};
        if (cursor != cursor_) moved_ = now, cursor_ = cursor;
        if (now.cpu != busy_.cpu || !child.asleep()) busy_ = now;
        if (now.wall - busy_.wall > ASLEEP_SECONDS) return true;
        if (now.cpu - begin_.cpu <= watch_.cpu_seconds && now.wall - begin_.wall <= watch_.wall_seconds) return false;
        if (budget_.batch_seconds == 0) budget_ = budget_of(part_, rows_, watch_.cpu_seconds, watch_.wall_seconds);
        return now.cpu - begin_.cpu > budget_.batch_seconds || now.cpu - moved_.cpu > budget_.organism_seconds ||
               now.wall - begin_.wall > budget_.wall_seconds;
    }

private:
    struct Moment {
        double wall, cpu;
    };
    const Batch& part_;
    uint64_t rows_;
    const Watch& watch_;
    Moment begin_, moved_, busy_;  // the attempt's; when the cursor last moved; when the worker was last seen at work
    uint32_t cursor_ = UINT32_MAX;
    Budget budget_{};
};

}  // namespace vgp
