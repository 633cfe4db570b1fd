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
    void set_output(unsigned char* column) noexcept;  // where the values go

private:
    friend class Compiler;
    Instruction* instructions_ = nullptr;
    uint32_t n_ = 0, capacity_ = 0, cost_ = 0, operations_ = 0;
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
    static constexpr uint32_t BOTTOM = 3;           // the stack begins with values that a leaf may read in vain
    static constexpr uint32_t NOBODY = ~0u;
    static constexpr uint32_t UNOWNED = ~0u >> 2;

    // A value: its address or its scalar bits, its place, and the temporary that is given back when it is used, if any.
    // Temporaries are taken and given back in the order of the stack. The stack holds the two words in arrays of their own:
    // what is written as one word is read as one word.
    struct Value {
        uint64_t word;
        uint32_t tag;  // slot << 2 | Place
        Place place() const noexcept { return static_cast<Place>(tag & 3); }
        uint32_t slot() const noexcept { return tag >> 2; }
    };
    static constexpr uint32_t tag_of(Place place, uint32_t slot) noexcept { return slot << 2 | static_cast<uint32_t>(place); }

    Compiler(const Kernels& kernels, const Columns& columns, Library& library) noexcept;
    bool body(const Node* nodes, uint32_t n, const Value* arguments, uint32_t n_arguments) noexcept;
    uint32_t steps(const Node* nodes, uint32_t i, uint32_t n, uint32_t n_arguments) noexcept;
    bool call(const Node& node) noexcept;
    void conditional() noexcept;
    void fold(uint8_t op, uint32_t arity) noexcept;
    Value to_memory(const Value& value) noexcept;
    Value get(uint32_t i) const noexcept { return {words_[i], tags_[i]}; }
    void set(uint32_t i, const Value& value) noexcept { words_[i] = value.word, tags_[i] = value.tag; }
    void push(const Value& value) noexcept { set(top_++, value); }
    void emit(KernelFunction kernel, const Value& a, const Value& b) noexcept;
    uint64_t temporary(uint32_t slot) const noexcept;
    bool reserve(uint32_t n) noexcept;

    const Kernels& kernels_;
    const Columns columns_;
    Library& library_;
    ColumnSource* source_ = nullptr;
    Program* program_ = nullptr;
    uint64_t* words_ = nullptr;
    uint32_t* tags_ = nullptr;
    unsigned char* temporaries_ = nullptr;
    uint32_t top_ = BOTTOM, used_ = 0;
    uint32_t holder_ = NOBODY;  // stack index of the value that is in the accumulator
    bool free_of_charge_ = false;
};

}  // namespace vgp
