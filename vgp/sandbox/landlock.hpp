// Landlock without exceptions to the rule: no file, no network, no signals or abstract sockets to the outside.
#pragma once
#include <cstdint>

namespace vgp {
// Denies all that the running kernel's Landlock can deny. False if it has none or refuses; *abi tells its version.
bool landlock_deny_all(uint32_t* abi) noexcept;
}  // namespace vgp
