// Two words in shared memory and who sleeps on them. Whoever raises a word publishes all that it wrote before.
#pragma once
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace vgp {

inline uint32_t load_word(uint32_t& word) noexcept { return std::atomic_ref(word).load(std::memory_order_acquire); }

inline void relax() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield" ::: "memory");
#endif
}

// Arguments are widened to long: the filter looks at all 64 bits of each, and a variadic int leaves the upper half undefined.
inline long futex(uint32_t& word, long operation, uint32_t value, const timespec* limit) noexcept {
    return syscall(SYS_futex, &word, operation, static_cast<long>(value), limit, nullptr, 0l);
}

inline void raise_word(uint32_t& word, uint32_t value) noexcept {
    std::atomic_ref(word).store(value, std::memory_order_release);
    futex(word, FUTEX_WAKE, 1, nullptr);
}

// Spins for a while; true as soon as the word differs from `old`.
inline bool spin_while(uint32_t& word, uint32_t old, uint32_t spins) noexcept {
    for (uint32_t i = 0; i < spins; i++) {
        if (load_word(word) != old) return true;
        relax();
    }
    return load_word(word) != old;
}

// How many relax() make `nanoseconds` here; 0 where spinning would keep the other side from running (one processor).
inline uint32_t spins_for(uint64_t nanoseconds) noexcept {
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) == 0 && CPU_COUNT(&usable) < 2) return 0;
    constexpr uint32_t SAMPLE = 128;
    timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint32_t i = 0; i < SAMPLE; i++) relax();
    clock_gettime(CLOCK_MONOTONIC, &end);
    const int64_t took = (end.tv_sec - begin.tv_sec) * 1000000000ll + (end.tv_nsec - begin.tv_nsec);
    return static_cast<uint32_t>(nanoseconds * SAMPLE / static_cast<uint64_t>(took < 128 ? 128 : took));
}

}  // namespace vgp
