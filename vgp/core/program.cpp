#include "program.hpp"

#include <cstdlib>
#include <initializer_list>
#include <new>

namespace vgp {
namespace {

// Values open at once: two per level of an expression of arity three, in each of the bodies written out within one another.
inline constexpr uint32_t STACK_LIMIT = (2 * MAX_DEPTH + 4) * (MAX_REFERENCE_DEPTH + 1);
inline constexpr uint32_t PER_NODE = 8;  // instructions, at most: a conditional moves three operands

// Run time per row in 1/16 of a vector addition, measured once on AVX-512, float32; the same on every machine by decree.
struct Costs {
    uint16_t of[64] = {};
    constexpr Costs() {
        auto set = [this](Opcode op, uint16_t cost) { of[static_cast<int>(op)] = cost; };
        for (const Opcode op : {Opcode::add, Opcode::sub, Opcode::mul, Opcode::neg, Opcode::square, Opcode::abs}) set(op, 16);
        for (const Opcode op : {Opcode::min, Opcode::max, Opcode::less, Opcode::less_equal, Opcode::greater, Opcode::greater_equal,
                                Opcode::select})
            set(op, 32);
        set(Opcode::div, 160), set(Opcode::sqrt, 192), set(Opcode::aq, 400), set(Opcode::pow, 1600);
        set(Opcode::exp, 128), set(Opcode::log, 176), set(Opcode::sin, 160), set(Opcode::cos, 176), set(Opcode::tan, 384), set(Opcode::tanh, 400);
    }
};
constexpr Costs COSTS;

constexpr uint8_t index_of(Opcode op) { return static_cast<uint8_t>(op); }

// Tags of what a node pushes: a constant, a column, the accumulator; no temporary is to be given back for them.
constexpr uint32_t LEAF_TAGS[3] = {~3u | 2, ~3u | 3, ~3u | 0};

}  // namespace

Program::~Program() { std::free(instructions_); }

void Program::set_output(unsigned char* column) noexcept {
    instructions_[n_ - 1].a = {reinterpret_cast<uint64_t>(column), ~uint64_t{0}};
}

Compiler* Compiler::create(const Kernels& kernels, const Columns& columns, Library& library) noexcept {
    auto* compiler = new (std::nothrow) Compiler(kernels, columns, library);
    if (compiler && compiler->words_ && compiler->tags_ && compiler->temporaries_) return compiler;
    delete compiler;
    return nullptr;
}

Compiler::Compiler(const Kernels& kernels, const Columns& columns, Library& library) noexcept
    : kernels_(kernels), columns_(columns), library_(library) {
    words_ = static_cast<uint64_t*>(std::calloc(STACK_LIMIT + BOTTOM, sizeof(uint64_t)));
    tags_ = static_cast<uint32_t*>(std::calloc(STACK_LIMIT + BOTTOM, sizeof(uint32_t)));
    temporaries_ = static_cast<unsigned char*>(std::aligned_alloc(4096, uint64_t{STACK_LIMIT} * 2 * kernels.block_bytes / 4096 * 4096 + 4096));
}

Compiler::~Compiler() {
    std::free(words_);
    std::free(tags_);
    std::free(temporaries_);
}

bool Compiler::compile(const Node* nodes, uint32_t n, ColumnSource& source, Program* program) noexcept {
    source_ = &source;
    program_ = program;
    program->n_ = program->cost_ = program->operations_ = 0;
    top_ = BOTTOM, used_ = 0;
    holder_ = NOBODY;
    free_of_charge_ = false;
    if (!body(nodes, n, nullptr, 0) || !reserve(2)) return false;
    const Value value = get(BOTTOM);
    if (value.place() != Place::accumulator) emit(kernels_.load[value.tag & 3], value, {});
    emit(kernels_.finish, {}, {});
    return true;
}

bool Compiler::reserve(uint32_t n) noexcept {
    if (program_->n_ + n <= program_->capacity_) return true;
    uint32_t capacity = program_->capacity_ ? program_->capacity_ : 1024;
    while (capacity < program_->n_ + n) capacity *= 2;
    auto* grown = static_cast<Instruction*>(std::realloc(program_->instructions_, capacity * sizeof(Instruction)));
    if (!grown) return false;
    program_->instructions_ = grown, program_->capacity_ = capacity;
    return true;
}

// Leaves the value of the body on the stack. The first n_arguments variables are the arguments.
bool Compiler::body(const Node* nodes, uint32_t n, const Value* arguments, uint32_t n_arguments) noexcept {
    if (!reserve((n + 1) * PER_NODE)) return false;
    for (uint32_t i = 0; (i = steps(nodes, i, n, n_arguments)) < n; i++) {
        const Node& node = nodes[i];
        if (node.op == index_of(Opcode::variable)) push(arguments[node.variable]);
        else if (node.op == index_of(Opcode::select)) conditional();
        else if (node.op != index_of(Opcode::reference)) fold(node.op, node.arity);
        else if (!call(node) || !reserve((n - i + 1) * PER_NODE)) return false;
    }
    return true;
}

// Columns, constants and functions of one or two operands, up to the first node that is something else or can be folded; its index.
// Leaves do as functions do, but what they write is written over: a branch between the two would be guessed wrong every other time.
uint32_t Compiler::steps(const Node* nodes, uint32_t i, uint32_t n, uint32_t n_arguments) noexcept {
    uint64_t* const words = words_;
    uint32_t* const tags = tags_;
    Instruction* out = program_->instructions_ + program_->n_;
    uint32_t top = top_, used = used_, holder = holder_, operations = 0, cost = 0;
    const bool single = columns_.element_bytes == 4;
    const uint64_t variables = reinterpret_cast<uint64_t>(columns_.variables), stride = columns_.stride;
    const KernelFunction store = kernels_.store;
    const KernelFunction* const table = &kernels_.function[0][0][0];
    for (; i < n; i++) {
        const Node& node = nodes[i];
        const uint32_t op = node.op, arity = node.arity;
        const uint32_t is_function = arity > 0, function_mask = 0u - is_function;
        if ((op == index_of(Opcode::reference)) | (op == index_of(Opcode::select))) break;
        if ((op == index_of(Opcode::variable)) & (node.variable < n_arguments)) break;
        const uint32_t first = top - arity, tag_a = tags[first], tag_b = tags[top - 1], place_a = tag_a & 3, place_b = tag_b & 3;
        if (is_function & (place_a == 2) & (place_b == 2)) break;
        const uint64_t word_a = words[first], word_b = words[top - 1];

        // The accumulator may hold a value for a later function: to memory with it.
        const uint32_t spilled = is_function & (holder < first), at = holder & (0u - spilled);
        const uint64_t spill = temporary(used);
        words[at] = spill, tags[at] = tag_of(Place::temporary, used);
        out->kernel = store, out->a = {spill, 0};
        out += spilled;
        out->kernel = table[op * 16 + place_a * 4 + place_b];
        out->a = {word_a, 0 - uint64_t{place_a == 3}};
        out->b = {word_b, 0 - uint64_t{place_b == 3}};
        out += is_function;

        used += spilled;
        const uint32_t slot_a = tag_a >> 2 | ~function_mask, slot_b = tag_b >> 2 | ~function_mask;
        used = slot_b < used ? slot_b : used;
        used = slot_a < used ? slot_a : used;
        holder = (first & function_mask) | (holder & ~function_mask);
        operations += is_function;
        cost += COSTS.of[op];

        const auto rounded = __builtin_bit_cast(uint32_t, static_cast<float>(node.value));
        const uint64_t scalar = single ? rounded : node.payload, constant_mask = 0 - uint64_t{op == index_of(Opcode::constant)};
        words[first] = (scalar & constant_mask) | ((variables + node.variable * stride) & ~constant_mask);
        tags[first] = LEAF_TAGS[op < 2 ? op : 2];
        top = first + 1;
    }
    program_->n_ = static_cast<uint32_t>(out - program_->instructions_);
    program_->operations_ += operations;
    program_->cost_ += free_of_charge_ ? 0 : cost;
    top_ = top, used_ = used, holder_ = holder;
    return i;
}

void Compiler::fold(uint8_t op, uint32_t arity) noexcept {
    const bool single = columns_.element_bytes == 4;
    const uint32_t first = top_ - arity;
    double numbers[3] = {};
    for (uint32_t k = 0; k < arity; k++) {
        const uint64_t word = words_[first + k];
        numbers[k] = single ? double{__builtin_bit_cast(float, static_cast<uint32_t>(word))} : __builtin_bit_cast(double, word);
    }
    const double number = kernels_.fold(op, numbers[0], numbers[1], numbers[2]);
    top_ = first;
    const uint64_t bits = single ? __builtin_bit_cast(uint32_t, static_cast<float>(number)) : __builtin_bit_cast(uint64_t, number);
    push({bits, tag_of(Place::scalar, UNOWNED)});
}

// Without arguments: a column like a variable. With arguments: the body in place, the arguments kept where it can read them.
bool Compiler::call(const Node& node) noexcept {
    Organism* callee = library_.find(node.reference);
    if (node.arity == 0) {
        if (const unsigned char* column = source_->column_of(callee))
            return push({reinterpret_cast<uint64_t>(column), tag_of(Place::column, UNOWNED)}), true;
        const bool charged = !free_of_charge_;
        free_of_charge_ = true;  // the price is that of a column, whether or not there was room for it
        const bool done = body(callee->nodes, callee->n, nullptr, 0);
        if (charged) free_of_charge_ = false;
        return done;
    }
    Value arguments[MAX_ARGUMENTS];
    const uint32_t first = top_ - node.arity;
    if (holder_ < first) set(holder_, to_memory(get(holder_))), holder_ = NOBODY;  // it outlives the call
    uint32_t floor = used_;  // temporaries from here on are given back when the call is done
    for (uint32_t k = 0; k < node.arity; k++) {
        Value argument = get(first + k);
        if (argument.place() == Place::accumulator) set(first + k, argument = to_memory(argument)), holder_ = NOBODY;
        if (argument.slot() < floor) floor = argument.slot();
        arguments[k] = {argument.word, tag_of(argument.place(), UNOWNED)};  // the body reads it as often as it likes
    }
    if (!body(callee->nodes, callee->n, arguments, node.arity)) return false;
    Value result = get(top_ - 1);
    uint32_t slot = UNOWNED;
    if (result.place() == Place::temporary) slot = static_cast<uint32_t>((result.word - temporary(0)) / kernels_.block_bytes);
    if (slot < floor) slot = UNOWNED;  // an argument of an enclosing call
    used_ = slot != UNOWNED ? slot + 1 : floor;
    if (result.place() == Place::accumulator) holder_ = first;
    top_ = first;
    push({result.word, tag_of(result.place(), slot)});
    return true;
}

// if(c, a, b): a and b go to memory, c to the accumulator.
void Compiler::conditional() noexcept {
    const uint32_t first = top_ - 3;
    Value condition = get(first), branches[2] = {get(first + 1), get(first + 2)};
    const bool scalars = branches[0].place() == Place::scalar || branches[1].place() == Place::scalar;
    if (condition.place() == Place::scalar && branches[0].place() == Place::scalar && branches[1].place() == Place::scalar)
        return fold(index_of(Opcode::select), 3);
    program_->cost_ += free_of_charge_ ? 0 : COSTS.of[index_of(Opcode::select)];
    program_->operations_++;
    if (holder_ < first) set(holder_, to_memory(get(holder_)));
    if (condition.place() == Place::accumulator && scalars) condition = to_memory(condition);
    for (Value& branch : branches)
        if (branch.place() == Place::accumulator) branch = to_memory(branch);
    for (Value& branch : branches)
        if (branch.place() == Place::scalar) branch = to_memory(branch);
    if (condition.place() != Place::accumulator) emit(kernels_.load[condition.tag & 3], condition, {});
    emit(kernels_.select, branches[0], branches[1]);
    for (const Value& value : {condition, branches[0], branches[1]})
        if (value.slot() < used_) used_ = value.slot();
    top_ = first;
    holder_ = first;
    push({0, tag_of(Place::accumulator, UNOWNED)});
}

// From the accumulator or a scalar to a temporary of its own.
Compiler::Value Compiler::to_memory(const Value& value) noexcept {
    if (value.place() == Place::scalar) emit(kernels_.load[static_cast<uint32_t>(Place::scalar)], value, {});
    const Value held{temporary(used_), tag_of(Place::temporary, used_)};
    emit(kernels_.store, held, {});
    used_++;
    return held;
}

uint64_t Compiler::temporary(uint32_t slot) const noexcept {
    return reinterpret_cast<uint64_t>(temporaries_) + uint64_t{slot} * kernels_.block_bytes;
}

void Compiler::emit(KernelFunction kernel, const Value& a, const Value& b) noexcept {
    const auto operand = [](const Value& value) { return Operand{value.word, 0 - uint64_t{value.place() == Place::column}}; };
    program_->instructions_[program_->n_++] = {kernel, operand(a), operand(b)};
}

}  // namespace vgp
