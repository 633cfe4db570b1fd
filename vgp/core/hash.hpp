// content_hash: XXH64 (Yann Collet, xxHash specification 0.1.1), seed 0. Little-endian machines only.
#pragma once
#include <cstddef>
#include <cstdint>

namespace vgp {
uint64_t content_hash(const void* data, size_t bytes) noexcept;
}  // namespace vgp
