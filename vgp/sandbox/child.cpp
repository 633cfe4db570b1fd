#include "child.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "area.hpp"

namespace vgp {
namespace {

// The attributes of posix_spawn, released on every path.
struct SpawnPlan {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    SpawnPlan() noexcept {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
};

// Blocked from the first instruction on: there is no moment at which a Ctrl-C in the terminal ends the worker.
void block_all_signals(SpawnPlan& plan) noexcept {
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&plan.attributes, &all);
    posix_spawnattr_setsigdefault(&plan.attributes, &all);
    posix_spawnattr_setflags(&plan.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

double seconds(const timespec& t) noexcept { return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec); }

}  // namespace

int Child::start(const char* executable, const char* data_path, uint64_t memory_bytes, int area_descriptor) noexcept {
    kill();
    SpawnPlan plan;
    posix_spawn_file_actions_adddup2(&plan.files, area_descriptor, AREA_DESCRIPTOR);
    block_all_signals(plan);
    char parent[16], memory[24];
    parent_ = getpid();
    std::snprintf(parent, sizeof parent, "%d", static_cast<int>(parent_));
    std::snprintf(memory, sizeof memory, "%llu", static_cast<unsigned long long>(memory_bytes));
    const char* arguments[] = {executable, parent, memory, data_path, nullptr};
    char* environment[] = {nullptr};
    const int error = posix_spawn(&pid_, executable, &plan.files, &plan.attributes, const_cast<char**>(arguments), environment);
    if (error != 0) {
        pid_ = 0;
        return error;
    }
    descriptor_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));  // Linux 5.3; -1: the pid has to do
    wait_status_ = UNKNOWN_END;
    if (clock_getcpuclockid(pid_, &clock_) != 0) clock_ = CLOCK_MONOTONIC;
    return 0;
}

void Child::kill() noexcept {
    if (!ours()) return;
    if (descriptor_ >= 0)
        syscall(SYS_pidfd_send_signal, descriptor_, SIGKILL, nullptr, 0);
    else
        ::kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
    forget();
}

bool Child::alive() noexcept {
    if (!ours()) return false;
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return true;
    wait_status_ = ended == pid_ ? status : UNKNOWN_END;
    forget();
    return false;
}

double Child::cpu_seconds() const noexcept {
    timespec now;
    return clock_gettime(clock_, &now) == 0 ? seconds(now) : 0.0;
}

// The field behind the program's name in parentheses: "1234 (vgp-sandbox) S ...".
bool Child::asleep() const noexcept {
    char path[40], text[128];
    std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(pid_));
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char* name_end = std::strrchr(text, ')');
    return name_end != nullptr && std::strncmp(name_end, ") S", 3) == 0;
}

bool Child::ours() const noexcept { return pid_ != 0 && parent_ == getpid(); }

void Child::forget() noexcept {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
    pid_ = 0;
}

void describe_end(int wait_status, char* text, unsigned long bytes) noexcept {
    if (wait_status == UNKNOWN_END)
        std::snprintf(text, bytes, "ended");
    else if (WIFSIGNALED(wait_status))
        std::snprintf(text, bytes, "killed by signal %d (%s)", WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
    else
        std::snprintf(text, bytes, "exited with status %d", WEXITSTATUS(wait_status));
}

}  // namespace vgp
