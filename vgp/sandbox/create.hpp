// The two ways to execute organisms, as the rest of the program sees them.
#pragma once
#include "executor.hpp"
#include "remote.hpp"

namespace vgp {

// nullptr and a line in `error` on failure; the caller deletes what it gets.
Executor* create_sandboxed(const SandboxSettings& settings, char* error, size_t error_bytes) noexcept;
Executor* create_in_process(const char* data_path, const EvaluatorSettings& settings, char* error, size_t error_bytes) noexcept;

}  // namespace vgp
