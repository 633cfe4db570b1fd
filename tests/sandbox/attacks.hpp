// The seam through which a test build of the worker (-DVGP_ATTACKS) is attacked from inside.
// A genome that holds a constant with the payload 0x7EADBEEF'0000'0000 + k makes the evaluator perform attack k on its turn.
#pragma once
#include "area.hpp"
#include "lockdown.hpp"

namespace vgp {

// "...-without-seccomp": leave out that step; "-without-all": every step; "-without-call-mmap": that system call's policy rows.
void read_omissions(const char* program, LockdownSettings* settings) noexcept;

// Performs the attacks that it meets, passes everything else on.
Evaluator* make_attackable(Evaluator* evaluator, const Area& area) noexcept;

// One "number name" per line.
void list_attacks() noexcept;

}  // namespace vgp
