// The policy table of policy.def as data.
#pragma once
#include <cstddef>
#include <cstdint>

namespace vgp {

enum Architecture : uint32_t { X86_64 = 0, AARCH64 = 1, N_ARCHITECTURES = 2 };

struct Condition {
    uint32_t argument;  // 0..5
    uint64_t mask, value;
};

inline constexpr uint32_t MAX_CONDITIONS = 3;

struct Rule {
    const char* name;
    const char* reason;
    uint32_t number[N_ARCHITECTURES];
    uint32_t n_conditions;
    Condition conditions[MAX_CONDITIONS];
};

extern const Rule POLICY[];
extern const size_t POLICY_ROWS;

}  // namespace vgp
