#include "shared_memory.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL  // Linux 6.3
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace vgp {
namespace {

int memory_file() noexcept {
    const int fd = memfd_create("vgp", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    return fd >= 0 || errno != EINVAL ? fd : memfd_create("vgp", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

}  // namespace

int SharedMemory::create(const Capacity& capacity) noexcept {
    const uint64_t bytes = area_bytes(capacity);
    descriptor_ = memory_file();
    if (descriptor_ < 0 || ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) return errno;
    if (fcntl(descriptor_, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) return errno;
    void* mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    if (mapping == MAP_FAILED) return errno;
    madvise(mapping, bytes, MADV_DONTFORK);  // a forked child of ours has no business with our worker
    area_ = bind_area(mapping, capacity);
    return 0;
}

SharedMemory::~SharedMemory() {
    if (area_.control != nullptr) munmap(area_.control, area_.bytes);
    if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace vgp
