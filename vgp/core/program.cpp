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

}  // namespace

Program::~Program() { std::free(instructions_); }

void Program::set_output(unsigned char* column) noexcept { instructions_[n_ - 1].a = {{column}, ~uint64_t{0}}; }

Compiler* Compiler::create(const Kernels& kernels, const Columns& columns, Library& library) noexcept {
    auto* compiler = new (std::nothrow) Compiler(kernels, columns, library);
    if (compiler && compiler->stack_ && compiler->temporaries_) return compiler;
    delete compiler;
    return nullptr;
}

Compiler::Compiler(const Kernels& kernels, const Columns& columns, Library& library) noexcept
    : kernels_(kernels), columns_(columns), library_(library) {
    stack_ = static_cast<Value*>(std::malloc(STACK_LIMIT * sizeof(Value)));
    temporaries_ = static_cast<unsigned char*>(std::aligned_alloc(4096, uint64_t{STACK_LIMIT} * 2 * kernels.block_bytes / 4096 * 4096 + 4096));
}

Compiler::~Compiler() {
    std::free(stack_);
    std::free(temporaries_);
}

bool Compiler::compile(const Node* nodes, uint32_t n, ColumnSource& source, Program* program) noexcept {
    source_ = &source;
    program_ = program;
    program->n_ = program->cost_ = program->operations_ = 0;
    top_ = used_ = 0;
    holder_ = NOBODY;
    free_of_charge_ = false;
    if (!body(nodes, n, nullptr, 0) || !reserve(2)) return false;
    const Value& value = stack_[0];
    program->is_constant_ = value.place == Place::scalar;
    if (value.place != Place::accumulator) emit(kernels_.load[static_cast<int>(value.place)], operand(value), {});
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
    for (uint32_t i = 0; i < n; i++) {
        const Node& node = nodes[i];
        if (node.op == index_of(Opcode::variable)) push(node.variable < n_arguments ? arguments[node.variable] : variable(node.variable));
        else if (node.op == index_of(Opcode::constant)) push(constant(node.value));
        else if (node.op != index_of(Opcode::reference)) function(node);
        else if (!call(node) || !reserve((n - i + 1) * PER_NODE)) return false;
    }
    return true;
}

// Without arguments: a column like a variable. With arguments: the body in place, the arguments kept where it can read them.
bool Compiler::call(const Node& node) noexcept {
    Organism* callee = library_.find(node.reference);
    if (node.arity == 0) {
        if (const unsigned char* column = source_->column_of(callee)) {
            Value value{Place::memory, false, false, 0, {}};
            value.at = column;
            return push(value), true;
        }
        const bool charged = !free_of_charge_;
        free_of_charge_ = true;  // the price is that of a column, whether or not there was room for it
        const bool done = body(callee->nodes, callee->n, nullptr, 0);
        if (charged) free_of_charge_ = false;
        return done;
    }
    Value arguments[MAX_ARGUMENTS];
    const uint32_t first = top_ - node.arity;
    uint32_t floor = used_;  // temporaries from here on are given back when the call is done
    for (uint32_t k = 0; k < node.arity; k++) {
        Value& argument = stack_[first + k];
        if (argument.place == Place::accumulator) argument = to_memory(argument), holder_ = NOBODY;
        if (argument.owned && argument.slot < floor) floor = argument.slot;
        arguments[k] = argument;
        arguments[k].owned = false;  // the body reads it as often as it likes
    }
    if (!body(callee->nodes, callee->n, arguments, node.arity)) return false;
    Value result = stack_[top_ - 1];
    result.owned = result.temporary && result.slot >= floor;
    used_ = result.owned ? result.slot + 1 : floor;
    if (result.place == Place::accumulator) holder_ = first;
    top_ = first;
    push(result);
    return true;
}

bool Compiler::fold(const Node& node) noexcept {
    double numbers[3] = {};
    for (uint32_t k = 0; k < node.arity; k++) {
        const Value& value = stack_[top_ - node.arity + k];
        if (value.place != Place::scalar) return false;
        numbers[k] = value.number;
    }
    top_ -= node.arity;
    push(constant(kernels_.fold(node.op, numbers[0], numbers[1], numbers[2])));
    return true;
}

