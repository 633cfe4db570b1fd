#include "rows.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace vgp {

Rows::~Rows() {
    delete target_;
    std::free(y_);
    std::free(w_);
}

bool Rows::choose(const DataView& view, uint64_t rows) noexcept {
    const uint64_t per_block = ROW_BLOCK_BYTES / view.element_bytes, all = (view.n_rows + per_block - 1) / per_block;
    if (rows == 0 || rows > MAX_TUNING_ROWS) rows = MAX_TUNING_ROWS;
    uint64_t blocks = (rows + per_block - 1) / per_block;
    if (blocks > all) blocks = all;
    if (target_ && blocks == blocks_) return true;
    delete target_;
    std::free(y_), std::free(w_);
    blocks_ = blocks, all_blocks_ = all;
    y_ = static_cast<unsigned char*>(std::aligned_alloc(ROW_BLOCK_BYTES, bytes()));
    w_ = view.weights ? static_cast<unsigned char*>(std::aligned_alloc(ROW_BLOCK_BYTES, bytes())) : nullptr;
    target_ = new (std::nothrow) Target;
    if (!y_ || (view.weights && !w_) || !target_) return delete target_, target_ = nullptr, false;
    // Only the last block of the table may hold padding, and it can only be chosen last.
    const uint64_t last = (blocks - 1) * all / blocks;
    n_ = (blocks - 1) * per_block + (last == all - 1 ? view.n_rows - last * per_block : per_block);
    gather(static_cast<const unsigned char*>(view.target), y_);
    if (w_) gather(static_cast<const unsigned char*>(view.weights), w_);
    DataView chosen = view;
    chosen.n_rows = n_, chosen.padded_rows = blocks * per_block;
    chosen.target = y_, chosen.weights = w_;
    if (!target_->prepare(chosen)) return delete target_, target_ = nullptr, false;
    return true;
}

void Rows::gather(const unsigned char* column, unsigned char* out) const noexcept {
    if (all()) {
        std::memcpy(out, column, bytes());
        return;
    }
    for (uint64_t b = 0; b < blocks_; b++)
        std::memcpy(out + b * ROW_BLOCK_BYTES, column + b * all_blocks_ / blocks_ * ROW_BLOCK_BYTES, ROW_BLOCK_BYTES);
}

}  // namespace vgp
