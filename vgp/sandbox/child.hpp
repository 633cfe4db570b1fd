// One worker process as its parent holds it: started by posix_spawn, known by a pidfd, measured by its own CPU clock.
#pragma once
#include <sys/types.h>
#include <time.h>

#include <cstdint>

namespace vgp {

inline constexpr int UNKNOWN_END = -1;

class Child {
public:
    Child() = default;
    ~Child() { kill(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Runs `executable PARENT-PID memory_bytes data_path` with the area as its only descriptor, an empty environment and every
    // signal blocked. 0 or an errno. The worker dies with the calling *thread* (PR_SET_PDEATHSIG): found dead later while
    // idle it is simply started again.
    int start(const char* executable, const char* data_path, uint64_t memory_bytes, int area_descriptor) noexcept;
    // SIGKILL and reap.
    void kill() noexcept;

    // Reaps it if it has ended.
    bool alive() noexcept;
    // It waits for something, although it was given work. False where /proc does not tell.
    bool asleep() const noexcept;
    // wait status of the last one that ended by itself; UNKNOWN_END if somebody else's wait() took it
    int wait_status() const noexcept { return wait_status_; }
    int pid() const noexcept { return pid_; }
    double cpu_seconds() const noexcept;

private:
    bool ours() const noexcept;
    void forget() noexcept;

    pid_t pid_ = 0;
    pid_t parent_ = 0;  // a fork of this process holds a copy of this object, but no worker
    int descriptor_ = -1;
    clockid_t clock_ = 0;
    int wait_status_ = UNKNOWN_END;
};

// "killed by signal 11 (Segmentation fault)", "exited with status 65"
void describe_end(int wait_status, char* text, unsigned long bytes) noexcept;

}  // namespace vgp
