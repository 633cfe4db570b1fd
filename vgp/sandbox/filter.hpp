// Compiles a policy table into a classic BPF program for seccomp. Knows no system call by name.
#pragma once
#include <linux/filter.h>

#include "policy.hpp"

namespace vgp {

inline constexpr size_t MAX_FILTER = 512;  // instructions; the kernel's own limit is 4096

struct Filter {
    sock_filter code[MAX_FILTER];
    size_t length;
};

// Kills on: another architecture (int 0x80 included), x32 numbers, any call without a row, any row whose conditions fail.
// `skip` names a system call whose rows are left out (tests look for rows that nobody needs); nullptr: none.
// False if the program is too long.
bool compile_filter(Architecture architecture, const char* skip, Filter* filter) noexcept;

}  // namespace vgp
