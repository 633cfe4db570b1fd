// The Executor that works through a locked-down worker: splits batches, finds culprits, starts workers anew.
//
// When a worker ends in the middle of a batch, none of what it had written is believed. The organism at which it says it was
// is run alone in a fresh worker. If it ends that one too, it is the culprit and gets its status; what stood before and behind
// it runs again. If it does not, the cursor lied and the batch is halved from then on. Either way every other organism gets the
// result that it would have had in an undisturbed run.
#pragma once
#include <memory>
#include <vector>

#include "remote.hpp"

namespace vgp {

class Supervisor final : public Executor {
public:
    // nullptr and a line in `error` if the worker cannot be started.
    static std::unique_ptr<Supervisor> create(const SandboxSettings& settings, char* error, size_t error_bytes) noexcept;

    Outcome evaluate(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results,
                     const volatile int* interrupt) noexcept override;
    Outcome outputs(const Batch& batch, const Resolver& resolver, Result* results, void* values,
                    const volatile int* interrupt) noexcept override;
    Outcome tune(const Batch& batch, const LossSettings& loss, const TuneSettings& settings, const Resolver& resolver, Result* results,
                 double* constants, const volatile int* interrupt) noexcept override;
    Outcome errors(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results, double* errors,
                   const volatile int* interrupt) noexcept override;
    const char* message() const noexcept override { return message_; }
    ExecutorReport report() const noexcept override;

private:
    struct Span {
        uint32_t first, last;
        bool cursor_lied;
        uint32_t size() const noexcept { return last - first; }
    };

    Outcome work_with_numbers(Task task, uint32_t extra, const volatile int* interrupt) noexcept;
    Outcome work(const Task& task, const volatile int* interrupt) noexcept;
    uint32_t request_end(const Task& task, uint32_t first) const noexcept;
    Attempt settle(const Task& task, Span whole, const Watch& watch) noexcept;
    Attempt split(const Task& task, Span span, const Watch& watch) noexcept;
    Attempt alone(const Task& task, uint32_t i, bool* guilty, const Watch& watch) noexcept;
    Attempt attempt(const Task& task, uint32_t first, uint32_t last, const Watch& watch) noexcept;
    Attempt ensure_worker(const Watch& watch) noexcept;
    bool convict(const Task& task, uint32_t i, Attempt how, const Watch& watch) noexcept;
    bool harmless_one_works(const Watch& watch) noexcept;
    void say(const char* text) noexcept;

    Remote remote_;
    std::vector<Span> open_;
    std::vector<uint32_t> numbers_at_;
    uint32_t starts_ = 0, convictions_in_a_row_ = 0;
    uint32_t crashed_ = 0, timed_out_ = 0, forgeries_ = 0;
    char message_[256] = {};
};

}  // namespace vgp
