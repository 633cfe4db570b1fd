# The C++ core as Cython sees it: declared once, here. Fields carry their meaning in the headers.
from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.vector cimport vector


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
    uint32_t index_genome(Node* nodes, uint32_t n) noexcept
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


cdef extern from "datafile.hpp" namespace "vgp" nogil:
    cdef cppclass DataView:
        uint32_t element_bytes
        uint64_t n_rows
        uint64_t padded_rows
        uint32_t n_variables
        const void* target
        const void* weights

    const char* view_datafile(const void* mapping, uint64_t bytes, DataView* view) noexcept


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
        uint32_t probe_errors

    const uint32_t N_PROBES

    cdef cppclass TuneSettings:
        uint32_t steps
        uint32_t rows

    const uint32_t MAX_TUNING_STEPS

    cdef cppclass Result:
        double loss
        double slope
        double intercept
        uint64_t signature
        uint64_t detail
        uint32_t status
        uint32_t cost
        uint8_t errors[64]

    cdef cppclass Batch:
        const Node* nodes
        const uint32_t* offsets
        uint32_t n

    cdef cppclass EvaluatorSettings:
        EvaluatorSettings()
        uint64_t cache_bytes
        const char* instruction_set

    cdef cppclass CppEvaluator "vgp::Evaluator":
        void begin(const LossSettings& settings) noexcept
        uint32_t evaluate(const Batch& batch, Result* results, uint64_t* wanted, uint32_t max_wanted, uint32_t* cursor) noexcept
        void supply(uint64_t id, const Node* nodes, uint32_t n) noexcept
        void deny(uint64_t id) noexcept
        uint32_t outputs(const Batch& batch, Result* results, void* outputs, uint64_t* wanted, uint32_t max_wanted,
                         uint32_t* cursor) noexcept
        uint32_t tune(const Batch& batch, const TuneSettings& settings, Result* results, double* constants, uint64_t* wanted,
                      uint32_t max_wanted, uint32_t* cursor) noexcept
        uint32_t errors(const Batch& batch, Result* results, double* errors, uint64_t* wanted, uint32_t max_wanted,
                        uint32_t* cursor) noexcept
        const char* instruction_set() noexcept
        void counters(uint64_t* vector_operations, uint64_t* node_evaluations) noexcept

    CppEvaluator* create_evaluator "vgp::Evaluator::create"(const DataView& view, const EvaluatorSettings& settings,
                                                            const char** error) noexcept


cdef extern from "expansion.hpp" namespace "vgp" nogil:
    cdef enum class FlattenError(uint32_t):
        none
        missing_reference
        reference_depth
        work_limit
        too_long
        too_deep
        no_memory

    const char* flatten_error_name(FlattenError error) noexcept

    cdef cppclass Flattened:
        FlattenError error
        uint32_t n
        uint32_t steps
        uint64_t detail

    ctypedef uint32_t (*ResolveFunction)(void* context, uint64_t id, const Node** nodes) noexcept nogil

    Flattened flatten(const Node* nodes, uint32_t n, ResolveFunction resolve, void* context, Node* out, uint32_t capacity) noexcept
    uint32_t substitute(const Node* body, uint32_t n, const Node* const* arguments, const uint32_t* lengths, uint32_t n_arguments,
                        Node* out, uint32_t capacity) noexcept


cdef extern from "record.hpp" namespace "vgp" nogil:
    cdef enum class RecordError(uint32_t):
        none
        malformed_organism

    const char* record_error_name(RecordError error) noexcept

    cdef cppclass RecordVerdict:
        RecordError error
        GenomeError genome
        uint32_t organism

    cdef cppclass Bundle:
        vector[Node] nodes
        vector[uint32_t] offsets
        vector[uint8_t] is_root
        vector[uint64_t] ids

    size_t encoded_bytes(const Node* nodes, size_t n) noexcept
    size_t encode_nodes(const Node* nodes, size_t n, unsigned char* out) noexcept
    GenomeError decode_nodes(const unsigned char* data, size_t bytes, uint32_t n, Node* out, size_t* used) noexcept
    RecordVerdict decode_genomes(const unsigned char* data, size_t bytes, const uint32_t* offsets, uint32_t n, Node* out) noexcept
    RecordVerdict encode_bundle(const Node* nodes, const uint32_t* offsets, const uint8_t* is_root, uint32_t n, cbool open,
                                vector[unsigned char]* out) noexcept
    RecordVerdict decode_bundle(const unsigned char* data, size_t bytes, cbool open, Bundle* out) noexcept


