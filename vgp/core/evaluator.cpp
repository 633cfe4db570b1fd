#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "evaluation.hpp"
#include "library.hpp"
#include "loss.hpp"
#include "program.hpp"
#include "tuning.hpp"

namespace vgp {
namespace {

inline constexpr uint64_t CHUNK_BYTES = 4096;            // of one column: what the loss pass finds in the L1 cache
inline constexpr uint64_t TILE_BYTES = 384u << 10;       // of all columns together: stays in the L2 cache for a group of organisms
inline constexpr uint64_t GROUP_BYTES = 32u << 20;       // of the output columns of a group
inline constexpr uint32_t GROUP_LIMIT = 32;

uint64_t round_up(uint64_t x, uint64_t unit) noexcept { return (x + unit - 1) / unit * unit; }

bool calls(const Node* nodes, uint32_t n) noexcept {
    bool any = false;
    for (uint32_t i = 0; i < n; i++) any |= nodes[i].op == static_cast<uint8_t>(Opcode::reference);
    return any;
}

struct Candidate {
    Program program;
    LossPass loss;
    uint32_t index, n_nodes;
    bool alive;
    unsigned char* f;
};

class EvaluatorOfTable final : public Evaluator, private ColumnSource, private CallSource {
public:
    EvaluatorOfTable(const DataView& view, const Kernels& kernels, const EvaluatorSettings& settings) noexcept
        : kernels_(kernels), view_(view), stride_(stride_of(view, kernels)), library_(stride_, settings.cache_bytes, view.n_variables), tuner_(kernels_, view_, stride_) {}
    ~EvaluatorOfTable() override;
    const char* prepare() noexcept;

    void begin(const LossSettings& settings) noexcept override { settings_ = settings, library_.begin(); }
    uint32_t evaluate(const Batch& batch, Result* results, uint64_t* wanted, uint32_t max_wanted,
                      volatile uint32_t* cursor) noexcept override {
        return work_through(batch, results, nullptr, wanted, max_wanted, cursor);
    }
    uint32_t outputs(const Batch& batch, Result* results, void* outputs, uint64_t* wanted, uint32_t max_wanted,
                     volatile uint32_t* cursor) noexcept override {
        return work_through(batch, results, static_cast<unsigned char*>(outputs), wanted, max_wanted, cursor);
    }
    uint32_t tune(const Batch& batch, const TuneSettings& settings, Result* results, double* constants, uint64_t* wanted,
                  uint32_t max_wanted, volatile uint32_t* cursor) noexcept override;
    uint32_t errors(const Batch& batch, Result* results, double* errors, uint64_t* wanted, uint32_t max_wanted,
                    volatile uint32_t* cursor) noexcept override;
    void supply(uint64_t id, const Node* nodes, uint32_t n) noexcept override { library_.supply(id, nodes, n); }
    void deny(uint64_t id) noexcept override { library_.deny(id); }
    const char* instruction_set() const noexcept override { return kernels_.name; }
    void counters(uint64_t* vector_operations, uint64_t* node_evaluations) const noexcept override {
        *vector_operations = vector_operations_, *node_evaluations = node_evaluations_;
    }

private:
    static uint64_t stride_of(const DataView& view, const Kernels& kernels) noexcept {
        const uint64_t bytes = view.padded_rows * view.element_bytes;
        return bytes < kernels.block_bytes ? kernels.block_bytes : bytes;
    }
    const char* copy_small_table() noexcept;
    uint32_t work_through(const Batch& batch, Result* results, unsigned char* outputs, uint64_t* wanted, uint32_t max_wanted,
                          volatile uint32_t* cursor) noexcept;
    Status admit(const Node* nodes, uint32_t n, Candidate* candidate, Result* result, Library::Wanted* wanted) noexcept;
    void run_group(const LossSettings* loss, Result* results, volatile uint32_t* cursor) noexcept;
    void run_tile(Candidate& candidate, uint64_t begin, uint64_t end) noexcept;
    void write_outputs(Result* results, unsigned char* outputs) noexcept;
    const unsigned char* column_of(Organism* callee) noexcept override;
    const unsigned char* values_of(const Node* subtree, uint32_t n) noexcept override;
    Node* copy_of(const Node* nodes, uint32_t n) noexcept;
    bool improves(const Node* moved, uint32_t n, Result* result) noexcept;

