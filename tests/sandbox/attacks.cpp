// What a program that had taken over the worker might try. Each attack returns what the kernel returned, which travels
// home as the organism's signature: without the lockdown it shows that the attack would have worked.
#include "attacks.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "handover.hpp"

namespace vgp {
namespace {

const Area* AREA;
Result* RESULT;  // of the organism whose turn it is

long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) noexcept {
    const long value = syscall(number, a, b, c, d, e, f);
    return value < 0 ? -errno : value;
}
long address(const void* p) noexcept { return reinterpret_cast<long>(p); }

// --- files, network, processes ---
long open_file() { return call(SYS_openat, AT_FDCWD, address("/etc/passwd"), O_RDONLY); }
long create_file() { return call(SYS_openat, AT_FDCWD, address("attack-created"), O_CREAT | O_WRONLY, 0600); }
long remove_file() { return call(SYS_unlinkat, AT_FDCWD, address("attack-victim")); }
long open_socket() { return call(SYS_socket, AF_INET, SOCK_STREAM); }
long start_process() {
    const long child = call(SYS_clone, SIGCHLD);
    if (child == 0) _exit(0);
    return child;
}
long start_process_anew() {
    uint64_t arguments[8] = {0, 0, 0, 0, SIGCHLD, 0, 0, 0};
    const long child = call(SYS_clone3, address(arguments), sizeof arguments);
    if (child == 0) _exit(0);
    return child;
}
long execute() {
    const char* arguments[] = {"/bin/sh", "-c", "echo > attack-executed", nullptr};
    return call(SYS_execve, address("/bin/sh"), address(arguments));
}
long kill_parent() { return call(SYS_kill, getppid(), 0); }
long trace_parent() { return call(SYS_ptrace, 0x4206 /* PTRACE_SEIZE */, getppid()); }
long read_parent() {
    char here[8];
    const struct {
        void* base;
        size_t bytes;
    } local{here, 8}, remote{reinterpret_cast<void*>(8), 8};
    const long value = call(SYS_process_vm_readv, getppid(), address(&local), 1, address(&remote), 1);
    return value == -EFAULT ? 0 : value;  // allowed to, had the address been right
}
long hold_parent() { return call(434 /* pidfd_open */, getppid()); }

// --- descriptors ---
long write_error_output() { return call(SYS_write, 2, address(""), 0); }
long read_area_descriptor() { return call(SYS_pread64, 3, address(""), 0); }
long grow_area() { return call(SYS_ftruncate, 3, 1l << 40); }
long shrink_area() { return call(SYS_ftruncate, 3, 0); }
long make_memory_file() { return call(SYS_memfd_create, address("attack"), 0); }

// --- memory that can be executed ---
long map_executable() {
    return call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1) < 0 ? -errno : 0;
}
long map_shared() { return call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1) < 0 ? -errno : 0; }
long make_executable() {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return call(SYS_mprotect, address(page), 4096, PROT_READ | PROT_EXEC);
}
long make_area_executable() { return call(SYS_mprotect, address(AREA->control), 4096, PROT_READ | PROT_EXEC); }
long change_protection() { return call(SYS_mprotect, address(AREA->control), 4096, PROT_READ | PROT_WRITE); }