void Compiler::function(const Node& node) noexcept {
    if (fold(node)) return;
    if (!free_of_charge_) program_->cost_ += COSTS.of[node.op];
    program_->operations_++;
    if (node.op == index_of(Opcode::select)) return conditional();
    const uint32_t first = top_ - node.arity;
    if (holder_ < first) free_accumulator();
    const Value &a = stack_[first], &b = stack_[top_ - 1];
    const auto place_b = node.arity == 2 ? static_cast<int>(b.place) : 0;
    emit(kernels_.function[node.op][static_cast<int>(a.place)][place_b], operand(a), operand(b));
    if (b.owned) used_ = b.slot;
    if (a.owned) used_ = a.slot;
    top_ = first;
    holder_ = first;
    push({Place::accumulator, false, false, 0, {}});
}

// if(c, a, b): a and b go to memory, c to the accumulator.
void Compiler::conditional() noexcept {
    const uint32_t first = top_ - 3;
    if (holder_ < first) free_accumulator();
    const uint32_t used_before = used_;
    Value condition = stack_[first], yes = stack_[first + 1], no = stack_[first + 2];
    if (condition.place == Place::accumulator && (yes.place == Place::scalar || no.place == Place::scalar)) condition = to_memory(condition);
    if (yes.place == Place::accumulator) yes = to_memory(yes);
    if (no.place == Place::accumulator) no = to_memory(no);
    if (yes.place == Place::scalar) yes = to_memory(yes);
    if (no.place == Place::scalar) no = to_memory(no);
    if (condition.place != Place::accumulator) emit(kernels_.load[static_cast<int>(condition.place)], operand(condition), {});
    emit(kernels_.select, operand(yes), operand(no));
    used_ = used_before;
    for (uint32_t k = 3; k-- > 0;)
        if (stack_[first + k].owned) used_ = stack_[first + k].slot;
    top_ = first;
    holder_ = first;
    push({Place::accumulator, false, false, 0, {}});
}

// The value in the accumulator belongs to an operand of a later function: to memory with it.
void Compiler::free_accumulator() noexcept {
    stack_[holder_] = to_memory(stack_[holder_]);
    holder_ = NOBODY;
}

Compiler::Value Compiler::to_memory(const Value& value) noexcept {
    if (value.place == Place::scalar) emit(kernels_.load[static_cast<int>(Place::scalar)], operand(value), {});
    const Value temporary = take_temporary();
    emit(kernels_.store, operand(temporary), {});
    return temporary;
}

Compiler::Value Compiler::take_temporary() noexcept {
    Value value{Place::memory, true, true, used_, {}};
    value.at = temporaries_ + uint64_t{used_++} * kernels_.block_bytes;
    return value;
}

Compiler::Value Compiler::variable(uint64_t index) const noexcept {
    Value value{Place::memory, false, false, 0, {}};
    value.at = columns_.variables + index * columns_.stride;
    return value;
}

Compiler::Value Compiler::constant(double number) const noexcept {
    Value value{Place::scalar, false, false, 0, {}};
    value.number = columns_.element_bytes == 4 ? static_cast<double>(static_cast<float>(number)) : number;
    return value;
}

Operand Compiler::operand(const Value& value) const noexcept {
    Operand operand{{nullptr}, 0};
    if (value.place == Place::memory) {
        operand.at = value.at;
        operand.mask = value.temporary ? 0 : ~uint64_t{0};
    } else if (value.place == Place::scalar && columns_.element_bytes == 4) {
        operand.f32 = static_cast<float>(value.number);
    } else if (value.place == Place::scalar) {
        operand.f64 = value.number;
    }
    return operand;
}

void Compiler::emit(KernelFunction kernel, const Operand& a, const Operand& b) noexcept {
    program_->instructions_[program_->n_++] = {kernel, a, b};
}

}  // namespace vgp
