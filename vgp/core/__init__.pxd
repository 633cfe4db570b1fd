# The C++ core as Cython sees it: declared once, here. Fields carry their meaning in the headers.
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libcpp cimport bool as cbool


cdef extern from "genome.hpp" namespace "vgp" nogil:
    cdef cppclass Node:
        uint8_t op
        uint8_t arity
        uint16_t length
        double value          # constant
        uint64_t variable     # variable: column index
        uint64_t reference    # reference: id of the organism called
        uint64_t payload

    const uint8_t Opcode_constant "static_cast<uint8_t>(vgp::Opcode::constant)"
    const uint8_t Opcode_variable "static_cast<uint8_t>(vgp::Opcode::variable)"
    const uint8_t Opcode_reference "static_cast<uint8_t>(vgp::Opcode::reference)"

    const uint32_t MAX_NODES
    const uint32_t MAX_DEPTH
    const uint32_t MAX_VARIABLES
    const uint32_t MAX_ARGUMENTS
    const uint32_t MAX_REFERENCE_DEPTH
    const uint32_t MAX_EXPANDED
    const uint8_t VARIADIC
    const uint8_t NO_OPCODE

    uint8_t opcode_arity(uint8_t op) noexcept
    const char* opcode_name(uint8_t op) noexcept

    cdef enum class GenomeError(uint32_t):
        none

    const char* genome_error_name(GenomeError error) noexcept

    cdef cppclass GenomeLimits:
        uint32_t max_nodes
        uint32_t max_depth
        uint32_t n_variables

    GenomeError validate(const Node* nodes, uint32_t n, const GenomeLimits& limits) noexcept
    cbool index_genome(Node* nodes, uint32_t n) noexcept
    uint32_t genome_depth(const Node* nodes, uint32_t n) noexcept
    uint64_t genome_id(const Node* nodes, uint32_t n) noexcept


cdef extern from "hash.hpp" namespace "vgp" nogil:
    uint64_t content_hash(const void* data, size_t bytes) noexcept


cdef extern from "rng.hpp" namespace "vgp" nogil:
    cdef cppclass Rng:
        uint64_t s[4]

    void rng_seed(Rng& rng, uint64_t seed) noexcept
    uint64_t rng_next(Rng& rng) noexcept
    uint32_t rng_below(Rng& rng, uint32_t n) noexcept
    double rng_uniform(Rng& rng) noexcept
    double rng_normal(Rng& rng) noexcept


cdef extern from "evaluation.hpp" namespace "vgp" nogil:
    cdef enum class Status(uint32_t):
        pending
        ok
        non_finite
        malformed
        missing_reference
        reference_depth
        work_limit
        no_memory
        crashed
        timed_out

    cdef enum class Loss(uint32_t):
        squared
        absolute
        huber
        logistic

    cdef cppclass LossSettings:
        Loss loss
        uint32_t linear_scaling
        double huber_delta

    cdef cppclass Result:
        double loss
        double slope
        double intercept
        uint64_t signature
        uint64_t detail
        uint32_t status
        uint32_t cost

    cdef cppclass Batch:
        const Node* nodes
        const uint32_t* offsets
        uint32_t n
