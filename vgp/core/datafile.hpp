// The table as the sandbox maps it: one file, a header page, then columns of float32 or float64, all little-endian.
//   [header, 4096 bytes][variable 0][variable 1]...[target, if any][weights, if any]
// Every column holds padded_rows elements; the rows beyond n_rows repeat the last row (weights: 0), so that kernels may run over
// whole vectors and padding never makes a value that the rows do not have.
#pragma once
#include <cstddef>
#include <cstdint>

namespace vgp {

inline constexpr uint64_t DATAFILE_MAGIC = 0x3141544144504756ull;  // "VGPDATA1"
inline constexpr uint32_t DATAFILE_HEADER_BYTES = 4096;
inline constexpr uint32_t ROW_PADDING = 16;                        // padded_rows is n_rows rounded up to a multiple of this

struct DatafileHeader {
    uint64_t magic;
    uint32_t version;        // 1
    uint32_t element_bytes;  // 4 or 8
    uint64_t n_rows;         // >= 1
    uint64_t padded_rows;
    uint32_t n_variables;    // >= 1
    uint32_t has_target;     // 0 or 1
    uint32_t has_weights;    // 0 or 1; weights >= 0, not all 0
    uint32_t reserved;       // 0
    uint64_t checksum;       // content_hash (XXH64) of all bytes after the header
};
static_assert(sizeof(DatafileHeader) == 56, "the data file's layout is fixed");

// A mapped table. Columns are 64-byte aligned.
struct DataView {
    const unsigned char* columns;  // first byte of variable 0
    uint32_t element_bytes;
    uint64_t n_rows;
    uint64_t padded_rows;
    uint32_t n_variables;
    const void* target;            // nullptr when absent
    const void* weights;           // nullptr when absent
};

// Checks a mapped file of `bytes` bytes and describes it. Returns nullptr, or a one-line reason why it is not a data file.
// Total: any bytes give a verdict.
const char* view_datafile(const void* mapping, uint64_t bytes, DataView* view) noexcept;

}  // namespace vgp
