// The rows on which constants are tuned: all of a table, or blocks of it at even distances, copied one behind the other.
#pragma once
#include <cstdint>

#include "datafile.hpp"
#include "loss.hpp"

namespace vgp {

inline constexpr uint64_t MAX_TUNING_ROWS = 65536;
inline constexpr uint64_t ROW_BLOCK_BYTES = 64;

class Rows {
public:
    Rows() noexcept = default;
    ~Rows();
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    // At most `rows` rows, 0: all, of a table with a target. False: no memory. Nothing is done if the choice is the same as before.
    bool choose(const DataView& view, uint64_t rows) noexcept;
    bool all() const noexcept { return blocks_ == all_blocks_; }
    uint64_t bytes() const noexcept { return blocks_ * ROW_BLOCK_BYTES; }   // of one column, padding included
    uint64_t n() const noexcept { return n_; }
    const Target& target() const noexcept { return *target_; }
    void gather(const unsigned char* column, unsigned char* out) const noexcept;

private:
    uint64_t blocks_ = 0, all_blocks_ = 0, n_ = 0;
    unsigned char *y_ = nullptr, *w_ = nullptr;
    Target* target_ = nullptr;
};

}  // namespace vgp
