#include "lockdown.hpp"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.hpp"
#include "landlock.hpp"
#include "wire.hpp"

#ifndef PR_SET_MDWE  // Linux 6.3
#define PR_SET_MDWE 65
#endif

namespace vgp {
namespace {

// Every signal that can be blocked stays blocked: a terminal's Ctrl-C or Ctrl-Z is the module's to decide about. Those that
// the processor raises (SIGSEGV, SIGFPE ...) and SIGSYS end a process that blocks them.
bool block_signals(const LockdownSettings&, LockdownReport*) noexcept {
    sigset_t all;
    sigfillset(&all);
    return sigprocmask(SIG_SETMASK, &all, nullptr) == 0;
}

// The order matters: a parent that died before the first line is seen by the second.
bool die_with_parent(const LockdownSettings& settings, LockdownReport*) noexcept {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return false;
    errno = ESRCH;
    return getppid() == settings.parent;
}

bool hide_memory(const LockdownSettings&, LockdownReport*) noexcept { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0; }

bool close_descriptors(const LockdownSettings&, LockdownReport*) noexcept {
    if (syscall(SYS_close_range, 0u, ~0u, 0u) == 0) return true;
    if (errno != ENOSYS) return false;  // Linux 5.9
    rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    for (rlim_t fd = 0; fd < limit.rlim_max && fd < (1u << 20); fd++) close(static_cast<int>(fd));
    return true;
}

bool limit_resources(const LockdownSettings& settings, LockdownReport*) noexcept {
    const struct {
        int resource;
        rlim_t most;
    } limits[] = {
        {RLIMIT_AS, settings.memory_bytes},
        {RLIMIT_STACK, 1u << 20},
        {RLIMIT_NOFILE, 1},  // one, for the Landlock step below, which closes it again
        {RLIMIT_CORE, 0},
        {RLIMIT_NPROC, 0},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_MEMLOCK, 0},
        {RLIMIT_MSGQUEUE, 0},
        {RLIMIT_SIGPENDING, 0},
    };
    for (const auto& [resource, most] : limits) {
        rlimit limit;
        if (getrlimit(resource, &limit) != 0) return false;
        if (limit.rlim_max > most) limit.rlim_max = most;  // a limit that is already lower stays
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(resource, &limit) != 0) return false;
    }
    return true;
}

bool refuse_privileges(const LockdownSettings&, LockdownReport*) noexcept { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

bool refuse_new_code(const LockdownSettings&, LockdownReport*) noexcept { return prctl(PR_SET_MDWE, 1, 0, 0, 0) == 0; }

bool restrict_files(const LockdownSettings&, LockdownReport* report) noexcept { return landlock_deny_all(&report->landlock_abi); }

#if defined(__x86_64__)
constexpr Architecture HERE = X86_64;
#else
constexpr Architecture HERE = AARCH64;
#endif

bool filter_calls(const LockdownSettings& settings, LockdownReport*) noexcept {
    static Filter filter;
    if (!compile_filter(HERE, settings.skip_call, &filter)) {
        errno = E2BIG;
        return false;
    }
    const sock_fprog program{static_cast<unsigned short>(filter.length), filter.code};
    return syscall(SYS_seccomp, static_cast<long>(SECCOMP_SET_MODE_FILTER), 0l, &program) == 0;
}

struct Step {
    const char* name;
    bool (*run)(const LockdownSettings&, LockdownReport*) noexcept;
    uint32_t level;     // LockdownLevel bit it earns, or 0
    const char* fatal;  // what to say if it fails; nullptr: used where the kernel has it
};

constexpr Step STEPS[] = {
    {"signals", block_signals, 0, "cannot block signals"},
    {"parent", die_with_parent, 0, "the process that started it is gone"},
    {"dumpable", hide_memory, 0, "cannot forbid core dumps and tracing"},
    {"descriptors", close_descriptors, 0, "cannot close inherited descriptors"},
    {"limits", limit_resources, LOCKDOWN_RLIMITS, "cannot lower its resource limits"},
    {"privileges", refuse_privileges, LOCKDOWN_NO_NEW_PRIVS, "this kernel does not know no_new_privs"},
    {"mdwe", refuse_new_code, LOCKDOWN_MDWE, nullptr},
    {"landlock", restrict_files, LOCKDOWN_LANDLOCK, nullptr},
    {"seccomp", filter_calls, LOCKDOWN_SECCOMP, "this kernel, or the container around it, does not allow seccomp filters"},
};

#ifdef VGP_ATTACKS  // the build that the tests attack: what would happen without this step?
bool left_out(const Step& step, const char* name) noexcept {
    return name != nullptr && (strcmp(name, "all") == 0 || strcmp(name, step.name) == 0);
}
#else
constexpr bool left_out(const Step&, const char*) noexcept { return false; }
#endif

}  // namespace

bool lock_down(const LockdownSettings& settings, LockdownReport* report) noexcept {
    *report = {};
    for (const Step& step : STEPS) {
        if (left_out(step, settings.skip_step)) continue;
        if (step.run(settings, report)) {
            report->level |= step.level;
        } else if (step.fatal != nullptr) {
            report->failed = step.fatal;
            report->error_number = errno;
            return false;
        }
    }
    return true;
}

}  // namespace vgp
