// A running worker and the area it shares with us: start it, make one attempt at a batch, say how that ended.
// Whose fault a bad end was is not decided here (supervisor.hpp).
#pragma once
#include <string>
#include <vector>

#include "child.hpp"
#include "executor.hpp"
#include "referred.hpp"
#include "shared_memory.hpp"
#include "watch.hpp"

namespace vgp {

struct SandboxSettings {
    const char* executable;
    const char* data_path;
    uint32_t max_organisms;  // of one request; larger batches are split
    uint32_t max_nodes;      // likewise, of all its genomes; at least MAX_NODES are taken
    uint64_t memory_bytes;   // the worker's address space; 0: the table, the area, twice the cache and 128 MB
    uint64_t cache_bytes;    // EvaluatorSettings
    uint64_t outputs_columns;  // organisms of one request for outputs; 0: as many as fit in 16 MB
};

// What is asked for: the whole batch, of which an attempt takes a part.
struct Task {
    Command command;
    Batch batch;
    LossSettings loss;
    Resolver resolver;
    Result* results;
    unsigned char* values = nullptr;        // outputs only
    TuneSettings tune{};                    // tune only
    double* numbers = nullptr;              // tune and errors: those of organism i are numbers[numbers_at[i] .. numbers_at[i + 1])
    const uint32_t* numbers_at = nullptr;
};

enum class Attempt {
    done,         // credible results are in place
    died,         // the worker ended
    hung,         // it used up its CPU time, or the wall clock's
    forged,       // it answered what no honest worker answers
    interrupted,
    not_started,  // there is no worker to be had: see message()
};

inline constexpr uint32_t NOBODY = UINT32_MAX;

class Remote {
public:
    // Reads the table's shape and creates the area; starts nothing. False: see message().
    bool prepare(const SandboxSettings& settings) noexcept;

    bool running() noexcept { return child_.alive(); }
    Attempt start(const Watch& watch) noexcept;  // done, interrupted, died (worth another try) or not_started
    Attempt run(const Task& task, uint32_t first, uint32_t last, const Watch& watch) noexcept;
    void stop() noexcept;

    // Index within the last attempt at which the worker says it was, or NOBODY.
    uint32_t suspect() const noexcept { return suspect_; }
    // The last attempt was the worker's first: nothing that it executed earlier can be to blame.
    bool was_fresh() const noexcept { return requests_ == 1; }
    bool killed_from_outside() const noexcept;
    const DataView& table() const noexcept { return table_; }
    uint64_t column_bytes() const noexcept { return table_.padded_rows * table_.element_bytes; }
    const Capacity& capacity() const noexcept { return memory_.area().capacity; }
    const char* message() const noexcept { return message_; }
    void describe(ExecutorReport* report) const noexcept;

private:
    bool read_table(const char* path) noexcept;
    void load(const Task& task, uint32_t first, uint32_t last) noexcept;
    Attempt await(const Task& task, uint32_t first, uint32_t last, const Watch& watch) noexcept;
    bool supply(const Task& task, uint32_t first, uint32_t last) noexcept;
    bool take_results(const Task& task, uint32_t first, uint32_t last) noexcept;
    bool take_numbers(const Task& task, uint32_t first, uint32_t last) noexcept;
    uint64_t row_passes(const Task& task) const noexcept;
    Attempt abandon(Attempt how) noexcept;
    void say(const char* what, const char* detail) noexcept;

    SandboxSettings settings_{};  // its strings are copies, the two below
    std::string executable_, data_path_;
    DataView table_{};
    uint64_t table_bytes_ = 0;
    SharedMemory memory_;
    Child child_;
    Referred referred_;
    std::vector<uint64_t> wanted_;
    std::vector<double> numbers_;
    uint32_t sequence_ = 0, requests_ = 0, suspect_ = NOBODY, spins_ = 0;
    uint32_t lockdown_level_ = 0, landlock_abi_ = 0;
    uint64_t vector_operations_ = 0, node_evaluations_ = 0;  // of workers that have ended
    char instruction_set_[24] = {};
    char message_[256] = {};
};

}  // namespace vgp
