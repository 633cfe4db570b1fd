// What must hold for any bytes whatever: the properties that both fuzzers check.
#pragma once
#include <cstddef>
#include <cstdint>

#include "record.hpp"

namespace vgp::fuzz {

// Verdicts on one input; aborts (with a line on stderr) where a property does not hold.
struct Verdicts {
    RecordError as_given = RecordError::none;  // the bytes as they are
    RecordError sealed = RecordError::none;    // with the right checksum put in, so that what lies behind it is reached
};
Verdicts check_input(const unsigned char* data, size_t bytes);

}  // namespace vgp::fuzz
