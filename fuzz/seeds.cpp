#include "seeds.hpp"

#include <cstring>
#include <utility>

#include "hash.hpp"
#include "record.hpp"

namespace vgp::fuzz {
namespace {

constexpr uint8_t CONSTANT = static_cast<uint8_t>(Opcode::constant);
constexpr uint8_t VARIABLE = static_cast<uint8_t>(Opcode::variable);
constexpr uint8_t REFERENCE = static_cast<uint8_t>(Opcode::reference);

Node make(uint8_t op, uint8_t arity, uint64_t payload = 0) { return Node{op, arity, 0, {.payload = payload}}; }

Node terminal(Rng& rng) {
    if (rng_below(rng, 2)) return make(VARIABLE, 0, rng_below(rng, 8));
    Node node = make(CONSTANT, 0);
    node.value = rng_normal(rng);
    return node;
}

// A function, or a call of an organism made before.
Node inner(Rng& rng, const std::vector<uint64_t>& ids) {
    if (!ids.empty() && rng_below(rng, 3) == 0)
        return make(REFERENCE, static_cast<uint8_t>(rng_below(rng, MAX_ARGUMENTS + 1)), ids[rng_below(rng, static_cast<uint32_t>(ids.size()))]);
    for (;;) {
        const auto op = static_cast<uint8_t>(rng_below(rng, 64));
        const uint8_t arity = opcode_arity(op);
        if (arity >= 1 && arity <= 3) return make(op, arity);
    }
}

// Grows in postfix: operands wait on the stack until a node takes them.
std::vector<Node> random_genome(Rng& rng, const std::vector<uint64_t>& ids) {
    std::vector<Node> nodes;
    uint32_t open = 0;
    for (uint32_t wanted = 1 + rng_below(rng, 16); nodes.size() < wanted || open != 1;) {
        const Node node = nodes.size() < wanted && rng_below(rng, 2) ? terminal(rng) : open ? inner(rng, ids) : terminal(rng);
        if (node.arity > open) continue;
        open += 1 - node.arity;
        nodes.push_back(node);
    }
    index_genome(nodes.data(), static_cast<uint32_t>(nodes.size()));
    return nodes;
}

// What encode_bundle would write if it checked nothing.
std::vector<unsigned char> assemble(const std::vector<std::vector<Node>>& family, const std::vector<uint8_t>& flags) {
    std::vector<unsigned char> out(RECORD_HEADER_BYTES);
    uint32_t n_nodes = 0;
    for (size_t i = 0; i < family.size(); i++) {
        const auto n = static_cast<uint32_t>(family[i].size());
        const size_t at = out.size();
        out.resize(at + ORGANISM_HEADER_BYTES + encoded_bytes(family[i].data(), n));
        out[at] = static_cast<unsigned char>(n), out[at + 1] = static_cast<unsigned char>(n >> 8), out[at + 2] = flags[i];
        encode_nodes(family[i].data(), n, out.data() + at + ORGANISM_HEADER_BYTES);
        n_nodes += n;
    }
    const uint32_t header[4] = {RECORD_MAGIC, RECORD_VERSION, static_cast<uint32_t>(family.size()), n_nodes};
    std::memcpy(out.data(), header, sizeof header);
    const uint64_t checksum = content_hash(out.data(), out.size());
    out.resize(out.size() + sizeof checksum);
    std::memcpy(out.data() + out.size() - sizeof checksum, &checksum, sizeof checksum);
    return out;
}

// One organism, then others that each call the one before several times: too deep, or too much, or just not.
std::vector<std::vector<Node>> tower(Rng& rng) {
    std::vector<std::vector<Node>> family{{make(VARIABLE, 0, 0)}};
    const uint32_t calls = 1 + rng_below(rng, 6);
    for (uint32_t level = 7 + rng_below(rng, 3); level > 0; level--) {
        const uint64_t id = genome_id(family.back().data(), static_cast<uint32_t>(family.back().size()));
        std::vector<Node> genome;
        for (uint32_t k = 0; k < calls; k++) {
            genome.push_back(make(VARIABLE, 0, 0));
            genome.push_back(make(REFERENCE, 1, id));
            if (k) genome.push_back(make(static_cast<uint8_t>(Opcode::add), 2));
        }
        genome.push_back(make(static_cast<uint8_t>(Opcode::sin), 1));
        index_genome(genome.data(), static_cast<uint32_t>(genome.size()));
        family.push_back(genome);
    }
    return family;
}

void tell_a_lie(Rng& rng, std::vector<std::vector<Node>>& family, std::vector<uint8_t>& flags) {
    if (family.empty()) return;
    const uint32_t i = rng_below(rng, static_cast<uint32_t>(family.size())), j = rng_below(rng, static_cast<uint32_t>(family.size()));
    switch (rng_below(rng, 4)) {
        case 0: family.push_back(family[i]), flags.push_back(1); break;
        case 1: std::swap(family[i], family[j]); break;
        case 2: family[i] = {make(REFERENCE, 0, rng_next(rng) | 1)}, family[i][0].length = 1; break;
        case 3: flags[i] = 0; break;
    }
}

}  // namespace

std::vector<unsigned char> random_record(Rng& rng) {
    std::vector<std::vector<Node>> family;
    std::vector<uint64_t> ids;
    if (rng_below(rng, 20) == 0) family = tower(rng);
    else
        for (uint32_t n = rng_below(rng, 5); n > 0; n--) {
            family.push_back(random_genome(rng, ids));
            ids.push_back(genome_id(family.back().data(), static_cast<uint32_t>(family.back().size())));
        }
    std::vector<uint8_t> flags(family.size(), ORGANISM_IS_ROOT);
    if (rng_below(rng, 4) == 0) tell_a_lie(rng, family, flags);
    return assemble(family, flags);
}

}  // namespace vgp::fuzz
