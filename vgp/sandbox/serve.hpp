// The worker's loop: wait for a request, evaluate, answer.
#pragma once
#include "area.hpp"

namespace vgp {

// Long enough to bridge the module's work between two small batches, short enough to leave a busy machine alone.
inline constexpr uint64_t WORKER_SPIN_NANOSECONDS = 50000;

// One batch at a time. Counts and offsets are copied out of the shared memory before they are checked, so that what was
// checked is what is used.
class Server {
public:
    // nullptr: no memory
    static Server* create(const Area& area, const DataView& view, Evaluator& evaluator) noexcept;
    [[noreturn]] void serve(uint32_t spins) noexcept;

private:
    Server(const Area& area, const DataView& view, Evaluator& evaluator) noexcept : area_(area), view_(view), evaluator_(evaluator) {}
    Answer obey(Command command) noexcept;
    bool begin(Command command) noexcept;
    bool take_supply() noexcept;
    Answer advance() noexcept;
    uint32_t work(const Batch& batch, uint32_t most) noexcept;

    const Area& area_;
    const DataView& view_;
    Evaluator& evaluator_;
    uint32_t* offsets_ = nullptr;
    uint32_t* supply_offsets_ = nullptr;
    uint32_t n_ = 0;
    TuneSettings tune_{};
    Command open_ = Command::none;  // the batch that may be resumed
};

}  // namespace vgp
