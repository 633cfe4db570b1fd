#include "inprocess.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <new>

#include "create.hpp"
#include "watch.hpp"

namespace vgp {
namespace {

constexpr uint32_t PART = 256;          // organisms between two looks at the interrupt
constexpr uint32_t TUNED_PART = 16;     // likewise, while constants are tuned
constexpr uint32_t MAX_WANTED = 4096;
constexpr double BEAT_SECONDS = 0.02;

void* map_file(const char* path, size_t* bytes) noexcept {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0) return MAP_FAILED;
    void* mapping = MAP_FAILED;
    if (fstat(fd, &status) == 0) {
        *bytes = static_cast<size_t>(status.st_size);
        mapping = mmap(nullptr, *bytes, PROT_READ, MAP_SHARED, fd, 0);
    }
    const int error = errno;
    close(fd);
    errno = error;
    return mapping;
}

void answer(Evaluator& evaluator, const Resolver& resolver, const uint64_t* wanted, uint32_t n) noexcept {
    for (uint32_t i = 0; i < n; i++) {
        const Node* nodes = nullptr;
        const uint32_t length = resolver.resolve != nullptr ? resolver.resolve(resolver.context, wanted[i], &nodes) : 0;
        if (length == 0 || length > MAX_NODES)
            evaluator.deny(wanted[i]);
        else
            evaluator.supply(wanted[i], nodes, length);
    }
}

}  // namespace

std::unique_ptr<InProcess> InProcess::create(const char* data_path, const EvaluatorSettings& settings, char* error,
                                             size_t error_bytes) noexcept {
    std::unique_ptr<InProcess> executor(new (std::nothrow) InProcess);
    const char* reason = executor == nullptr ? "no memory" : nullptr;
    if (reason == nullptr) {
        void* mapping = map_file(data_path, &executor->bytes_);
        if (mapping == MAP_FAILED)
            reason = strerror(errno);
        else
            reason = view_datafile(executor->mapping_ = mapping, executor->bytes_, &executor->view_);
    }
    if (reason == nullptr) executor->evaluator_.reset(Evaluator::create(executor->view_, settings, &reason));
    if (reason == nullptr) return executor;
    std::snprintf(error, error_bytes, "cannot use the data file: %s", reason);
    return nullptr;
}

InProcess::~InProcess() {
    evaluator_.reset();
    if (mapping_ != nullptr) munmap(mapping_, bytes_);
}

template <class Run>
Outcome InProcess::in_parts(uint32_t most, const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results,
                            const volatile int* interrupt, Run run) noexcept {
    static thread_local uint64_t wanted[MAX_WANTED];
    const Watch watch{cpu_seconds, wall_seconds, heartbeat, interrupt};
    double last_beat = wall_clock();
    evaluator_->begin(loss);
    for (uint32_t first = 0; first < batch.n; first += most) {
        const uint32_t n = std::min(most, batch.n - first);
        const Batch part{batch.nodes, batch.offsets + first, n};
        for (uint32_t i = 0; i < n; i++) results[first + i] = {INFINITY, 1, 0, 0, 0, static_cast<uint32_t>(Status::pending), 0};
        while (const uint32_t n_wanted = run(part, first, wanted)) {
            answer(*evaluator_, resolver, wanted, n_wanted);
            if (watch.interrupted()) return OUTCOME_INTERRUPTED;
        }
        if (watch.interrupted()) return OUTCOME_INTERRUPTED;
        if (wall_clock() - last_beat > BEAT_SECONDS) {
            if (watch.beat()) return OUTCOME_INTERRUPTED;
            last_beat = wall_clock();
        }
    }
    return OUTCOME_OK;
}

Outcome InProcess::evaluate(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results,
                            const volatile int* interrupt) noexcept {
    return in_parts(PART, batch, loss, resolver, results, interrupt, [&](const Batch& part, uint32_t first, uint64_t* wanted) {
        return evaluator_->evaluate(part, results + first, wanted, MAX_WANTED, nullptr);
    });
}

Outcome InProcess::outputs(const Batch& batch, const Resolver& resolver, Result* results, void* values,
                           const volatile int* interrupt) noexcept {
    const uint64_t column = view_.padded_rows * view_.element_bytes;
    return in_parts(PART, batch, {}, resolver, results, interrupt, [&](const Batch& part, uint32_t first, uint64_t* wanted) {
        return evaluator_->outputs(part, results + first, static_cast<unsigned char*>(values) + first * column, wanted, MAX_WANTED,
                                   nullptr);
    });
}

// Where the numbers of the part that begins at `first` go: parts come in order.
Outcome InProcess::tune(const Batch& batch, const LossSettings& loss, const TuneSettings& settings, const Resolver& resolver,
                        Result* results, double* constants, const volatile int* interrupt) noexcept {
    uint32_t done = 0;
    return in_parts(TUNED_PART, batch, loss, resolver, results, interrupt, [&](const Batch& part, uint32_t first, uint64_t* wanted) {
        for (; done < first; done++) constants += count_constants(batch, done);
        return evaluator_->tune(part, settings, results + first, constants, wanted, MAX_WANTED, nullptr);
    });
}

Outcome InProcess::errors(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results, double* errors,
                          const volatile int* interrupt) noexcept {
    uint32_t done = 0;
    return in_parts(TUNED_PART, batch, loss, resolver, results, interrupt, [&](const Batch& part, uint32_t first, uint64_t* wanted) {
        for (; done < first; done++) errors += count_constants(batch, done) + 2;
        return evaluator_->errors(part, results + first, errors, wanted, MAX_WANTED, nullptr);
    });
}

Executor* create_in_process(const char* data_path, const EvaluatorSettings& settings, char* error, size_t error_bytes) noexcept {
    return InProcess::create(data_path, settings, error, error_bytes).release();
}

ExecutorReport InProcess::report() const noexcept {
    ExecutorReport report{};
    report.n_variables = view_.n_variables;
    report.element_bytes = view_.element_bytes;
    report.n_rows = view_.n_rows;
    report.padded_rows = view_.padded_rows;
    std::strncpy(report.instruction_set, evaluator_->instruction_set(), sizeof report.instruction_set - 1);
    evaluator_->counters(&report.vector_operations, &report.node_evaluations);
    return report;
}

}  // namespace vgp
