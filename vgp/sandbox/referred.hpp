// The organisms that a worker may ask for during one batch: those that the batch refers to, and those that the supplied refer to.
#pragma once
#include <cstdint>
#include <unordered_map>

#include "evaluation.hpp"

namespace vgp {

class Referred {
public:
    void clear() noexcept;
    void add(const Node* nodes, uint32_t n);

    bool may_ask(uint64_t id) const noexcept { return ids_.count(id) != 0; }
    bool denied(uint64_t id) const noexcept;
    void deny(uint64_t id) noexcept;
    size_t size() const noexcept { return ids_.size(); }

private:
    std::unordered_map<uint64_t, bool> ids_;  // id -> denied
};

}  // namespace vgp
