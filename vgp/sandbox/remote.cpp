#include "remote.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "credible.hpp"
#include "handover.hpp"
#include "worker_exit.hpp"

namespace vgp {
namespace {

constexpr uint64_t SPIN_NANOSECONDS = 50000;
// nanoseconds between two looks at child, clocks and interrupts; a look interrupts the worker where both share a processor
constexpr long FIRST_SLICE = 1000000, LONGEST_SLICE = 20000000;
constexpr uint32_t SLICE_ORGANISMS = 250;  // for so many more the first look is FIRST_SLICE later
constexpr uint32_t MAX_WANTED = 4096, MAX_SUPPLIED_NODES = 1u << 18;
constexpr uint64_t OUTPUTS_BYTES = 16u << 20;
constexpr uint64_t SLACK_BYTES = 128u << 20;  // programs, blocks, supplied genomes, the executable, its stack
constexpr uint32_t READY = 1, GAVE_UP = 2;

// Sleeps until the word differs from `old`, at most `nanoseconds`; what it reads then is one value, read once.
uint32_t wait_word(uint32_t& word, uint32_t old, long nanoseconds) noexcept {
    const timespec limit{0, nanoseconds};
    if (load_word(word) == old) futex(word, FUTEX_WAIT, old, &limit);
    return load_word(word);
}

}  // namespace

bool Remote::prepare(const SandboxSettings& settings) noexcept {
    settings_ = settings;
    settings_.executable = (executable_ = settings.executable).c_str();
    settings_.data_path = (data_path_ = settings.data_path).c_str();
    spins_ = spins_for(SPIN_NANOSECONDS);
    if (!read_table(settings.data_path)) return false;
    const uint64_t columns = settings.outputs_columns != 0 ? settings.outputs_columns : std::max(OUTPUTS_BYTES / column_bytes(), uint64_t{1});
    const Capacity capacity{std::max(settings.max_organisms, 1u), std::max(settings.max_nodes, MAX_NODES), MAX_WANTED,
                            MAX_SUPPLIED_NODES, columns * column_bytes()};
    if (const int error = memory_.create(capacity)) {
        say("cannot create the shared memory", strerror(error));
        return false;
    }
    if (settings_.memory_bytes == 0)
        settings_.memory_bytes = table_bytes_ + memory_.area().bytes + 2 * settings_.cache_bytes + SLACK_BYTES;
    return true;
}

// The module's own reading: sizes that the worker reports later are compared with it, never used.
bool Remote::read_table(const char* path) noexcept {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 || status.st_size == 0) {
        say("cannot read the data file", fd < 0 ? strerror(errno) : "it is empty");
        if (fd >= 0) close(fd);
        return false;
    }
    table_bytes_ = static_cast<uint64_t>(status.st_size);
    void* mapping = mmap(nullptr, table_bytes_, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    const char* reason = mapping == MAP_FAILED ? "it cannot be mapped" : view_datafile(mapping, table_bytes_, &table_);
    if (mapping != MAP_FAILED) munmap(mapping, table_bytes_);
    if (reason != nullptr) say("cannot use the data file", reason);
    return reason == nullptr;
}

Attempt Remote::start(const Watch& watch) noexcept {
    stop();
    describe_area(memory_.area(), settings_.cache_bytes);
    sequence_ = requests_ = 0;
    const int error = child_.start(settings_.executable, settings_.data_path, settings_.memory_bytes, memory_.descriptor());
    if (error != 0) {
        say("cannot run the sandbox executable", strerror(error));
        return Attempt::not_started;
    }
    Control& control = *memory_.area().control;
    const double begin = wall_clock();
    uint32_t ready;
    while ((ready = wait_word(control.ready, 0, FIRST_SLICE)) == 0) {
        if (watch.interrupted() || watch.beat()) return abandon(Attempt::interrupted);
        if (!child_.alive()) {
            char end[96];
            describe_end(child_.wait_status(), end, sizeof end);
            say("the worker did not start", end);
            return Attempt::died;
        }
        if (wall_clock() - begin > watch.wall_seconds) {
            say("the worker did not start", "it was never ready");
            return abandon(Attempt::died);
        }
    }
    lockdown_level_ = control.lockdown_level;
    landlock_abi_ = control.landlock_abi;
    std::memcpy(instruction_set_, control.instruction_set, sizeof instruction_set_ - 1);
    if (ready == READY && control.n_rows == table_.n_rows && control.padded_rows == table_.padded_rows &&
        control.element_bytes == table_.element_bytes && control.n_variables == table_.n_variables)
        return Attempt::done;
    char error_text[sizeof control.error];
    std::memcpy(error_text, control.error, sizeof error_text - 1);
    error_text[sizeof error_text - 1] = '\0';
    const int error_number = control.error_number;
    if (error_number != 0)
        say(error_text, strerror(error_number));
    else
        say(ready == GAVE_UP ? error_text : "the data file changed", "");
    return abandon(Attempt::not_started);
}

Attempt Remote::run(const Task& task, uint32_t first, uint32_t last, const Watch& watch) noexcept {
    load(task, first, last);
    requests_++;
    Control& control = *memory_.area().control;
    control.command = static_cast<uint32_t>(task.command);
    std::atomic_ref(control.cursor).store(suspect_ = NOBODY, std::memory_order_relaxed);
    referred_.clear();
    return await(task, first, last, watch);
}

void Remote::load(const Task& task, uint32_t first, uint32_t last) noexcept {
    const Area& area = memory_.area();
    const uint32_t* offsets = task.batch.offsets;
    const uint32_t base = offsets[first];
    for (uint32_t i = first; i <= last; i++) area.offsets[i - first] = offsets[i] - base;
    std::memcpy(static_cast<void*>(area.nodes), task.batch.nodes + base, size_t{offsets[last] - base} * sizeof(Node));
    area.control->n_organisms = last - first;
    area.control->loss = task.loss;
    area.control->tune = task.tune;
}

// One request, and one more for every time that the worker wants organisms. The clocks run through all of them.
Attempt Remote::await(const Task& task, uint32_t first, uint32_t last, const Watch& watch) noexcept {
    Control& control = *memory_.area().control;
    const Batch part{task.batch.nodes, task.batch.offsets + first, last - first};
    Deadline deadline(part, row_passes(task), watch, child_);
    long slice = std::min(FIRST_SLICE * (1 + static_cast<long>(part.n / SLICE_ORGANISMS)), LONGEST_SLICE);
    for (uint64_t rounds = 0;;) {
        const uint32_t before = sequence_++;
        raise_word(control.request, sequence_);
        uint32_t word = before;
        if (spin_while(control.response, before, spins_)) word = load_word(control.response);
        while (word == before) {
            word = wait_word(control.response, before, slice);
            if (word != before) break;
            if (!child_.alive()) return abandon(Attempt::died);
            if (watch.interrupted() || watch.beat()) return abandon(Attempt::interrupted);
            if (deadline.passed(child_, load_word(control.cursor))) return abandon(Attempt::hung);
            slice = std::min(2 * slice, LONGEST_SLICE);
        }
        if (word != sequence_) return abandon(Attempt::forged);
        const auto answer = static_cast<Answer>(load_word(control.answer));
        if (answer == Answer::done) return take_results(task, first, last) ? Attempt::done : abandon(Attempt::forged);
        if (answer != Answer::wanted || !supply(task, first, last)) return abandon(Attempt::forged);
        if (++rounds > 64 + 4 * referred_.size()) return abandon(Attempt::forged);
        if (watch.interrupted()) return abandon(Attempt::interrupted);
        control.command = static_cast<uint32_t>(Command::resume);
    }
}

// Answers what fits into the area; the worker asks for the rest again. False: it asked for what it cannot know of.
bool Remote::supply(const Task& task, uint32_t first, uint32_t last) noexcept {
    const Area& area = memory_.area();
    const uint32_t n = load_word(area.control->n_wanted);
    if (n == 0 || n > area.capacity.max_wanted) return false;
    wanted_.assign(area.wanted, area.wanted + n);
    const uint32_t* offsets = task.batch.offsets;
    if (referred_.size() == 0) referred_.add(task.batch.nodes + offsets[first], offsets[last] - offsets[first]);
    uint32_t used = 0, supplied = 0;
    area.supply_offsets[0] = 0;
    for (const uint64_t id : wanted_) {
        if (!referred_.may_ask(id)) return false;
        const Node* nodes = nullptr;
        uint32_t length = task.resolver.resolve != nullptr ? task.resolver.resolve(task.resolver.context, id, &nodes) : 0;
        if (length > MAX_NODES) length = 0;
        if (length > area.capacity.max_supplied_nodes - used) break;
        if (length == 0)
            referred_.deny(id);
        else
            referred_.add(nodes, length);
        std::memcpy(static_cast<void*>(area.supply_nodes + used), nodes, size_t{length} * sizeof(Node));
        used += length;
        area.supply_ids[supplied++] = id;
        area.supply_offsets[supplied] = used;
    }
    area.control->n_supplied = supplied;
    return true;
}

// Copied first, checked then: what the worker writes afterwards changes nothing.
bool Remote::take_results(const Task& task, uint32_t first, uint32_t last) noexcept {
    const Area& area = memory_.area();
    const uint32_t n = last - first;
    Result* results = task.results + first;
    std::memcpy(static_cast<void*>(results), area.results, size_t{n} * sizeof(Result));
    if (!credible(results, n, task.command, task.tune.steps, referred_)) return false;
    if (task.numbers && !take_numbers(task, first, last)) return false;
    if (task.command == Command::outputs) std::memcpy(task.values + first * column_bytes(), area.outputs, n * column_bytes());
    return true;
}

// Copied and checked like results; handed on only if all are credible. Of an organism that has no valid result nothing is taken.
bool Remote::take_numbers(const Task& task, uint32_t first, uint32_t last) noexcept {
    const uint32_t* at = task.numbers_at;
    numbers_.assign(memory_.area().numbers, memory_.area().numbers + (at[last] - at[first]));
    const auto valid = [&](uint32_t i) { return task.results[i].status == static_cast<uint32_t>(Status::ok); };
    for (uint32_t i = first; i < last; i++)
        if (valid(i) && !credible_numbers(&numbers_[at[i] - at[first]], at[i + 1] - at[i], task.command)) return false;
    for (uint32_t i = first; i < last; i++)
        if (valid(i)) std::copy_n(&numbers_[at[i] - at[first]], at[i + 1] - at[i], task.numbers + at[i]);
    return true;
}

uint64_t Remote::row_passes(const Task& task) const noexcept {
    return task.numbers ? passes_with_derivatives(task.tune, task.command == Command::errors, table_.n_rows) : table_.n_rows;
}

Attempt Remote::abandon(Attempt how) noexcept {
    const uint32_t cursor = load_word(memory_.area().control->cursor);
    suspect_ = cursor;
    stop();
    return how;
}

void Remote::stop() noexcept {
    child_.kill();
    if (memory_.area().control == nullptr) return;
    Control& control = *memory_.area().control;
    vector_operations_ += control.vector_operations;
    node_evaluations_ += control.node_evaluations;
    control.vector_operations = control.node_evaluations = 0;
}

// SIGKILL cannot be raised by what an organism does short of using up the machine's memory.
bool Remote::killed_from_outside() const noexcept {
    const int status = child_.wait_status();
    return status == UNKNOWN_END || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

void Remote::describe(ExecutorReport* report) const noexcept {
    const Control& control = *memory_.area().control;
    report->sandboxed = 1;
    report->lockdown_level = lockdown_level_;
    report->landlock_abi = landlock_abi_;
    report->pid = child_.pid();
    report->memory_bytes = settings_.memory_bytes;
    report->vector_operations = vector_operations_ + control.vector_operations;
    report->node_evaluations = node_evaluations_ + control.node_evaluations;
    report->n_variables = table_.n_variables;
    report->element_bytes = table_.element_bytes;
    report->n_rows = table_.n_rows;
    report->padded_rows = table_.padded_rows;
    std::memcpy(report->instruction_set, instruction_set_, sizeof report->instruction_set);
}

void Remote::say(const char* what, const char* detail) noexcept {
    std::snprintf(message_, sizeof message_, *detail != '\0' ? "%s: %s" : "%s", what, detail);
}

}  // namespace vgp
