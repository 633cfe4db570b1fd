// From a genome to a program of the accumulator machine: one pass over the postfix with a stack that says where each value is.
#pragma once
#include <cstdint>

#include "genome.hpp"
#include "kernels.hpp"
#include "library.hpp"

namespace vgp {

// The columns that a program may name, all with the same stride.
struct Columns {
    const unsigned char* variables;
    uint64_t stride;
    uint32_t element_bytes;
};

// Gives the output column of a called organism, computing it if need be; nullptr: there is no room, write its body out.
class ColumnSource {
public:
    virtual const unsigned char* column_of(Organism* callee) noexcept = 0;

protected:
    ~ColumnSource() = default;
};

class Program {
public:
    Program() noexcept = default;
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    const Instruction* instructions() const noexcept { return instructions_; }
    uint32_t size() const noexcept { return n_; }
    uint32_t cost() const noexcept { return cost_; }
    uint32_t operations() const noexcept { return operations_; }
    bool is_constant() const noexcept { return is_constant_; }
    void set_output(unsigned char* column) noexcept;  // where the values go

private:
    friend class Compiler;
    Instruction* instructions_ = nullptr;
    uint32_t n_ = 0, capacity_ = 0, cost_ = 0, operations_ = 0;
    bool is_constant_ = false;
};

// Compiles valid genomes whose callees are all held by the library. One at a time; a column source may compile with another one.
class Compiler {
public:
    static Compiler* create(const Kernels& kernels, const Columns& columns, Library& library) noexcept;
    ~Compiler();
    Compiler(const Compiler&) = delete;
    Compiler& operator=(const Compiler&) = delete;

    bool compile(const Node* nodes, uint32_t n, ColumnSource& source, Program* program) noexcept;  // false: no memory

private:
    // Where a value is. Temporaries are taken and given back in the order of the stack.
    struct Value {
        Place place;
        bool temporary;  // memory: one block, not a column
        bool owned;      // the temporary is given back when this value is used
        uint32_t slot;   // of a temporary
        union {
            double number;
            const unsigned char* at;
        };
    };

    Compiler(const Kernels& kernels, const Columns& columns, Library& library) noexcept;
    bool body(const Node* nodes, uint32_t n, const Value* arguments, uint32_t n_arguments) noexcept;
    bool call(const Node& node) noexcept;
    void function(const Node& node) noexcept;
    void conditional() noexcept;
    bool fold(const Node& node) noexcept;
    void free_accumulator() noexcept;
    Value to_memory(const Value& value) noexcept;
    Value take_temporary() noexcept;
    Value variable(uint64_t index) const noexcept;
    Value constant(double number) const noexcept;
    Operand operand(const Value& value) const noexcept;
    void emit(KernelFunction kernel, const Operand& a, const Operand& b) noexcept;
    void push(const Value& value) noexcept { stack_[top_++] = value; }
    bool reserve(uint32_t n) noexcept;

    static constexpr uint32_t NOBODY = ~0u;
    const Kernels& kernels_;
    const Columns columns_;
    Library& library_;
    ColumnSource* source_ = nullptr;
    Program* program_ = nullptr;
    Value* stack_ = nullptr;
    unsigned char* temporaries_ = nullptr;
    uint32_t top_ = 0, used_ = 0;
    uint32_t holder_ = NOBODY;  // stack index of the value that is in the accumulator
    bool free_of_charge_ = false;
};

}  // namespace vgp
