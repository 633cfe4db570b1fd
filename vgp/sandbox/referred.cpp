#include "referred.hpp"

namespace vgp {

void Referred::clear() noexcept { ids_.clear(); }

void Referred::add(const Node* nodes, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (nodes[i].op == static_cast<uint8_t>(Opcode::reference)) ids_.emplace(nodes[i].reference, false);
}

bool Referred::denied(uint64_t id) const noexcept {
    const auto found = ids_.find(id);
    return found != ids_.end() && found->second;
}

void Referred::deny(uint64_t id) noexcept {
    const auto found = ids_.find(id);
    if (found != ids_.end()) found->second = true;
}

}  // namespace vgp
