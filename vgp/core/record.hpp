// The portable form of organisms: what is exported, checkpointed and sent to peers. The format is on one page: docs/record.md.
//   nodes   1 to 10 bytes per node, nothing that can be worked out (arity of functions, subtree lengths) is stored
//   bundle  magic, version, counts, organisms (callees before callers), checksum
// Encoding is canonical: equal organisms give equal bytes, and bytes that decode are the bytes that encoding gives back.
// Decoding is total: any bytes give valid organisms or a named error, memory stays within 16 times the bytes given.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "genome.hpp"

namespace vgp {

inline constexpr uint32_t RECORD_MAGIC = 0x4f504756;   // "VGPO"
inline constexpr uint16_t RECORD_VERSION = 1;
inline constexpr size_t RECORD_HEADER_BYTES = 16;
inline constexpr size_t RECORD_CHECKSUM_BYTES = 8;
inline constexpr size_t ORGANISM_HEADER_BYTES = 3;     // node count u16, flags u8
inline constexpr size_t MAX_NODE_BYTES = 10;           // a reference: opcode, arity, id
inline constexpr uint8_t ORGANISM_IS_ROOT = 1;         // exported for its own sake; without it: travels along for its callers

enum class RecordError : uint32_t {
    none = 0,
    truncated,            // the bytes end before what they declare
    bad_magic,
    unsupported_version,
    bad_flags,            // bits that this version does not define
    bad_checksum,
    bad_count,            // a declared count is more than the bytes can hold, or not what they hold
    trailing_bytes,
    malformed_organism,   // `genome` says what is wrong with it
    duplicate_organism,
    unused_organism,      // neither a root nor called by a later organism
    missing_reference,    // calls an organism that does not stand before it in the bundle, and the bundle must be closed
    wrong_order,          // calls an organism that stands behind it in an open bundle
    reference_depth,      // calls more than MAX_REFERENCE_DEPTH deep
    work_limit,           // more than MAX_EXPANDED nodes with all calls written out
    no_memory,
};
const char* record_error_name(RecordError error) noexcept;

// A verdict. `organism` is the index of the organism at fault.
struct RecordVerdict {
    RecordError error = RecordError::none;
    GenomeError genome = GenomeError::none;
    uint32_t organism = 0;
};

// ---- nodes alone: what a checkpoint stores beside its own offsets and checksum ----

// Bytes that encode_nodes will write: at most MAX_NODE_BYTES * n.
size_t encoded_bytes(const Node* nodes, size_t n) noexcept;

// Writes n nodes of valid genomes - one genome, or a whole population one behind the other - and returns the bytes written.
size_t encode_nodes(const Node* nodes, size_t n, unsigned char* out) noexcept;

// Reads one genome of n nodes from at most `bytes` bytes. On success *used is what it took and out[0..n) is valid in the sense of
// validate(); otherwise out holds nothing of use. *used is SIZE_MAX (and the error `empty`) when the bytes end too early.
GenomeError decode_nodes(const unsigned char* in, size_t bytes, uint32_t n, Node* out, size_t* used) noexcept;

// Reads n genomes; genome i becomes out[offsets[i] .. offsets[i + 1]). All bytes must be used.
RecordVerdict decode_genomes(const unsigned char* in, size_t bytes, const uint32_t* offsets, uint32_t n, Node* out) noexcept;

// ---- bundles ----

// n organisms, organism i is nodes[offsets[i] .. offsets[i + 1]); is_root[i] is 0 or 1.
struct Bundle {
    std::vector<Node> nodes;
    std::vector<uint32_t> offsets;
    std::vector<uint8_t> is_root;
    std::vector<uint64_t> ids;   // worked out from the nodes, never read
};

// `open`: organisms may call organisms that the bundle does not carry.
RecordVerdict check_bundle(const Node* nodes, const uint32_t* offsets, const uint8_t* is_root, uint32_t n, bool open,
                           uint64_t* ids) noexcept;
RecordVerdict encode_bundle(const Node* nodes, const uint32_t* offsets, const uint8_t* is_root, uint32_t n, bool open,
                            std::vector<unsigned char>* out) noexcept;
RecordVerdict decode_bundle(const unsigned char* in, size_t bytes, bool open, Bundle* out) noexcept;

}  // namespace vgp
