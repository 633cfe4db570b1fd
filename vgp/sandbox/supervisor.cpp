#include "supervisor.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <new>

#include "create.hpp"

namespace vgp {
namespace {

constexpr int START_TRIES = 3;        // a worker that cannot start so often in a row will not start
constexpr int OUTSIDE_TRIES = 3;      // SIGKILLs in a row that an organism run alone may put down to somebody else
constexpr uint32_t DOUBT_AFTER = 8;   // culprits in a row after which the machine itself is suspected

void condemn(Result* result, Status status, uint64_t detail) noexcept {
    *result = {INFINITY, 1, 0, 0, detail, static_cast<uint32_t>(status), 0};
}

bool short_of_memory(const Task& task, uint32_t first, uint32_t last) noexcept {
    return std::any_of(task.results + first, task.results + last,
                       [](const Result& r) { return r.status == static_cast<uint32_t>(Status::no_memory); });
}

bool is_end(Attempt attempt) noexcept { return attempt == Attempt::interrupted || attempt == Attempt::not_started; }

}  // namespace

std::unique_ptr<Supervisor> Supervisor::create(const SandboxSettings& settings, char* error, size_t error_bytes) noexcept {
    std::unique_ptr<Supervisor> supervisor(new (std::nothrow) Supervisor);
    if (supervisor == nullptr) {
        std::snprintf(error, error_bytes, "no memory");
        return nullptr;
    }
    const Watch watch{supervisor->cpu_seconds, supervisor->wall_seconds, {}, nullptr};
    if (supervisor->remote_.prepare(settings) && supervisor->ensure_worker(watch) == Attempt::done) return supervisor;
    std::snprintf(error, error_bytes, "%s", supervisor->remote_.message());
    return nullptr;
}

Outcome Supervisor::evaluate(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results,
                             const volatile int* interrupt) noexcept {
    return work({Command::evaluate, batch, loss, resolver, results}, interrupt);
}

Outcome Supervisor::outputs(const Batch& batch, const Resolver& resolver, Result* results, void* values,
                            const volatile int* interrupt) noexcept {
    return work({Command::outputs, batch, {}, resolver, results, static_cast<unsigned char*>(values)}, interrupt);
}

Outcome Supervisor::tune(const Batch& batch, const LossSettings& loss, const TuneSettings& settings, const Resolver& resolver,
                         Result* results, double* constants, const volatile int* interrupt) noexcept {
    for (uint32_t i = 0, k = 0; i < batch.offsets[batch.n]; i++)
        if (batch.nodes[i].op == static_cast<uint8_t>(Opcode::constant)) constants[k++] = batch.nodes[i].value;
    return work_with_numbers({Command::tune, batch, loss, resolver, results, nullptr, settings, constants}, 0, interrupt);
}

Outcome Supervisor::errors(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results, double* errors,
                           const volatile int* interrupt) noexcept {
    const Task task{Command::errors, batch, loss, resolver, results, nullptr, {}, errors};
    uint64_t n = 2 * uint64_t{batch.n};
    for (uint32_t i = 0; i < batch.n; i++) n += count_constants(batch, i);
    std::fill_n(errors, n, INFINITY);
    return work_with_numbers(task, 2, interrupt);
}

// An organism's numbers: one for each constant, and `extra`.
Outcome Supervisor::work_with_numbers(Task task, uint32_t extra, const volatile int* interrupt) noexcept {
    numbers_at_.assign(1, 0);
    for (uint32_t i = 0; i < task.batch.n; i++) numbers_at_.push_back(numbers_at_.back() + count_constants(task.batch, i) + extra);
    task.numbers_at = numbers_at_.data();
    return work(task, interrupt);
}

// Request by request. A genome longer than any may be does not travel at all.
Outcome Supervisor::work(const Task& task, const volatile int* interrupt) noexcept {
    const Watch watch{cpu_seconds, wall_seconds, heartbeat, interrupt};
    message_[0] = '\0';
    for (uint32_t first = 0; first < task.batch.n;) {
        if (watch.interrupted()) return OUTCOME_INTERRUPTED;
        const uint32_t last = request_end(task, first);
        if (last == first) {
            condemn(&task.results[first++], Status::malformed, static_cast<uint64_t>(GenomeError::too_long));
            continue;
        }
        const Attempt end = settle(task, {first, last, false}, watch);
        if (end == Attempt::interrupted) return OUTCOME_INTERRUPTED;
        if (end == Attempt::not_started) {
            if (message_[0] == '\0') say(remote_.message());
            return OUTCOME_FAILED;
        }
        first = last;
    }
    return OUTCOME_OK;
}

// One behind the last organism that fits into a request which begins at `first`; `first` itself if its genome is too long.
uint32_t Supervisor::request_end(const Task& task, uint32_t first) const noexcept {
    const Capacity& capacity = remote_.capacity();
    const uint32_t* offsets = task.batch.offsets;
    uint64_t most = capacity.max_organisms;
    if (task.command == Command::outputs) most = std::min(most, capacity.outputs_bytes / remote_.column_bytes());
    const auto limit = static_cast<uint32_t>(std::min<uint64_t>(task.batch.n, first + most));
    uint32_t last = first;
    while (last < limit && offsets[last + 1] - offsets[last] <= MAX_NODES && offsets[last + 1] - offsets[first] <= capacity.max_nodes)
        last++;
    return last;
}

// Works off a stack of spans until every organism has its result. done, interrupted or not_started.
Attempt Supervisor::settle(const Task& task, Span whole, const Watch& watch) noexcept {
    open_.assign(1, whole);
    while (!open_.empty()) {
        const Span span = open_.back();
        open_.pop_back();
        if (span.size() == 0) continue;
        bool guilty = false;
        Attempt end = span.size() == 1 ? alone(task, span.first, &guilty, watch) : attempt(task, span.first, span.last, watch);
        if (end != Attempt::done && !is_end(end)) end = split(task, span, watch);
        if (is_end(end)) return end;
    }
    return Attempt::done;
}

Attempt Supervisor::split(const Task& task, Span span, const Watch& watch) noexcept {
    if (!span.cursor_lied && remote_.suspect() < span.size()) {
        const uint32_t suspect = span.first + remote_.suspect();
        bool guilty = false;
        const Attempt end = alone(task, suspect, &guilty, watch);
        if (is_end(end)) return end;
        if (guilty) {
            open_.push_back({suspect + 1, span.last, false});
            open_.push_back({span.first, suspect, false});
            return Attempt::done;
        }
    }
    const uint32_t middle = span.first + span.size() / 2;
    open_.push_back({middle, span.last, true});
    open_.push_back({span.first, middle, true});
    return Attempt::done;
}

// One organism in a request of its own: it ends with a result or a conviction. What a worker does that has executed others
// before proves nothing; it is gone by then, and the next one is fresh. done, interrupted or not_started.
Attempt Supervisor::alone(const Task& task, uint32_t i, bool* guilty, const Watch& watch) noexcept {
    for (int deaths = 1;; deaths++) {
        const Attempt end = attempt(task, i, i + 1, watch);
        if (end == Attempt::done || is_end(end)) return end;
        if (!remote_.was_fresh() && deaths == 1) continue;
        if (end == Attempt::died && remote_.killed_from_outside() && deaths <= OUTSIDE_TRIES) continue;
        *guilty = true;
        return convict(task, i, end, watch) ? Attempt::done : Attempt::not_started;
    }
}

// With a fresh worker if there is none. One that ended before it began is nobody's fault; nor is it an organism's that an old
// worker holds too much: no_memory is only believed of a fresh one, so that results do not depend on what came before.
Attempt Supervisor::attempt(const Task& task, uint32_t first, uint32_t last, const Watch& watch) noexcept {
    Attempt end = Attempt::died;
    for (int i = 0; i < START_TRIES; i++) {
        const Attempt started = ensure_worker(watch);
        if (started != Attempt::done) return started;
        end = remote_.run(task, first, last, watch);
        if (end == Attempt::done && !remote_.was_fresh() && short_of_memory(task, first, last))
            remote_.stop();
        else if (end != Attempt::died || remote_.suspect() != NOBODY)
            break;
    }
    if (end == Attempt::done) convictions_in_a_row_ = 0;
    if (end == Attempt::forged) forgeries_++;
    return end;
}

// done, interrupted or not_started.
Attempt Supervisor::ensure_worker(const Watch& watch) noexcept {
    if (remote_.running()) return Attempt::done;
    for (int i = 0; i < START_TRIES; i++) {
        starts_++;
        const Attempt end = remote_.start(watch);
        if (end != Attempt::died) return end;
    }
    return Attempt::not_started;
}

// False if it is the machine rather than the organisms: then nobody is to be blamed and evolution must not go on.
bool Supervisor::convict(const Task& task, uint32_t i, Attempt how, const Watch& watch) noexcept {
    const bool hung = how == Attempt::hung;
    condemn(&task.results[i], hung ? Status::timed_out : Status::crashed, 0);
    (hung ? timed_out_ : crashed_)++;
    if (++convictions_in_a_row_ < DOUBT_AFTER) return true;
    convictions_in_a_row_ = 0;
    return harmless_one_works(watch);
}

bool Supervisor::harmless_one_works(const Watch& watch) noexcept {
    Node node{};
    node.op = static_cast<uint8_t>(Opcode::variable);
    node.length = 1;
    const uint32_t offsets[] = {0, 1};
    Result result;
    const Watch patient{watch.cpu_seconds, watch.wall_seconds, {}, nullptr};
    const Attempt end = attempt({Command::evaluate, {&node, offsets, 1}, {}, {}, &result}, 0, 1, patient);
    if (end == Attempt::done) return true;
    if (end != Attempt::not_started) say("the sandbox fails even on a single variable: is the data file intact, is there memory?");
    return false;
}

Executor* create_sandboxed(const SandboxSettings& settings, char* error, size_t error_bytes) noexcept {
    return Supervisor::create(settings, error, error_bytes).release();
}

ExecutorReport Supervisor::report() const noexcept {
    ExecutorReport report{};
    remote_.describe(&report);
    report.respawns = starts_ > 0 ? starts_ - 1 : 0;
    report.crashed = crashed_;
    report.timed_out = timed_out_;
    report.forgeries = forgeries_;
    return report;
}

void Supervisor::say(const char* text) noexcept { std::snprintf(message_, sizeof message_, "%s", text); }

}  // namespace vgp
