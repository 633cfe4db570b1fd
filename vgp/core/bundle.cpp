// Bundles of portable organisms: the envelope of record.hpp.
#include <cstring>
#include <new>

#include "expansion.hpp"
#include "hash.hpp"
#include "record.hpp"

namespace vgp {
namespace {

struct Header {
    uint32_t magic;
    uint16_t version, flags;
    uint32_t n_organisms, n_nodes;
};
static_assert(sizeof(Header) == RECORD_HEADER_BYTES, "the header has no padding");

// The smallest organism: its header and one variable.
constexpr size_t SMALLEST_ORGANISM = ORGANISM_HEADER_BYTES + 3;

RecordVerdict refuse(RecordError error, uint32_t organism = 0, GenomeError genome = GenomeError::none) noexcept {
    return {error, genome, organism};
}

// From id to index: open addressing, at most half full.
class Index {
public:
    explicit Index(uint32_t n) : slots_(table_size(n), NONE), mask_(slots_.size() - 1) {}

    static constexpr uint32_t NONE = UINT32_MAX;

    // The index stored for the id, or NONE.
    uint32_t find(const uint64_t* ids, uint64_t id) const noexcept { return slots_[slot(ids, id)]; }
    void add(const uint64_t* ids, uint32_t i) noexcept { slots_[slot(ids, ids[i])] = i; }

private:
    static size_t table_size(uint32_t n) noexcept {
        size_t size = 4;
        while (size < 2 * static_cast<size_t>(n)) size *= 2;
        return size;
    }
    size_t slot(const uint64_t* ids, uint64_t id) const noexcept {
        size_t s = id & mask_;
        while (slots_[s] != NONE && ids[slots_[s]] != id) s = (s + 1) & mask_;
        return s;
    }

    std::vector<uint32_t> slots_;
    size_t mask_;
};

// Walks a bundle callee by callee, so that every rule about references is decided by what stands before.
class Checker {
public:
    Checker(const Node* nodes, const uint32_t* offsets, uint32_t n, bool open, uint64_t* ids)
        : nodes_(nodes), offsets_(offsets), open_(open), ids_(ids), index_(n), expansions_(n), called_(n, 0) {}

    RecordVerdict check(uint32_t i) {
        const uint32_t length = offsets_[i + 1] - offsets_[i];
        const Node* genome = nodes_ + offsets_[i];
        const GenomeError error = validate(genome, length, GenomeLimits{});
        if (error != GenomeError::none) return refuse(RecordError::malformed_organism, i, error);
        ids_[i] = genome_id(genome, length);
        if (index_.find(ids_, ids_[i]) != Index::NONE) return refuse(RecordError::duplicate_organism, i);
        const RecordVerdict verdict = measure(genome, length, i);
        if (verdict.error == RecordError::none) index_.add(ids_, i);
        return verdict;
    }
    // What only the whole bundle can tell: is everything there for a reason, and is what was not found before really outside?
    RecordVerdict check_whole(const uint8_t* is_root) const noexcept {
        for (uint32_t i = 0; i < called_.size(); i++)
            if (!is_root[i] && !called_[i]) return refuse(RecordError::unused_organism, i);
        for (const Outside& outside : outside_)
            if (index_.find(ids_, outside.id) != Index::NONE) return refuse(RecordError::wrong_order, outside.caller);
        return {};
    }

private:
    struct Outside {
        uint64_t id;
        uint32_t caller;
    };

    RecordVerdict measure(const Node* genome, uint32_t length, uint32_t i) {
        missing_ = false;
        current_ = i;
        expansions_[i] = expansion_of(genome, length, &Checker::look_up, this);
        if (missing_ && !open_) return refuse(RecordError::missing_reference, i);
        if (expansions_[i].depth > MAX_REFERENCE_DEPTH) return refuse(RecordError::reference_depth, i);
        if (!expansions_[i].within_limits()) return refuse(RecordError::work_limit, i);
        return {};
    }
    static const Expansion* look_up(void* context, uint64_t id) {
        auto* self = static_cast<Checker*>(context);
        const uint32_t i = self->index_.find(self->ids_, id);
        if (i == Index::NONE) {
            self->missing_ = true;
            if (self->open_) self->outside_.push_back({id, self->current_});
            return nullptr;
        }
        self->called_[i] = 1;
        return &self->expansions_[i];
    }

