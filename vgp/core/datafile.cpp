#include "datafile.hpp"

#include "genome.hpp"
#include "hash.hpp"

namespace vgp {
namespace {

inline constexpr uint64_t MAX_ROWS = uint64_t{1} << 40;  // keeps every product below within 64 bits

const char* check_header(const DatafileHeader& h) noexcept {
    if (h.magic != DATAFILE_MAGIC) return "not a vgp data file";
    if (h.version != 1) return "the data file has a version that this program does not know";
    if (h.element_bytes != 4 && h.element_bytes != 8) return "the data file's element size is neither 4 nor 8";
    if (h.n_rows < 1 || h.n_rows > MAX_ROWS) return "the data file's number of rows is out of range";
    if (h.padded_rows != (h.n_rows + ROW_PADDING - 1) / ROW_PADDING * ROW_PADDING) return "the data file's padding is wrong";
    if (h.n_variables < 1 || h.n_variables > MAX_VARIABLES) return "the data file's number of variables is out of range";
    if (h.has_target > 1 || h.has_weights > 1 || h.reserved != 0) return "the data file's flags are out of range";
    return nullptr;
}

}  // namespace

const char* view_datafile(const void* mapping, uint64_t bytes, DataView* view) noexcept {
    if (bytes < DATAFILE_HEADER_BYTES) return "the data file is shorter than its header";
    const auto* file = static_cast<const unsigned char*>(mapping);
    DatafileHeader h;
    __builtin_memcpy(&h, file, sizeof h);
    if (const char* error = check_header(h)) return error;
    const uint64_t column = h.padded_rows * h.element_bytes;
    const uint64_t columns = uint64_t{h.n_variables} + h.has_target + h.has_weights;
    if (columns > (bytes - DATAFILE_HEADER_BYTES) / column || DATAFILE_HEADER_BYTES + columns * column != bytes)
        return "the data file's length does not fit its header";
    if (content_hash(file + DATAFILE_HEADER_BYTES, bytes - DATAFILE_HEADER_BYTES) != h.checksum)
        return "the data file is damaged: its checksum does not match";
    const unsigned char* first = file + DATAFILE_HEADER_BYTES;
    const unsigned char* target = first + h.n_variables * column;
    *view = {first, h.element_bytes, h.n_rows, h.padded_rows, h.n_variables, h.has_target ? target : nullptr,
             h.has_weights ? target + h.has_target * column : nullptr};
    return nullptr;
}

}  // namespace vgp
