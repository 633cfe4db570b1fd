// An organism's genome: a flat postfix array of nodes. No Python header, no allocation.
#pragma once
#include <cstddef>
#include <cstdint>

namespace vgp {

enum class Opcode : uint8_t {
#define VGP_OPCODE(number, identifier, name, arity) identifier = number,
#include "opcodes.def"
#undef VGP_OPCODE
};

// One node. A subtree that ends at index i occupies [i - length + 1, i]; its operands stand before it in natural order
// (a b sub is a - b). 12 bytes, 4-byte aligned: a million organisms of 30 nodes are 360 MB.
#pragma pack(push, 4)
struct Node {
    uint8_t op;         // an Opcode
    uint8_t arity;      // operands it takes from the stack; equals the opcode's arity, or 0..3 for a reference
    uint16_t length;    // nodes of the subtree that ends here, itself included
    union {
        double value;        // constant: finite
        uint64_t variable;   // variable: column index
        uint64_t reference;  // reference: the id of the organism called
        uint64_t payload;    // functions: 0
    };
};
#pragma pack(pop)
static_assert(sizeof(Node) == 12, "the node layout is part of the portable form");

inline constexpr uint32_t MAX_NODES = 4096;            // longest genome that any part accepts
inline constexpr uint32_t MAX_DEPTH = 256;             // deepest expression (a terminal has depth 1)
inline constexpr uint32_t MAX_VARIABLES = 65536;
inline constexpr uint32_t MAX_ARGUMENTS = 3;           // of a reference
inline constexpr uint32_t MAX_REFERENCE_DEPTH = 8;     // organism -> callee -> callee ...: at most 8 calls deep
inline constexpr uint32_t MAX_EXPANDED = 65536;        // nodes of an organism with all that it calls written out
inline constexpr uint8_t VARIADIC = 255;
inline constexpr uint8_t NO_OPCODE = 254;

// Arity by opcode number; NO_OPCODE where the number is not assigned.
uint8_t opcode_arity(uint8_t op) noexcept;
// Name by opcode number ("add"); nullptr where the number is not assigned.
const char* opcode_name(uint8_t op) noexcept;

enum class GenomeError : uint32_t {
    none = 0,
    empty,               // no nodes
    too_long,            // more nodes than the limit
    too_deep,            // expression deeper than the limit
    unknown_opcode,
    bad_arity,           // arity differs from the opcode's, or a reference with more than MAX_ARGUMENTS
    bad_length,          // the stored subtree length is not the real one
    stack_underflow,     // a function without enough operands
    not_one_result,      // the program leaves more than one value
    unknown_variable,    // variable index beyond the table
    non_finite_constant,
    bad_payload,         // a function node with a payload
};
const char* genome_error_name(GenomeError error) noexcept;

struct GenomeLimits {
    uint32_t max_nodes = MAX_NODES;
    uint32_t max_depth = MAX_DEPTH;
    uint32_t n_variables = MAX_VARIABLES;
};

// Total: any bytes give a verdict. Never reads beyond nodes[n - 1].
GenomeError validate(const Node* nodes, uint32_t n, const GenomeLimits& limits) noexcept;

// Sets arity (except of references) and length of every node from the opcodes. Returns the depth of the expression; 0 if the
// postfix is not one expression.
uint32_t index_genome(Node* nodes, uint32_t n) noexcept;

// Depth of the expression (a terminal has depth 1). The genome must be valid.
uint32_t genome_depth(const Node* nodes, uint32_t n) noexcept;

// The organism's id: a 64-bit hash of its little-endian node bytes. The same genome has the same id on every machine;
// 0 is never an id. Not cryptographic: ids name organisms, they prove nothing about them.
uint64_t genome_id(const Node* nodes, uint32_t n) noexcept;

}  // namespace vgp
