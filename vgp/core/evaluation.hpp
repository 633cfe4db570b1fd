// Genomes in, results out. Used by the sandbox executable and, with `--sandbox off` and in benchmarks, in process.
#pragma once
#include <cstddef>
#include <cstdint>

#include "datafile.hpp"
#include "genome.hpp"

namespace vgp {

enum class Status : uint32_t {
    pending = 0,         // not evaluated yet, or waiting for organisms that it refers to
    ok = 1,
    non_finite = 2,      // a value, or the loss, is NaN or infinite
    malformed = 3,       // validate() refused the genome
    missing_reference = 4,
    reference_depth = 5, // calls deeper than MAX_REFERENCE_DEPTH: also what a cycle comes to
    work_limit = 6,      // more than MAX_EXPANDED nodes with all calls written out
    no_memory = 7,
    crashed = 8,         // given by the module only: evaluating it ended the sandbox
    timed_out = 9,       // given by the module only: it used up its CPU time
};

enum class Loss : uint32_t { squared = 0, absolute = 1, huber = 2, logistic = 3 };

struct LossSettings {
    Loss loss = Loss::squared;
    uint32_t linear_scaling = 1;   // 1: loss of intercept + slope * f, both fitted (Keijzer 2003); 0: of f itself;
                                   // 2: of slope * f (where units leave no room for an intercept; not for the logistic loss)
    double huber_delta = 1.0;      // in units of the target
    uint32_t probe_errors = 0;     // 1: Result::errors are wanted
};

// How constants are tuned. Squared, Huber, absolute and logistic loss all have a least-squares step: see tuning.hpp.
struct TuneSettings {
    uint32_t steps = 10;           // most trials of other constants; 0: none is moved
    uint32_t rows = 0;             // on so many rows at most, in blocks spread evenly; 0: on all (of 65,536 at most)
};
inline constexpr uint32_t MAX_TUNING_STEPS = 1000;

inline constexpr uint32_t N_PROBES = 64;  // rows spread evenly over the table

// What the sandbox says about one organism: 112 bytes.
struct Result {
    double loss;          // weighted mean over the rows in units of the loss; +inf unless status is ok
    double slope;         // 1 without linear scaling
    double intercept;     // 0 without linear scaling
    uint64_t signature;   // bit i: sign of the residual on probe row i: likeness of behaviour
    uint64_t detail;      // missing_reference: the id; malformed: the GenomeError; ok after tuning: the trials made
    uint32_t status;      // a Status
    uint32_t cost;        // estimated run time per row in 1/16 of a vector addition, from a fixed table: the same in every run
    uint8_t errors[N_PROBES] = {};  // of the probe rows, if they are wanted: see error_level() in loss.hpp
};
static_assert(sizeof(Result) == 112, "results cross the shared memory");

// n genomes one behind the other: genome i is nodes[offsets[i] .. offsets[i + 1])
struct Batch {
    const Node* nodes;
    const uint32_t* offsets;
    uint32_t n;
};

// Constant nodes of genome i.
inline uint32_t count_constants(const Batch& batch, uint32_t i) noexcept {
    uint32_t n = 0;
    for (uint32_t k = batch.offsets[i]; k < batch.offsets[i + 1]; k++) n += batch.nodes[k].op == static_cast<uint8_t>(Opcode::constant);
    return n;
}

struct EvaluatorSettings {
    uint64_t cache_bytes = 64u << 20;  // limit on the columns kept of referenced organisms
    const char* instruction_set = nullptr;  // "x86-64-v2", "x86-64-v3", "x86-64-v4", "aarch64"; nullptr: the best this machine has
};

// Evaluates organisms on one table, and holds the organisms that others refer to ("the library").
//
//   evaluator->begin(settings);                        // a new batch: forgets what was denied
//   while (n = evaluator->evaluate(batch, results, wanted, max_wanted, cursor))
//       for each wanted id: evaluator->supply(id, ...) or evaluator->deny(id);
//
// evaluate() works on the entries whose status is pending. One that refers to an organism not held stays pending and its
// callee's id is listed in `wanted` (each once); when nothing is wanted nothing is pending any more.
// Results depend on the genome, the table and the instruction set alone, never on what is cached or on the order of calls.
class Evaluator {
public:
    // The view must outlive the evaluator. nullptr (and a one-line reason in *error) if memory or the instruction set is missing.
    static Evaluator* create(const DataView& view, const EvaluatorSettings& settings, const char** error) noexcept;
    virtual ~Evaluator() = default;

    virtual void begin(const LossSettings& settings) noexcept = 0;
    // *cursor (may be nullptr) is set to the index of the organism being evaluated before each one: it finds a culprit.
    virtual uint32_t evaluate(const Batch& batch, Result* results, uint64_t* wanted, uint32_t max_wanted,
                              volatile uint32_t* cursor) noexcept = 0;
    virtual void supply(uint64_t id, const Node* nodes, uint32_t n) noexcept = 0;
    virtual void deny(uint64_t id) noexcept = 0;
    // Like evaluate(), but writes each organism's values instead: outputs[i * padded_rows + row], elements of the table's type.
    // Values are those of f itself, without linear scaling; loss is left +inf.
    virtual uint32_t outputs(const Batch& batch, Result* results, void* outputs, uint64_t* wanted, uint32_t max_wanted,
                             volatile uint32_t* cursor) noexcept = 0;
    // Like evaluate(), after tuning the constants: `constants` are those of all constant nodes of the batch in order, moved or not,
    // `results` what evaluate() says of the genomes that hold them. None is worse than it was.
    virtual uint32_t tune(const Batch& batch, const TuneSettings& settings, Result* results, double* constants, uint64_t* wanted,
                          uint32_t max_wanted, volatile uint32_t* cursor) noexcept = 0;
    // Like evaluate(), with standard errors: of every genome those of its constant nodes, then of slope and intercept. Infinite:
    // the data do not tell it (without effect, or another constant can stand in for it); 0: what is not fitted.
    virtual uint32_t errors(const Batch& batch, Result* results, double* errors, uint64_t* wanted, uint32_t max_wanted,
                            volatile uint32_t* cursor) noexcept = 0;
    virtual const char* instruction_set() const noexcept = 0;
    // Vector operations done so far (one per function node over columns that was really computed, times rows), and nodes x rows.
    virtual void counters(uint64_t* vector_operations, uint64_t* node_evaluations) const noexcept = 0;
};

}  // namespace vgp
