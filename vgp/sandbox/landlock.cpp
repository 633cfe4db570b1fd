#include "landlock.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset  // the same numbers on every machine
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

namespace vgp {
namespace {

// struct landlock_ruleset_attr as of ABI 6. Older kernels take its beginning; the headers of the build machine may be older still.
struct Ruleset {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;  // ABI 4
    uint64_t scoped;              // ABI 6
};

struct Version {
    uint32_t fs_rights, net_rights, scopes;  // how many bits the ABI knows
    uint32_t bytes;                          // of Ruleset
};

constexpr Version VERSIONS[] = {
    {0, 0, 0, 0},    // none
    {13, 0, 0, 8},   // 1, Linux 5.13
    {14, 0, 0, 8},   // 2: refer
    {15, 0, 0, 8},   // 3: truncate
    {15, 2, 0, 16},  // 4: TCP bind, connect
    {16, 2, 0, 16},  // 5: ioctl on devices
    {16, 2, 2, 24},  // 6: abstract sockets, signals
};
constexpr long NEWEST = sizeof VERSIONS / sizeof VERSIONS[0] - 1;
constexpr unsigned long ASK_VERSION = 1;

constexpr uint64_t lowest(uint32_t bits) noexcept { return (uint64_t{1} << bits) - 1; }

}  // namespace

bool landlock_deny_all(uint32_t* abi) noexcept {
    const long found = syscall(SYS_landlock_create_ruleset, nullptr, 0ul, ASK_VERSION);
    if (found < 1) return false;
    const Version& version = VERSIONS[found < NEWEST ? found : NEWEST];
    const Ruleset ruleset{lowest(version.fs_rights), lowest(version.net_rights), lowest(version.scopes)};
    const long fd = syscall(SYS_landlock_create_ruleset, &ruleset, static_cast<unsigned long>(version.bytes), 0ul);
    if (fd < 0) return false;
    const bool restricted = syscall(SYS_landlock_restrict_self, fd, 0ul) == 0;
    close(static_cast<int>(fd));
    if (restricted) *abi = static_cast<uint32_t>(found);
    return restricted;
}

}  // namespace vgp
