// Which kernels this machine can run: asked of the processor, best first.
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kernels.hpp"

namespace vgp {

#define VGP_DECLARE(isa) namespace isa { const Kernels* kernels(const char* name, uint32_t element_bytes) noexcept; }
#if defined(__x86_64__)
VGP_DECLARE(x86_64_v4)
VGP_DECLARE(x86_64_v3)
VGP_DECLARE(x86_64_v2)
#else
VGP_DECLARE(aarch64)
#endif
#undef VGP_DECLARE

namespace {

struct InstructionSet {
    const char* name;
    bool (*supported)();
    const Kernels* (*kernels)(const char* name, uint32_t element_bytes) noexcept;
};

#if defined(__x86_64__)
const InstructionSet INSTRUCTION_SETS[] = {
    {"x86-64-v4", [] { return __builtin_cpu_supports("x86-64-v4") != 0; }, x86_64_v4::kernels},
    {"x86-64-v3", [] { return __builtin_cpu_supports("x86-64-v3") != 0; }, x86_64_v3::kernels},
    {"x86-64-v2", [] { return __builtin_cpu_supports("x86-64-v2") != 0; }, x86_64_v2::kernels},
};
#else
const InstructionSet INSTRUCTION_SETS[] = {{"aarch64", [] { return true; }, aarch64::kernels}};
#endif

}  // namespace

const Kernels* find_kernels(const char* instruction_set, uint32_t element_bytes) noexcept {
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    for (const InstructionSet& set : INSTRUCTION_SETS)
        if ((!instruction_set || std::strcmp(set.name, instruction_set) == 0) && set.supported())
            return set.kernels(set.name, element_bytes);
    return nullptr;
}

#if defined(__x86_64__)
FlushDenormals::FlushDenormals() noexcept : saved_(_mm_getcsr()) { _mm_setcsr(static_cast<uint32_t>(saved_) | 0x8040u); }
FlushDenormals::~FlushDenormals() { _mm_setcsr(static_cast<uint32_t>(saved_)); }
#else
FlushDenormals::FlushDenormals() noexcept {
    __asm__ volatile("mrs %0, fpcr" : "=r"(saved_));
    __asm__ volatile("msr fpcr, %0" : : "r"(saved_ | (uint64_t{1} << 24)));
}
FlushDenormals::~FlushDenormals() { __asm__ volatile("msr fpcr, %0" : : "r"(saved_)); }
#endif

}  // namespace vgp
