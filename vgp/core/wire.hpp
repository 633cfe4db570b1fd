// The sealed shared memory between the module and the sandbox: one control page, then areas at the offsets it names.
// The module writes requests and reads answers; it copies what it reads before checking it, because the other side may be hostile.
#pragma once
#include <cstdint>

#include "evaluation.hpp"
#include "genome.hpp"

namespace vgp {

inline constexpr uint32_t WIRE_MAGIC = 0x56475042;  // "VGPB"
inline constexpr uint32_t WIRE_VERSION = 2;

enum class Command : uint32_t {
    none = 0,
    evaluate = 1,   // losses into the results area
    outputs = 2,    // values into the outputs area, losses left out
    resume = 3,     // the wanted organisms are in the supply area: go on with the batch
    tune = 4,       // results of the tuned organisms, their constants into the numbers area
    errors = 5,     // results, standard errors into the numbers area
};

enum class Answer : uint32_t { none = 0, done = 1, wanted = 2, refused = 3 };

// How far the lockdown got: bits.
enum LockdownLevel : uint32_t {
    LOCKDOWN_RLIMITS = 1,
    LOCKDOWN_NO_NEW_PRIVS = 2,
    LOCKDOWN_MDWE = 4,
    LOCKDOWN_LANDLOCK = 8,
    LOCKDOWN_SECCOMP = 16,
};

struct alignas(64) Control {
    // written by the module before exec
    uint32_t magic, version;
    uint64_t total_bytes;                  // of the mapping
    uint32_t max_organisms, max_nodes;     // of the request area (nodes: of all genomes of a batch together)
    uint32_t max_wanted, max_supplied_nodes;
    uint64_t offsets_at, nodes_at, results_at, wanted_at, supply_ids_at, supply_offsets_at, supply_nodes_at, outputs_at, numbers_at;
    uint64_t outputs_bytes;                // size of the outputs area
    uint64_t cache_bytes;                  // EvaluatorSettings

    // written by the worker once, before `ready`
    alignas(64) uint32_t ready;            // futex: 0 not yet, 1 ready, 2 gave up (see error)
    uint32_t lockdown_level;               // LockdownLevel bits
    uint32_t landlock_abi;                 // 0: none
    int32_t error_number;                  // errno
    uint32_t n_variables, element_bytes;
    uint64_t n_rows, padded_rows;
    char instruction_set[24];
    char error[136];                       // one line, zero-terminated

    // request: written by the module before it raises `request`
    alignas(64) uint32_t request;          // futex: sequence number
    uint32_t command;
    uint32_t n_organisms;
    uint32_t n_supplied;                   // resume: supply_ids[i] has genome supply_nodes[supply_offsets[i]..[i+1]); empty: there is none
    LossSettings loss;
    TuneSettings tune;

    // answer: written by the worker before it raises `response`
    alignas(64) uint32_t response;         // futex: the request's sequence number
    uint32_t answer;                       // an Answer
    uint32_t n_wanted;
    uint64_t vector_operations, node_evaluations;   // running totals

    alignas(64) uint32_t cursor;           // index of the organism being evaluated
};
static_assert(sizeof(Control) <= 4096, "the control block is one page");

}  // namespace vgp
