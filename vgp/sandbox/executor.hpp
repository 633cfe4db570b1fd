// Genomes in, results out, wherever they are executed: in the locked-down worker, or (mode off) in this process.
// No Python in it, nothing here needs the GIL. One thread at a time.
#pragma once
#include <cstdint>

#include "evaluation.hpp"

namespace vgp {

// Where organisms that others refer to come from. resolve() points *nodes to the genome of `id` and returns its length,
// or 0 if there is none; the nodes must stay until the next call. Neither this nor a heartbeat may throw.
struct Resolver {
    void* context = nullptr;
    uint32_t (*resolve)(void* context, uint64_t id, const Node** nodes) = nullptr;
};

// Called about every 20 ms while a batch runs; not 0 interrupts it. (Python: lets signal handlers run.)
struct Heartbeat {
    void* context = nullptr;
    int (*beat)(void* context) = nullptr;
};

enum Outcome : int {
    OUTCOME_OK = 0,           // every organism has its result
    OUTCOME_INTERRUPTED = 1,  // the batch is abandoned: its results mean nothing, the executor stays usable
    OUTCOME_FAILED = 2,       // see message()
};

struct ExecutorReport {
    uint32_t sandboxed;       // 0: in process
    uint32_t lockdown_level;  // LockdownLevel bits of wire.hpp
    uint32_t landlock_abi;
    uint32_t respawns;        // workers started after the first
    uint32_t crashed;         // organisms marked so far
    uint32_t timed_out;
    uint32_t forgeries;       // answers that no honest worker gives
    int pid;                  // of the worker; 0: none is running
    uint64_t memory_bytes;    // the worker's address space
    uint64_t vector_operations, node_evaluations;  // as the worker tells it
    uint32_t n_variables, element_bytes;
    uint64_t n_rows, padded_rows;
    char instruction_set[24];
};

class Executor {
public:
    virtual ~Executor() = default;

    // Fills results[0 .. batch.n). Batches of any size; *interrupt (may be nullptr) not 0: stop, seen within 50 ms.
    virtual Outcome evaluate(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results,
                             const volatile int* interrupt) noexcept = 0;
    // Also values[i * padded_rows + row], elements of the table's type, written where the status is ok.
    virtual Outcome outputs(const Batch& batch, const Resolver& resolver, Result* results, void* values,
                            const volatile int* interrupt) noexcept = 0;
    // Also tunes the constants: constants[..] are those of all constant nodes of the batch in order, and the results those of the
    // genomes that hold them. An organism whose status is not ok keeps its constants.
    virtual Outcome tune(const Batch& batch, const LossSettings& loss, const TuneSettings& settings, const Resolver& resolver,
                         Result* results, double* constants, const volatile int* interrupt) noexcept = 0;
    // Also standard errors: of every organism those of its constant nodes, then of slope and intercept; see Evaluator::errors.
    virtual Outcome errors(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results, double* errors,
                           const volatile int* interrupt) noexcept = 0;
    // Why the last call failed, one line.
    virtual const char* message() const noexcept = 0;
    virtual ExecutorReport report() const noexcept = 0;

    // May be changed between any two batches.
    double cpu_seconds = 1.0;   // base of a batch's CPU time; see budget.hpp. No effect in process.
    double wall_seconds = 60.0; // base of the wall-clock backstop
    Heartbeat heartbeat;
};

}  // namespace vgp
