// The Executor of `--sandbox off`: the same evaluator in this process, with nothing between it and the rest.
#pragma once
#include <memory>

#include "executor.hpp"

namespace vgp {

class InProcess final : public Executor {
public:
    // nullptr and a line in `error` if the data file or the instruction set cannot be used.
    static std::unique_ptr<InProcess> create(const char* data_path, const EvaluatorSettings& settings, char* error,
                                             size_t error_bytes) noexcept;
    ~InProcess() override;

    Outcome evaluate(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results,
                     const volatile int* interrupt) noexcept override;
    Outcome outputs(const Batch& batch, const Resolver& resolver, Result* results, void* values,
                    const volatile int* interrupt) noexcept override;
    Outcome tune(const Batch& batch, const LossSettings& loss, const TuneSettings& settings, const Resolver& resolver, Result* results,
                 double* constants, const volatile int* interrupt) noexcept override;
    Outcome errors(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results, double* errors,
                   const volatile int* interrupt) noexcept override;
    const char* message() const noexcept override { return ""; }
    ExecutorReport report() const noexcept override;

private:
    template <class Run>
    Outcome in_parts(uint32_t most, const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results,
                     const volatile int* interrupt, Run run) noexcept;

    void* mapping_ = nullptr;
    size_t bytes_ = 0;
    DataView view_{};
    std::unique_ptr<Evaluator> evaluator_;
};

}  // namespace vgp