// --- ways around the filter ---
long futex_high_word() { return call(SYS_futex, address(&AREA->control->cursor), (1l << 32) | FUTEX_WAKE, 1); }
long map_high_word() {
    const long value = call(SYS_mmap, 0, 4096, (1l << 32) | PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    return value < 0 && value > -4096 ? value : 0;
}
long futex_other_operation() { return call(SYS_futex, address(&AREA->control->cursor), FUTEX_REQUEUE, 0, 0, address(&AREA->control->ready)); }
long futex_with_time_limit() {
    const timespec limit{0, 1};
    return call(SYS_futex, address(&AREA->control->cursor), FUTEX_WAIT, AREA->control->cursor, address(&limit)) == -ETIMEDOUT ? 0 : -1;
}
long move_mapping() {
    void* page = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return call(SYS_mremap, address(page), 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, address(page) + 4096) < 0 ? -errno : 0;
}
#if defined(__x86_64__)
long x32_call() { return call(0x40000000 | SYS_getpid); }
long int80_call() {
    long value = 20;  // getpid of the 32-bit table
    __asm__ volatile("int $0x80" : "+a"(value)::"memory", "r8", "r9", "r10", "r11");
    return value;
}
#endif

// --- privileges, limits, kernel interfaces ---
long allow_tracing() { return call(SYS_prctl, PR_SET_DUMPABLE, 1); }
long outlive_parent() { return call(SYS_prctl, PR_SET_PDEATHSIG, 0); }
long load_bpf() { return call(SYS_bpf); }
long new_user_namespace() { return call(SYS_unshare, 0x10000000); }
long set_up_uring() {
    char parameters[256] = {};
    return call(425, 4, address(parameters));
}
long ignore_signals() { return signal(SIGXCPU, SIG_IGN) == SIG_ERR ? -errno : 0; }
long raise_limits() {
    const rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
    return call(SYS_prlimit64, 0, RLIMIT_AS, address(&limit));
}
long raise_priority() { return call(SYS_setpriority, PRIO_PROCESS, 0, 5); }

// --- ends and hangs ---
long segmentation_fault() {
    static volatile long nowhere = 8;
    return *reinterpret_cast<volatile int*>(nowhere);
}
long illegal_instruction() { __builtin_trap(); }
long call_abort() { std::abort(); }
long leave() { _exit(0); }
#if defined(__x86_64__)
long divide_by_zero() {
    volatile int zero = 0;
    return 7 / zero;
}
#endif
[[gnu::noinline]] long overflow_stack(long depth) {
    volatile char frame[4096];
    frame[0] = static_cast<char>(depth);
    return depth < (1l << 40) ? overflow_stack(depth + 1) + frame[0] : 0;
}
long recurse() { return overflow_stack(0); }
long loop() {
    for (;;) __asm__ volatile("");
}
long yield_for_ever() {
    for (;;) call(SYS_sched_yield);
}
long move_cursor_for_ever() {
    for (;;) AREA->control->cursor++;
}
long sleep_for_ever() {
    static uint32_t word;
    for (;;) futex(word, FUTEX_WAIT, 0, nullptr);
}

// --- memory: how many bytes were to be had, at most 16 GB asked for ---
long allocate_all() {
    constexpr size_t PIECE = 16u << 20, MOST = 1024;
    static void* pieces[MOST];
    size_t n = 0;
    while (n < MOST && (pieces[n] = std::malloc(PIECE)) != nullptr) n++;
    for (size_t i = 0; i < n; i++) std::free(pieces[i]);
    return static_cast<long>(n * PIECE);
}
long grow_heap() {
    constexpr long PIECE = 16l << 20, MOST = 16l << 30;
    const long begin = call(SYS_brk, 0);
    long end = begin;
    while (end - begin < MOST && call(SYS_brk, end + PIECE) == end + PIECE) end += PIECE;
    call(SYS_brk, begin);
    return end - begin;
}
long touch_all() {
    for (;;) {
        auto* piece = static_cast<char*>(std::malloc(1u << 20));
        if (piece == nullptr) std::abort();
        std::memset(piece, 1, 1u << 20);
    }
}

// --- lies ---
long no_memory_but_in_a_fresh_worker() {
    static bool used;
    const bool fresh = !std::exchange(used, true) && load_word(AREA->control->request) == 1;
    if (!fresh) *RESULT = {INFINITY, 1, 0, 0, 0, static_cast<uint32_t>(Status::no_memory), 0};
    return 0;
}
[[noreturn]] void answer(uint32_t code) {  // as if the batch were over, and then silence
    Control& control = *AREA->control;
    control.answer = code;
    raise_word(control.response, load_word(control.request));
    for (;;) futex(control.request, FUTEX_WAIT, load_word(control.request), nullptr);
}
long forge_loss() { return RESULT->loss = -1.0, RESULT->status = 1, 1; }
long forge_nan() { return RESULT->loss = NAN, RESULT->status = 1, 1; }
long forge_slope() { return RESULT->loss = 1, RESULT->slope = INFINITY, RESULT->status = 1, 1; }
long forge_crash() { return RESULT->loss = INFINITY, RESULT->status = 8, 1; }
long forge_status() { return RESULT->status = 4000000000u, 1; }
long forge_missing() { return RESULT->loss = INFINITY, RESULT->status = 4, RESULT->detail = 0x1234, 1; }
long forge_invalid_with_loss() { return RESULT->loss = 0.0, RESULT->status = 2, 1; }
long forge_others() {
    for (uint32_t i = 0; i < AREA->capacity.max_organisms; i++) AREA->results[i] = {NAN, NAN, NAN, 1, 1, 99, 1};
    answer(1);
}
long forge_early_answer() { answer(1); }
long forge_answer_code() { answer(77); }
long forge_wanted_count() {
    AREA->control->n_wanted = 0xFFFFFFFF;
    answer(2);
}
long forge_wanted_id() {
    AREA->control->n_wanted = 1;
    AREA->wanted[0] = 0xABCDEF;
    answer(2);
}
long forge_response() {
    raise_word(AREA->control->response, load_word(AREA->control->request) + 5);
    return loop();
}
long forge_cursor() {
    AREA->control->cursor = 0;
    return segmentation_fault();
}
long forge_wild_cursor() {
    AREA->control->cursor = 0xFFFFFFF0;
    return segmentation_fault();
}
long forge_offsets() {  // every address in the control block
    std::memset(static_cast<void*>(AREA->control), 0xA5, offsetof(Control, request));
    std::memset(static_cast<void*>(AREA->offsets), 0xA5, 4 * AREA->capacity.max_organisms);
    answer(1);
}
long forge_numbers() { return std::fill_n(AREA->numbers, most_numbers(AREA->capacity), NAN), 1; }
long forge_trials() { return RESULT->detail = 1000, 1; }
long flip_results() {  // between reading and checking
    Control& control = *AREA->control;
    control.answer = 1;
    raise_word(control.response, load_word(control.request));
    for (uint64_t i = 0;; i++)
        for (uint32_t k = 0; k < 64; k++) AREA->results[k].status = static_cast<uint32_t>(i), AREA->results[k].loss = i & 1 ? NAN : -1;
}

struct Attack { const char* name; long (*perform)(); };
#define ATTACK(function) {#function, function}
constexpr Attack ATTACKS[] = {
    ATTACK(open_file), ATTACK(create_file), ATTACK(remove_file), ATTACK(open_socket), ATTACK(start_process),
    ATTACK(start_process_anew), ATTACK(execute), ATTACK(kill_parent), ATTACK(trace_parent), ATTACK(read_parent),
    ATTACK(hold_parent), ATTACK(write_error_output), ATTACK(read_area_descriptor), ATTACK(grow_area), ATTACK(shrink_area),
    ATTACK(make_memory_file), ATTACK(map_executable), ATTACK(map_shared), ATTACK(make_executable), ATTACK(make_area_executable),
    ATTACK(change_protection), ATTACK(futex_high_word), ATTACK(map_high_word), ATTACK(futex_other_operation),
    ATTACK(futex_with_time_limit), ATTACK(move_mapping), ATTACK(allow_tracing), ATTACK(outlive_parent), ATTACK(load_bpf),
    ATTACK(new_user_namespace), ATTACK(set_up_uring), ATTACK(ignore_signals), ATTACK(raise_limits), ATTACK(raise_priority),
    ATTACK(segmentation_fault), ATTACK(illegal_instruction), ATTACK(call_abort), ATTACK(leave), ATTACK(recurse), ATTACK(loop),
    ATTACK(yield_for_ever), ATTACK(move_cursor_for_ever), ATTACK(sleep_for_ever), ATTACK(allocate_all), ATTACK(grow_heap),
    ATTACK(touch_all), ATTACK(no_memory_but_in_a_fresh_worker), ATTACK(forge_loss), ATTACK(forge_nan), ATTACK(forge_slope), ATTACK(forge_crash), ATTACK(forge_status),
    ATTACK(forge_missing), ATTACK(forge_invalid_with_loss), ATTACK(forge_others), ATTACK(forge_early_answer),
    ATTACK(forge_answer_code), ATTACK(forge_wanted_count), ATTACK(forge_wanted_id), ATTACK(forge_response), ATTACK(forge_cursor),
    ATTACK(forge_wild_cursor), ATTACK(forge_offsets), ATTACK(flip_results), ATTACK(forge_numbers), ATTACK(forge_trials),
#if defined(__x86_64__)
    ATTACK(x32_call), ATTACK(int80_call), ATTACK(divide_by_zero),
#endif
};
constexpr uint32_t N_ATTACKS = sizeof ATTACKS / sizeof ATTACKS[0];
constexpr uint64_t MAGIC = 0x7EADBEEF, ANY_CALL = 0x10000;  // k = ANY_CALL + number: that system call, all arguments 0

void perform(uint32_t k, Result* result) noexcept {
    *result = {0, 1, 0, 0, 0, static_cast<uint32_t>(Status::ok), 1};
    RESULT = result;
    result->signature = static_cast<uint64_t>(k >= ANY_CALL ? call(k - ANY_CALL) : k < N_ATTACKS ? ATTACKS[k].perform() : 0);
}

class AttackableEvaluator final : public Evaluator {
public:
    explicit AttackableEvaluator(Evaluator* inner) noexcept : inner_(inner) {}
    void begin(const LossSettings& settings) noexcept override { inner_->begin(settings); }
    uint32_t evaluate(const Batch& batch, Result* results, uint64_t* wanted, uint32_t max_wanted,
                      volatile uint32_t* cursor) noexcept override {
        uint32_t n = 0;
        for (uint32_t i = 0; i < batch.n && n < max_wanted; i++) {
            if (results[i].status != static_cast<uint32_t>(Status::pending)) continue;
            *cursor = i;
            if (!attacked(batch, i, results))
                n += inner_->evaluate({batch.nodes, batch.offsets + i, 1}, results + i, wanted + n, max_wanted - n, nullptr);
        }
        return n;
    }
    void supply(uint64_t id, const Node* nodes, uint32_t n) noexcept override { inner_->supply(id, nodes, n); }
    void deny(uint64_t id) noexcept override { inner_->deny(id); }
    uint32_t outputs(const Batch& batch, Result* results, void* outputs, uint64_t* wanted, uint32_t max_wanted,
                     volatile uint32_t* cursor) noexcept override {
        return attack_all(batch, results, cursor), inner_->outputs(batch, results, outputs, wanted, max_wanted, cursor);
    }
    uint32_t tune(const Batch& batch, const TuneSettings& settings, Result* results, double* constants, uint64_t* wanted,
                  uint32_t max_wanted, volatile uint32_t* cursor) noexcept override {
        const uint32_t n = inner_->tune(batch, settings, results, constants, wanted, max_wanted, cursor);
        return n == 0 ? attack_all(batch, results, cursor), 0 : n;
    }
    uint32_t errors(const Batch& batch, Result* results, double* errors, uint64_t* wanted, uint32_t max_wanted,
                    volatile uint32_t* cursor) noexcept override {
        return inner_->errors(batch, results, errors, wanted, max_wanted, cursor);
    }
    const char* instruction_set() const noexcept override { return inner_->instruction_set(); }
    void counters(uint64_t* a, uint64_t* b) const noexcept override { inner_->counters(a, b); }

private:
    static void attack_all(const Batch& batch, Result* results, volatile uint32_t* cursor) noexcept {
        for (uint32_t i = 0; i < batch.n; i++) *cursor = i, attacked(batch, i, results);
    }
    static bool attacked(const Batch& batch, uint32_t i, Result* results) noexcept {
        for (uint32_t at = batch.offsets[i]; at < batch.offsets[i + 1]; at++) {
            if (batch.nodes[at].payload >> 32 != MAGIC) continue;
            return perform(static_cast<uint32_t>(batch.nodes[at].payload), &results[i]), true;
        }
        return false;
    }
    Evaluator* inner_;
};

}  // namespace

void read_omissions(const char* program, LockdownSettings* settings) noexcept {
    const char* step = std::strstr(program, "-without-");
    if (step == nullptr) return;
    step += std::strlen("-without-");
    if (std::strncmp(step, "call-", 5) == 0)
        settings->skip_call = step + 5;
    else
        settings->skip_step = step;
}

Evaluator* make_attackable(Evaluator* evaluator, const Area& area) noexcept {
    AREA = &area;
    return new AttackableEvaluator(evaluator);
}

void list_attacks() noexcept {
    for (uint32_t k = 0; k < N_ATTACKS; k++) std::printf("%u %s\n", k, ATTACKS[k].name);
}

}  // namespace vgp
