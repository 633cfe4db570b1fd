// Coverage-guided: clang++ -fsanitize=fuzzer,address,undefined (see fuzz/run.py).
#include "properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t bytes) {
    vgp::fuzz::check_input(data, bytes);
    return 0;
}
