#include "filter.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstring>

namespace vgp {
namespace {

constexpr uint32_t AUDIT_NUMBER[N_ARCHITECTURES] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64};
constexpr uint32_t X32_BIT = 0x40000000;  // x86-64 only: the same table entered with 32-bit pointers

constexpr uint32_t LOAD = BPF_LD | BPF_W | BPF_ABS, AND = BPF_ALU | BPF_AND | BPF_K, RETURN = BPF_RET | BPF_K;
constexpr uint32_t IF_EQUAL = BPF_JMP | BPF_JEQ | BPF_K, IF_AT_LEAST = BPF_JMP | BPF_JGE | BPF_K;

constexpr uint32_t argument_word(uint32_t argument, bool high) noexcept {
    return offsetof(seccomp_data, args) + 8 * argument + (high ? 4 : 0);  // both machines are little-endian
}

// Instructions one behind the other; `full` instead of an overflow.
struct Writer {
    Filter& filter;
    bool full = false;
    void emit(uint32_t code, uint32_t k, size_t if_true = 0, size_t if_false = 0) noexcept {
        if (filter.length == MAX_FILTER || if_true > 255 || if_false > 255) {
            full = true;
            return;
        }
        filter.code[filter.length++] = {static_cast<uint16_t>(code), static_cast<uint8_t>(if_true), static_cast<uint8_t>(if_false), k};
    }
};

constexpr size_t WORD_TEST = 3, CONDITION = 2 * WORD_TEST;

// One half of an argument: go on if it matches, otherwise jump over `rest` instructions.
void test_word(Writer& out, uint32_t offset, uint32_t mask, uint32_t value, size_t rest) noexcept {
    out.emit(LOAD, offset);
    out.emit(AND, mask);
    out.emit(IF_EQUAL, value, 0, rest);
}

// number matches -> every condition, both words -> allow; at the first mismatch jump behind the row.
void write_row(Writer& out, const Rule& rule, uint32_t number) noexcept {
    size_t rest = rule.n_conditions * CONDITION + 1;
    out.emit(LOAD, offsetof(seccomp_data, nr));
    out.emit(IF_EQUAL, number, 0, rest);
    for (uint32_t i = 0; i < rule.n_conditions; i++) {
        const Condition& c = rule.conditions[i];
        test_word(out, argument_word(c.argument, true), static_cast<uint32_t>(c.mask >> 32), static_cast<uint32_t>(c.value >> 32),
                  rest -= WORD_TEST);
        test_word(out, argument_word(c.argument, false), static_cast<uint32_t>(c.mask), static_cast<uint32_t>(c.value),
                  rest -= WORD_TEST);
    }
    out.emit(RETURN, SECCOMP_RET_ALLOW);
}

}  // namespace

bool compile_filter(Architecture architecture, const char* skip, Filter* filter) noexcept {
    filter->length = 0;
    Writer out{*filter};
    out.emit(LOAD, offsetof(seccomp_data, arch));
    out.emit(IF_EQUAL, AUDIT_NUMBER[architecture], 1, 0);
    out.emit(RETURN, SECCOMP_RET_KILL_PROCESS);
    out.emit(LOAD, offsetof(seccomp_data, nr));
    out.emit(IF_AT_LEAST, X32_BIT, 0, 1);
    out.emit(RETURN, SECCOMP_RET_KILL_PROCESS);
    for (size_t row = 0; row < POLICY_ROWS; row++)
        if (skip == nullptr || std::strcmp(POLICY[row].name, skip) != 0) write_row(out, POLICY[row], POLICY[row].number[architecture]);
    out.emit(RETURN, SECCOMP_RET_KILL_PROCESS);
    return !out.full;
}

}  // namespace vgp