cdef extern from "structure.hpp" namespace "vgp" nogil:
    const uint32_t N_BASES
    const int32_t EXPONENT_UNIT
    const uint32_t N_OPCODES

    cdef cppclass Dimension:
        int16_t e[16]

    cdef cppclass Type:
        Dimension d
        double value
        uint8_t kind
        cbool literal

    const uint8_t KNOWN "vgp::Type::KNOWN"
    const uint8_t ANY "vgp::Type::ANY"
    const uint8_t WRONG "vgp::Type::WRONG"
    Type type_plain "vgp::Type::plain"() noexcept
    Type type_any "vgp::Type::any"() noexcept
    Type type_wrong "vgp::Type::wrong"() noexcept
    Type type_known "vgp::Type::known"(const Dimension& d) noexcept
    Type type_constant "vgp::Type::constant"(double value, cbool free) noexcept
    Type type_of_function "vgp::type_of"(uint8_t op, const Type* operands) noexcept

    cdef cppclass Demand:
        Dimension d
        uint8_t kind
        cbool accepts(const Type& t) noexcept

    const uint8_t FREE "vgp::Demand::FREE"
    const uint8_t EXACT "vgp::Demand::EXACT"
    const uint8_t ONLY_ANY "vgp::Demand::ONLY_ANY"
    const uint8_t NOTHING "vgp::Demand::NOTHING"
    Demand demand_free "vgp::Demand::free"() noexcept
    Demand demand_plain "vgp::Demand::plain"() noexcept
    Demand demand_exact "vgp::Demand::exact"(const Dimension& d) noexcept
    Demand demand_of_operand "vgp::operand_demand"(uint8_t op, uint32_t k, const Demand& demand, const Type* operands) noexcept

    ctypedef uint32_t (*Resolve)(void* context, uint64_t id, const Node** nodes) noexcept nogil

    cdef cppclass Units:
        vector[Dimension] columns
        Demand root
        cbool free_constants
        Resolve resolve
        void* context

    Type infer(const Units& units, const Node* nodes, uint32_t n, Type* types) noexcept
    Demand demand_at(const Units& units, const Node* nodes, uint32_t n, const Type* types, uint32_t at) noexcept

    cdef cppclass DimensionPool:
        void build(const Units& units, const uint8_t* functions, uint32_t n_functions) except +
        uint32_t size() noexcept
        uint16_t find(const Dimension& d) noexcept
        const Dimension& dimension(uint32_t i) noexcept
        uint32_t shortest(uint32_t i) noexcept
        uint16_t quotient(uint32_t i, uint32_t j) noexcept
        uint32_t n_columns(uint32_t i) noexcept
        uint32_t column(uint32_t i, uint32_t k) noexcept
        uint32_t write_shortest(Rng& rng, uint32_t i, Node* out) noexcept

    const uint16_t NO_DIMENSION "vgp::DimensionPool::NONE"
    const uint32_t LONGEST_EXPRESSION "vgp::DimensionPool::LONGEST"

    cdef cppclass Constraints:
        cbool any
        void limit_nodes(uint8_t function, uint8_t k, uint16_t nodes) noexcept
        void limit_nested(uint8_t function, uint8_t k, uint8_t inner, uint8_t most) noexcept

    cdef enum class Refusal(uint32_t):
        none
        units
        constraints

    cdef cppclass Structure:
        cbool has_units
        Units units
        DimensionPool pool
        Constraints constraints
        Resolve resolve
        void* context
        uint64_t attempts
        uint64_t refused_attempts
        uint64_t drafts
        uint64_t refused_drafts
        cbool asks_nothing() noexcept
        Refusal judge(const Node* nodes, uint32_t n) noexcept