    const Node* nodes_;
    const uint32_t* offsets_;
    bool open_, missing_ = false;
    uint32_t current_ = 0;
    uint64_t* ids_;
    Index index_;
    std::vector<Expansion> expansions_;
    std::vector<uint8_t> called_;
    std::vector<Outside> outside_;
};

RecordVerdict check(const Node* nodes, const uint32_t* offsets, const uint8_t* is_root, uint32_t n, bool open, uint64_t* ids) {
    Checker checker(nodes, offsets, n, open, ids);
    for (uint32_t i = 0; i < n; i++) {
        if (offsets[i + 1] < offsets[i]) return refuse(RecordError::bad_count, i);
        const RecordVerdict verdict = checker.check(i);
        if (verdict.error != RecordError::none) return verdict;
    }
    return checker.check_whole(is_root);
}

RecordVerdict check_envelope(const unsigned char* in, size_t bytes, Header* header) noexcept {
    if (bytes < RECORD_HEADER_BYTES + RECORD_CHECKSUM_BYTES) return refuse(RecordError::truncated);
    std::memcpy(header, in, sizeof *header);
    if (header->magic != RECORD_MAGIC) return refuse(RecordError::bad_magic);
    if (header->version != RECORD_VERSION) return refuse(RecordError::unsupported_version);
    uint64_t checksum;
    std::memcpy(&checksum, in + bytes - RECORD_CHECKSUM_BYTES, sizeof checksum);
    if (checksum != content_hash(in, bytes - RECORD_CHECKSUM_BYTES)) return refuse(RecordError::bad_checksum);
    if (header->flags != 0) return refuse(RecordError::bad_flags);
    const size_t body = bytes - RECORD_HEADER_BYTES - RECORD_CHECKSUM_BYTES;
    if (header->n_organisms > body / SMALLEST_ORGANISM || header->n_nodes > body) return refuse(RecordError::bad_count);
    return {};
}

// Reads the organism that starts at *at into out, whose nodes and offsets have their final capacity.
RecordVerdict read_organism(const unsigned char* in, size_t end, size_t* at, uint32_t i, const Header& header, Bundle* out) noexcept {
    if (end - *at < ORGANISM_HEADER_BYTES) return refuse(RecordError::truncated, i);
    uint16_t n;
    std::memcpy(&n, in + *at, sizeof n);
    const uint8_t flags = in[*at + 2];
    *at += ORGANISM_HEADER_BYTES;
    if (flags & ~ORGANISM_IS_ROOT) return refuse(RecordError::bad_flags, i);
    const uint32_t first = out->offsets[i];
    if (n > header.n_nodes - first) return refuse(RecordError::bad_count, i);
    size_t used;
    const GenomeError error = decode_nodes(in + *at, end - *at, n, out->nodes.data() + first, &used);
    if (used == SIZE_MAX) return refuse(RecordError::truncated, i);
    if (error != GenomeError::none) return refuse(RecordError::malformed_organism, i, error);
    *at += used;
    out->is_root[i] = flags;
    out->offsets[i + 1] = first + n;
    return {};
}

RecordVerdict decode(const unsigned char* in, size_t bytes, bool open, Bundle* out) {
    Header header;
    RecordVerdict verdict = check_envelope(in, bytes, &header);
    if (verdict.error != RecordError::none) return verdict;
    const uint32_t n = header.n_organisms;
    out->nodes.resize(header.n_nodes);
    out->offsets.assign(n + size_t{1}, 0);
    out->is_root.assign(n, 0);
    out->ids.assign(n, 0);
    size_t at = RECORD_HEADER_BYTES;
    for (uint32_t i = 0; i < n; i++) {
        verdict = read_organism(in, bytes - RECORD_CHECKSUM_BYTES, &at, i, header, out);
        if (verdict.error != RecordError::none) return verdict;
    }
    if (at != bytes - RECORD_CHECKSUM_BYTES) return refuse(RecordError::trailing_bytes, n);
    if (out->offsets[n] != header.n_nodes) return refuse(RecordError::bad_count, n);
    return check(out->nodes.data(), out->offsets.data(), out->is_root.data(), n, open, out->ids.data());
}

RecordVerdict encode(const Node* nodes, const uint32_t* offsets, const uint8_t* is_root, uint32_t n, bool open,
                     std::vector<unsigned char>* out) {
    std::vector<uint64_t> ids(n);
    const RecordVerdict verdict = check(nodes, offsets, is_root, n, open, ids.data());
    if (verdict.error != RecordError::none) return verdict;
    const uint32_t first = offsets[0], n_nodes = offsets[n] - first;
    out->resize(RECORD_HEADER_BYTES + n * ORGANISM_HEADER_BYTES + encoded_bytes(nodes + first, n_nodes) + RECORD_CHECKSUM_BYTES);
    const Header header{RECORD_MAGIC, RECORD_VERSION, 0, n, n_nodes};
    std::memcpy(out->data(), &header, sizeof header);
    unsigned char* p = out->data() + RECORD_HEADER_BYTES;
    for (uint32_t i = 0; i < n; i++) {
        const auto length = static_cast<uint16_t>(offsets[i + 1] - offsets[i]);
        std::memcpy(p, &length, sizeof length);
        p[2] = is_root[i] ? ORGANISM_IS_ROOT : uint8_t{0};
        p += ORGANISM_HEADER_BYTES;
        p += encode_nodes(nodes + offsets[i], length, p);
    }
    const uint64_t checksum = content_hash(out->data(), out->size() - RECORD_CHECKSUM_BYTES);
    std::memcpy(p, &checksum, sizeof checksum);
    return {};
}

}  // namespace

RecordVerdict check_bundle(const Node* nodes, const uint32_t* offsets, const uint8_t* is_root, uint32_t n, bool open,
                           uint64_t* ids) noexcept {
    try {
        return check(nodes, offsets, is_root, n, open, ids);
    } catch (const std::bad_alloc&) {
        return refuse(RecordError::no_memory);
    }
}

RecordVerdict encode_bundle(const Node* nodes, const uint32_t* offsets, const uint8_t* is_root, uint32_t n, bool open,
                            std::vector<unsigned char>* out) noexcept {
    try {
        return encode(nodes, offsets, is_root, n, open, out);
    } catch (const std::bad_alloc&) {
        return refuse(RecordError::no_memory);
    }
}

RecordVerdict decode_bundle(const unsigned char* in, size_t bytes, bool open, Bundle* out) noexcept {
    try {
        return decode(in, bytes, open, out);
    } catch (const std::bad_alloc&) {
        return refuse(RecordError::no_memory);
    }
}

}  // namespace vgp
