// The ordered steps by which the worker gives up what it does not need. SECURITY.md lists them in the same order.
#pragma once
#include <cstdint>

namespace vgp {

struct LockdownSettings {
    uint64_t memory_bytes;  // RLIMIT_AS
    int parent;             // process that must still be our parent
    const char* skip_step;  // nullptr; a test build may leave out one step by name, or "all"
    const char* skip_call;  // nullptr; a test build may leave out the policy rows of one system call
};

struct LockdownReport {
    uint32_t level;         // LockdownLevel bits of wire.hpp
    uint32_t landlock_abi;  // 0: none
    const char* failed;     // nullptr, or one line that says which step failed
    int error_number;
};

// Called once, by a process with one thread, after the data and the area are mapped. False if a mandatory step failed:
// the caller reports it and ends. Closes every descriptor.
bool lock_down(const LockdownSettings& settings, LockdownReport* report) noexcept;

}  // namespace vgp
