#include "properties.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "expansion.hpp"
#include "hash.hpp"

#define REQUIRE(condition)                                                        \
    do {                                                                          \
        if (!(condition)) {                                                       \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);  \
            std::abort();                                                         \
        }                                                                         \
    } while (0)

namespace vgp::fuzz {
namespace {

bool is_valid(const Node* nodes, uint32_t n) { return validate(nodes, n, GenomeLimits{}) == GenomeError::none; }

uint32_t resolve(void* context, uint64_t id, const Node** nodes) {
    const auto& bundle = *static_cast<const Bundle*>(context);
    for (size_t i = 0; i < bundle.ids.size(); i++) {
        if (bundle.ids[i] != id) continue;
        *nodes = bundle.nodes.data() + bundle.offsets[i];
        return bundle.offsets[i + 1] - bundle.offsets[i];
    }
    return 0;
}

void check_flattened(Bundle& bundle, uint32_t i, bool open) {
    static Node out[MAX_NODES];
    const Node* genome = bundle.nodes.data() + bundle.offsets[i];
    const Flattened flat = flatten(genome, bundle.offsets[i + 1] - bundle.offsets[i], &resolve, &bundle, out, MAX_NODES);
    REQUIRE(flat.steps <= MAX_STEPS + 1);
    REQUIRE(open || flat.error != FlattenError::missing_reference);
    REQUIRE(flat.error != FlattenError::reference_depth);
    if (flat.error != FlattenError::none) return;
    REQUIRE(is_valid(out, flat.n));
    for (uint32_t k = 0; k < flat.n; k++) REQUIRE(out[k].op != static_cast<uint8_t>(Opcode::reference));
}

// Decoded organisms are valid, bear their own ids, can be written out, and encode to the very bytes that they came from.
RecordError check_bundle_bytes(const unsigned char* data, size_t bytes, bool open) {
    Bundle bundle;
    const RecordVerdict verdict = decode_bundle(data, bytes, open, &bundle);
    REQUIRE(std::strcmp(record_error_name(verdict.error), "unknown") != 0);
    if (verdict.error != RecordError::none) return verdict.error;
    const auto n = static_cast<uint32_t>(bundle.ids.size());
    REQUIRE(bundle.offsets.size() == n + size_t{1} && bundle.offsets[n] == bundle.nodes.size() && bundle.nodes.size() <= bytes);
    for (uint32_t i = 0; i < n; i++) {
        const Node* genome = bundle.nodes.data() + bundle.offsets[i];
        const uint32_t length = bundle.offsets[i + 1] - bundle.offsets[i];
        REQUIRE(is_valid(genome, length));
        REQUIRE(bundle.ids[i] == genome_id(genome, length));
        check_flattened(bundle, i, open);
    }
    std::vector<unsigned char> again;
    const RecordVerdict encoded = encode_bundle(bundle.nodes.data(), bundle.offsets.data(), bundle.is_root.data(), n, open, &again);
    REQUIRE(encoded.error == RecordError::none);
    REQUIRE(again.size() == bytes && std::memcmp(again.data(), data, bytes) == 0);
    return RecordError::none;
}

// The compact form without envelope, as a checkpoint holds it; the first byte says how many nodes are claimed.
void check_nodes(const unsigned char* data, size_t bytes) {
    if (bytes == 0) return;
    const uint32_t n = data[0];
    const auto out = std::make_unique<Node[]>(n);
    size_t used = 0;
    const GenomeError error = decode_nodes(data + 1, bytes - 1, n, out.get(), &used);
    if (error != GenomeError::none) return;
    REQUIRE(used <= bytes - 1 && is_valid(out.get(), n));
    std::vector<unsigned char> again(encoded_bytes(out.get(), n));
    REQUIRE(encode_nodes(out.get(), n, again.data()) == used && again.size() == used);
    REQUIRE(std::memcmp(again.data(), data + 1, used) == 0);
}

// Nodes as they lie in shared memory: any bytes give a verdict, and indexing what looks like postfix makes it valid or says no.
void check_raw_genome(const unsigned char* data, size_t bytes) {
    const auto n = static_cast<uint32_t>(bytes / sizeof(Node));
    const auto nodes = std::make_unique<Node[]>(n);
    if (n) std::memcpy(static_cast<void*>(nodes.get()), data, n * sizeof(Node));
    const GenomeError error = validate(nodes.get(), n, GenomeLimits{});
    REQUIRE(std::strcmp(genome_error_name(error), "unknown") != 0);
    const bool indexed = index_genome(nodes.get(), n);
    REQUIRE(indexed || error != GenomeError::none);
    if (indexed) REQUIRE(nodes[n - 1].length == n);
}

}  // namespace

Verdicts check_input(const unsigned char* data, size_t bytes) {
    Verdicts verdicts;
    verdicts.as_given = check_bundle_bytes(data, bytes, true);
    check_nodes(data, bytes);
    check_raw_genome(data, bytes);
    if (bytes < RECORD_HEADER_BYTES + RECORD_CHECKSUM_BYTES) return verdicts.sealed = RecordError::truncated, verdicts;
    std::vector<unsigned char> sealed(data, data + bytes);
    std::memcpy(sealed.data(), &RECORD_MAGIC, sizeof RECORD_MAGIC);
    const uint64_t checksum = content_hash(sealed.data(), bytes - RECORD_CHECKSUM_BYTES);
    std::memcpy(sealed.data() + bytes - RECORD_CHECKSUM_BYTES, &checksum, sizeof checksum);
    verdicts.sealed = check_bundle_bytes(sealed.data(), bytes, true);
    if (verdicts.sealed == RecordError::none) check_bundle_bytes(sealed.data(), bytes, false);
    return verdicts;
}

}  // namespace vgp::fuzz
