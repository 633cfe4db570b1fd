// The sealed memory file that module and worker share.
#pragma once
#include "area.hpp"

namespace vgp {

class SharedMemory {
public:
    SharedMemory() = default;
    ~SharedMemory();
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    // Creates, sizes, seals (no growing, no shrinking: no SIGBUS for anyone; no further seals) and maps it. 0 or an errno.
    int create(const Capacity& capacity) noexcept;
    const Area& area() const noexcept { return area_; }
    int descriptor() const noexcept { return descriptor_; }

private:
    Area area_{};
    int descriptor_ = -1;
};

}  // namespace vgp
