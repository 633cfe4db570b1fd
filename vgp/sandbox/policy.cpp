#include "policy.hpp"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

namespace vgp {
namespace {

template <class... C>
constexpr Rule rule(const char* name, const char* reason, uint32_t x86_64, uint32_t aarch64, C... conditions) {
    static_assert(sizeof...(C) <= MAX_CONDITIONS);
    return {name, reason, {x86_64, aarch64}, sizeof...(C), {conditions...}};
}

}  // namespace

// The reader's table must agree with the machine's own headers.
#if defined(__x86_64__)
#define VGP_ALLOW(name, x86_64, aarch64, conditions, reason) static_assert(SYS_##name == x86_64);
#elif defined(__aarch64__)
#define VGP_ALLOW(name, x86_64, aarch64, conditions, reason) static_assert(SYS_##name == aarch64);
#else
#error "the sandbox knows x86-64 and aarch64"
#endif
#include "policy.def"
#undef VGP_ALLOW

#define VGP_UNWRAP(...) __VA_OPT__(, ) __VA_ARGS__
#define VGP_ANY
#define VGP_IS(argument, value) Condition{argument, ~uint64_t{0}, value}
#define VGP_BITS(argument, mask, value) Condition{argument, mask, value}
#define VGP_ALLOW(name, x86_64, aarch64, conditions, reason) rule(#name, reason, x86_64, aarch64 VGP_UNWRAP conditions),
const Rule POLICY[] = {
#include "policy.def"
};
const size_t POLICY_ROWS = sizeof POLICY / sizeof POLICY[0];

}  // namespace vgp
