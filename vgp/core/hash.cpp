#include "hash.hpp"

#include <cstring>

namespace vgp {
namespace {

constexpr uint64_t P1 = 0x9E3779B185EBCA87ull, P2 = 0xC2B2AE3D27D4EB4Full, P3 = 0x165667B19E3779F9ull,
                   P4 = 0x85EBCA77C2B2AE63ull, P5 = 0x27D4EB2F165667C5ull;

inline uint64_t rotl(uint64_t x, int k) noexcept { return (x << k) | (x >> (64 - k)); }
inline uint64_t round_lane(uint64_t lane, uint64_t input) noexcept { return rotl(lane + input * P2, 31) * P1; }
inline uint64_t merge_lane(uint64_t hash, uint64_t lane) noexcept { return (hash ^ round_lane(0, lane)) * P1 + P4; }

template <class T>
inline T load(const unsigned char* p) noexcept {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

}  // namespace

uint64_t content_hash(const void* data, size_t bytes) noexcept {
    const auto* p = static_cast<const unsigned char*>(data);
    const unsigned char* const end = p + bytes;
    uint64_t hash;
    if (bytes >= 32) {
        uint64_t a = P1 + P2, b = P2, c = 0, d = 0 - P1;
        for (; end - p >= 32; p += 32) {
            a = round_lane(a, load<uint64_t>(p));
            b = round_lane(b, load<uint64_t>(p + 8));
            c = round_lane(c, load<uint64_t>(p + 16));
            d = round_lane(d, load<uint64_t>(p + 24));
        }
        hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
        hash = merge_lane(merge_lane(merge_lane(merge_lane(hash, a), b), c), d);
    } else {
        hash = P5;
    }
    hash += bytes;
    for (; end - p >= 8; p += 8) hash = rotl(hash ^ round_lane(0, load<uint64_t>(p)), 27) * P1 + P4;
    if (end - p >= 4) hash = rotl(hash ^ (load<uint32_t>(p) * P1), 23) * P2 + P3, p += 4;
    for (; p < end; p++) hash = rotl(hash ^ (*p * P5), 11) * P1;
    hash = (hash ^ (hash >> 33)) * P2;
    hash = (hash ^ (hash >> 29)) * P3;
    return hash ^ (hash >> 32);
}

}  // namespace vgp