    const Kernels& kernels_;
    DataView view_;
    const uint64_t stride_;
    Library library_;
    Tuner tuner_;
    Node* moved_ = nullptr;             // a genome whose constants are being tuned
    uint32_t moved_capacity_ = 0;
    LossSettings settings_;
    Target target_;
    unsigned char* copy_ = nullptr;     // of a table that is too short for a whole block
    unsigned char* scratch_ = nullptr;  // output columns of the group
    Candidate* group_ = nullptr;
    uint32_t group_limit_ = 1, n_group_ = 0;
    uint64_t tile_ = 0, group_stamp_ = 0;
    Compiler* compilers_[MAX_REFERENCE_DEPTH + 1] = {};  // one per depth of computing a column while compiling
    Program column_programs_[MAX_REFERENCE_DEPTH + 1];
    uint32_t level_ = 0;
    uint64_t vector_operations_ = 0, node_evaluations_ = 0;
};

EvaluatorOfTable::~EvaluatorOfTable() {
    for (Compiler* compiler : compilers_) delete compiler;
    delete[] group_;
    std::free(scratch_);
    std::free(copy_);
    std::free(moved_);
}

const char* EvaluatorOfTable::prepare() noexcept {
    static const char* const NO_MEMORY = "not enough memory for the evaluator";
    if (view_.target && !target_.prepare(view_)) return NO_MEMORY;
    if (stride_ != view_.padded_rows * view_.element_bytes)
        if (const char* error = copy_small_table()) return error;
    const uint64_t table = (uint64_t{view_.n_variables} + 1) * stride_;
    if (table > TILE_BYTES) {
        const uint64_t fitting = GROUP_BYTES / stride_;
        group_limit_ = fitting < 1 ? 1 : fitting > GROUP_LIMIT ? GROUP_LIMIT : static_cast<uint32_t>(fitting);
    }
    tile_ = TILE_BYTES / (view_.n_variables + 1) / CHUNK_BYTES * CHUNK_BYTES;
    if (tile_ < CHUNK_BYTES) tile_ = CHUNK_BYTES;
    scratch_ = static_cast<unsigned char*>(std::aligned_alloc(64, round_up(stride_, 64) * group_limit_));
    group_ = new (std::nothrow) Candidate[group_limit_];
    const Columns columns{view_.columns, stride_, view_.element_bytes};
    for (Compiler*& compiler : compilers_)
        if (!(compiler = Compiler::create(kernels_, columns, library_))) return NO_MEMORY;
    return scratch_ && group_ ? nullptr : NO_MEMORY;
}

// A table shorter than a block: copied, the rows beyond the last repeating it.
const char* EvaluatorOfTable::copy_small_table() noexcept {
    copy_ = static_cast<unsigned char*>(std::aligned_alloc(64, view_.n_variables * stride_));
    if (!copy_) return "not enough memory for a copy of the table";
    const uint64_t bytes = view_.padded_rows * view_.element_bytes;
    for (uint64_t v = 0; v < view_.n_variables; v++) {
        const unsigned char* from = view_.columns + v * bytes;
        unsigned char* to = copy_ + v * stride_;
        std::memcpy(to, from, bytes);
        for (uint64_t at = bytes; at < stride_; at += view_.element_bytes) std::memcpy(to + at, from + bytes - view_.element_bytes, view_.element_bytes);
    }
    view_.columns = copy_;
    return nullptr;
}

uint32_t EvaluatorOfTable::work_through(const Batch& batch, Result* results, unsigned char* outputs, uint64_t* wanted,
                                        uint32_t max_wanted, volatile uint32_t* cursor) noexcept {
    const FlushDenormals flush;
    Library::Wanted wants{wanted, max_wanted, 0};
    library_.new_round();
    group_stamp_++;
    n_group_ = 0;
    const auto run = [&] {
        run_group(outputs ? nullptr : &settings_, results, cursor);
        if (outputs) write_outputs(results, outputs);
        group_stamp_++;
        n_group_ = 0;
    };
    const bool possible = outputs || view_.target;
    for (uint32_t i = 0; i < batch.n; i++) {
        if (results[i].status == static_cast<uint32_t>(Status::pending) && !possible) results[i].status = static_cast<uint32_t>(Status::non_finite);
        if (results[i].status != static_cast<uint32_t>(Status::pending)) continue;
        if (cursor) *cursor = i;
        Candidate& candidate = group_[n_group_];
        const uint32_t first = batch.offsets[i];
        results[i] = {INFINITY, 1, 0, 0, 0, 0, 0};
        const Status status = admit(batch.nodes + first, batch.offsets[i + 1] - first, &candidate, &results[i], &wants);
        results[i].status = static_cast<uint32_t>(status);
        if (status != Status::ok) continue;
        candidate.index = i;
        candidate.f = scratch_ + n_group_ * stride_;
        candidate.program.set_output(candidate.f);
        if (++n_group_ == group_limit_) run();
    }
    run();
    return wants.n;
}

Status EvaluatorOfTable::admit(const Node* nodes, uint32_t n, Candidate* candidate, Result* result, Library::Wanted* wanted) noexcept {
    const GenomeLimits limits{MAX_NODES, MAX_DEPTH, view_.n_variables};
    const GenomeError error = validate(nodes, n, limits);
    if (error != GenomeError::none) return result->detail = static_cast<uint64_t>(error), Status::malformed;
    if (calls(nodes, n)) {
        Extent extent;
        const Status status = library_.resolve(nodes, n, &extent, &result->detail, wanted);
        if (status != Status::ok) return status;
    }
    if (!compilers_[0]->compile(nodes, n, *this, &candidate->program)) return Status::no_memory;
    result->cost = candidate->program.cost();
    candidate->n_nodes = n;
    candidate->alive = true;
    return Status::ok;
}

void EvaluatorOfTable::run_group(const LossSettings* loss, Result* results, volatile uint32_t* cursor) noexcept {
    for (uint64_t begin = 0; begin < stride_; begin += tile_) {
        const uint64_t end = begin + tile_ < stride_ && group_limit_ > 1 ? begin + tile_ : stride_;
        for (uint32_t k = 0; k < n_group_; k++) {
            if (cursor) *cursor = group_[k].index;
            if (loss && group_[k].alive) run_tile(group_[k], begin, end);
            if (!loss) kernels_.run(group_[k].program.instructions(), begin + kernels_.block_bytes > end ? end - kernels_.block_bytes : begin, end);
        }
        if (end == stride_) break;
    }
    for (uint32_t k = 0; loss && k < n_group_; k++) {
        Candidate& candidate = group_[k];
        Result& result = results[candidate.index];
        if (candidate.alive) candidate.loss.finish(kernels_, target_, *loss, candidate.f, &result);
        else result.status = static_cast<uint32_t>(Status::non_finite);
    }
}

// The first piece is one block: most organisms that are not finite show it there.
void EvaluatorOfTable::run_tile(Candidate& candidate, uint64_t begin, uint64_t end) noexcept {
    const uint32_t bytes = view_.element_bytes;
    uint64_t piece = begin == 0 ? kernels_.block_bytes : CHUNK_BYTES;
    for (uint64_t at = begin; at < end;) {
        const uint64_t next = at + piece < end ? at + piece : end;
        kernels_.run(candidate.program.instructions(), at + kernels_.block_bytes > next ? next - kernels_.block_bytes : at, next);
        if (at == 0) candidate.loss.start(bytes == 4 ? *reinterpret_cast<float*>(candidate.f) : *reinterpret_cast<double*>(candidate.f));
        const uint64_t first = at / bytes, last = next / bytes < view_.n_rows ? next / bytes : view_.n_rows;
        if (first < last) {
            vector_operations_ += candidate.program.operations() * (last - first);
            node_evaluations_ += candidate.n_nodes * (last - first);
            if (!candidate.loss.chunk(kernels_, target_, settings_, candidate.f, first, last)) {
                candidate.alive = false;
                return;
            }
        }
        at = next;
        piece = at % CHUNK_BYTES ? CHUNK_BYTES - at % CHUNK_BYTES : CHUNK_BYTES;
    }
}

void EvaluatorOfTable::write_outputs(Result* results, unsigned char* outputs) noexcept {
    const uint64_t bytes = view_.padded_rows * view_.element_bytes;
    for (uint32_t k = 0; k < n_group_; k++) {
        const Candidate& candidate = group_[k];
        std::memcpy(outputs + candidate.index * bytes, candidate.f, bytes);
        vector_operations_ += candidate.program.operations() * view_.n_rows;
        node_evaluations_ += candidate.n_nodes * view_.n_rows;
        double smallest, largest;
        kernels_.range(candidate.f, 0, view_.n_rows, &smallest, &largest);
        if (!std::isfinite(smallest) || !std::isfinite(largest)) results[candidate.index].status = static_cast<uint32_t>(Status::non_finite);
    }
}

Node* EvaluatorOfTable::copy_of(const Node* nodes, uint32_t n) noexcept {
    if (n > moved_capacity_) {
        std::free(moved_);
        moved_ = static_cast<Node*>(std::malloc(uint64_t{n} * sizeof(Node)));
        moved_capacity_ = moved_ ? n : 0;
    }
    if (moved_) std::memcpy(static_cast<void*>(moved_), nodes, uint64_t{n} * sizeof(Node));
    return moved_;
}

// Evaluated, moved, evaluated again: what evaluate() says decides which of the two stays.
uint32_t EvaluatorOfTable::tune(const Batch& batch, const TuneSettings& settings, Result* results, double* constants, uint64_t* wanted,
                                uint32_t max_wanted, volatile uint32_t* cursor) noexcept {
    if (const uint32_t n = work_through(batch, results, nullptr, wanted, max_wanted, cursor)) return n;
    const FlushDenormals flush;
    for (uint32_t i = 0; i < batch.n; i++) {
        const Node* nodes = batch.nodes + batch.offsets[i];
        const uint32_t n = batch.offsets[i + 1] - batch.offsets[i];
        if (cursor) *cursor = i;
        Node* moved = results[i].status == static_cast<uint32_t>(Status::ok) ? copy_of(nodes, n) : nullptr;
        if (moved) {
            const Tuner::Outcome outcome = tuner_.tune(moved, n, settings_, settings, *this);
            vector_operations_ += outcome.operations, node_evaluations_ += outcome.operations;
            if (!outcome.moved || !improves(moved, n, &results[i])) moved = nullptr;
            results[i].detail = outcome.trials;
        }
        if (moved) nodes = moved;
        for (uint32_t at = 0; at < n; at++)
            if (nodes[at].op == static_cast<uint8_t>(Opcode::constant)) *constants++ = nodes[at].value;
    }
    return 0;
}

// Whether a genome whose constants were moved is better than *result says, which is then its own.
bool EvaluatorOfTable::improves(const Node* moved, uint32_t n, Result* result) noexcept {
    const uint32_t offsets[] = {0, n};
    Result after{INFINITY, 1, 0, 0, 0, static_cast<uint32_t>(Status::pending), 0};
    work_through({moved, offsets, 1}, &after, nullptr, nullptr, 0, nullptr);
    if (after.status != static_cast<uint32_t>(Status::ok) || !(after.loss < result->loss)) return false;
    *result = after;
    return true;
}

uint32_t EvaluatorOfTable::errors(const Batch& batch, Result* results, double* errors, uint64_t* wanted, uint32_t max_wanted,
                                  volatile uint32_t* cursor) noexcept {
    if (const uint32_t n = work_through(batch, results, nullptr, wanted, max_wanted, cursor)) return n;
    const FlushDenormals flush;
    for (uint32_t i = 0; i < batch.n; i++) {
        const uint32_t first = batch.offsets[i], n = batch.offsets[i + 1] - first, n_constants = count_constants(batch, i);
        for (uint32_t k = 0; k < n_constants + 2; k++) errors[k] = INFINITY;
        if (cursor) *cursor = i;
        if (results[i].status == static_cast<uint32_t>(Status::ok) && !tuner_.errors(batch.nodes + first, n, settings_, *this, errors))
            results[i] = {INFINITY, 1, 0, 0, 0, static_cast<uint32_t>(Status::no_memory), 0};
        errors += n_constants + 2;
    }
    return 0;
}

const unsigned char* EvaluatorOfTable::values_of(const Node* subtree, uint32_t n) noexcept {
    Program& program = group_[0].program;
    if (!compilers_[0]->compile(subtree, n, *this, &program)) return nullptr;
    program.set_output(scratch_);
    kernels_.run(program.instructions(), 0, stride_);
    vector_operations_ += program.operations() * view_.n_rows;
    group_stamp_++;
    return scratch_;
}

const unsigned char* EvaluatorOfTable::column_of(Organism* callee) noexcept {
    if (callee->column) {
        library_.use_column(callee, group_stamp_);
        return callee->column;
    }
    if (!library_.take_column(callee, group_stamp_)) return nullptr;
    level_++;
    Program& program = column_programs_[level_];
    const bool compiled = compilers_[level_]->compile(callee->nodes, callee->n, *this, &program);
    level_--;
    if (!compiled) return library_.drop_column(callee), nullptr;
    program.set_output(callee->column);
    kernels_.run(program.instructions(), 0, stride_);
    vector_operations_ += program.operations() * view_.n_rows;
    return callee->column;
}

}  // namespace

Evaluator* Evaluator::create(const DataView& view, const EvaluatorSettings& settings, const char** error) noexcept {
    const Kernels* kernels = find_kernels(settings.instruction_set, view.element_bytes);
    *error = kernels ? nullptr : "this machine does not have the instruction set asked for";
    if (!kernels) return nullptr;
    auto* evaluator = new (std::nothrow) EvaluatorOfTable(view, *kernels, settings);
    *error = evaluator ? evaluator->prepare() : "not enough memory for the evaluator";
    if (!*error) return evaluator;
    delete evaluator;
    return nullptr;
}

}  // namespace vgp
