// The fuzzer that is always there: no coverage to guide it, but seeds that reach every branch and mutations that know the format.
//   driver INPUTS SEED    checks the properties on INPUTS inputs and prints how many met which verdict, as JSON
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "properties.hpp"
#include "seeds.hpp"

namespace vgp::fuzz {
namespace {

using Bytes = std::vector<unsigned char>;
constexpr size_t MAX_INPUT = 4096;
constexpr uint32_t N_ERRORS = static_cast<uint32_t>(RecordError::no_memory) + 1;

uint32_t place(Rng& rng, const Bytes& bytes) { return rng_below(rng, static_cast<uint32_t>(bytes.size())); }

void overwrite_word(Rng& rng, Bytes& bytes) {
    static const uint64_t interesting[] = {0, 1, 2, 3, 4, 0xff, 0x100, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 0x7ff0000000000000, UINT64_MAX};
    const size_t width = size_t{1} << rng_below(rng, 4);
    if (bytes.size() < width) return;
    const uint32_t at = rng_below(rng, static_cast<uint32_t>(bytes.size() - width + 1));
    std::memcpy(bytes.data() + at, &interesting[rng_below(rng, std::size(interesting))], width);
}

// Copies a run of bytes to another place: organisms and calls twice, nodes where others stood.
void repeat_run(Rng& rng, Bytes& bytes) {
    const uint32_t from = place(rng, bytes), to = place(rng, bytes);
    const Bytes run(bytes.begin() + from, bytes.begin() + std::min<size_t>(bytes.size(), from + 1 + rng_below(rng, 64)));
    if (bytes.size() + run.size() <= MAX_INPUT) bytes.insert(bytes.begin() + to, run.begin(), run.end());
}

void mutate(Rng& rng, Bytes& bytes) {
    if (bytes.empty()) return bytes.push_back(static_cast<unsigned char>(rng_next(rng)));
    switch (rng_below(rng, 7)) {
        case 0: bytes[place(rng, bytes)] ^= static_cast<unsigned char>(1u << rng_below(rng, 8)); break;
        case 1: bytes[place(rng, bytes)] = static_cast<unsigned char>(rng_next(rng)); break;
        case 2: bytes[place(rng, bytes)] = static_cast<unsigned char>(rng_below(rng, 64)); break;  // an opcode, perhaps
        case 3: overwrite_word(rng, bytes); break;
        case 4: repeat_run(rng, bytes); break;
        case 5: bytes.resize(place(rng, bytes)); break;
        case 6: {
            const uint32_t at = place(rng, bytes);
            bytes.erase(bytes.begin() + at, bytes.begin() + std::min<size_t>(bytes.size(), at + 1 + rng_below(rng, 16)));
        }
    }
}

Bytes random_input(Rng& rng) {
    Bytes bytes = random_record(rng);
    if (rng_below(rng, 50) == 0) {
        bytes.resize(rng_below(rng, 200));
        for (auto& byte : bytes) byte = static_cast<unsigned char>(rng_next(rng));
    }
    for (uint32_t n = rng_below(rng, 4); n > 0; n--) mutate(rng, bytes);
    return bytes;
}

void print(const char* key, const uint64_t* counts) {
    std::printf("\"%s\": {", key);
    for (uint32_t i = 0; i < N_ERRORS; i++)
        std::printf("%s\"%s\": %llu", i ? ", " : "", record_error_name(static_cast<RecordError>(i)), static_cast<unsigned long long>(counts[i]));
    std::printf("}");
}

}  // namespace
}  // namespace vgp::fuzz

int main(int argc, char** argv) {
    using namespace vgp::fuzz;
    if (argc != 3) return std::fprintf(stderr, "usage: driver INPUTS SEED\n"), 2;
    const uint64_t inputs = std::strtoull(argv[1], nullptr, 10);
    vgp::Rng rng;
    vgp::rng_seed(rng, std::strtoull(argv[2], nullptr, 10));
    uint64_t as_given[N_ERRORS] = {}, sealed[N_ERRORS] = {};
    for (uint64_t i = 0; i < inputs; i++) {
        const Bytes input = random_input(rng);
        const Verdicts verdicts = check_input(input.data(), input.size());
        as_given[static_cast<uint32_t>(verdicts.as_given)]++;
        sealed[static_cast<uint32_t>(verdicts.sealed)]++;
    }
    std::printf("{\"inputs\": %llu, ", static_cast<unsigned long long>(inputs));
    print("as_given", as_given);
    std::printf(", ");
    print("sealed", sealed);
    std::printf("}\n");
}
