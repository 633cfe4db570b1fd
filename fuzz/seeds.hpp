// Records to start from: random organisms that call each other, encoded; some of them with a lie that only the last checks can see.
#pragma once
#include <vector>

#include "rng.hpp"

namespace vgp::fuzz {
std::vector<unsigned char> random_record(Rng& rng);
}  // namespace vgp::fuzz
