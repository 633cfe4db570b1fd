#include "serve.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "handover.hpp"

namespace vgp {
namespace {

uint32_t* new_offsets(uint32_t n) noexcept { return static_cast<uint32_t*>(std::malloc((size_t{n} + 1) * sizeof(uint32_t))); }

// The offsets of n genomes are sound if they never fall and stay within `limit` nodes.
bool copy_offsets(uint32_t* copy, const uint32_t* offsets, uint32_t n, uint32_t limit) noexcept {
    std::memcpy(copy, offsets, (size_t{n} + 1) * sizeof *copy);
    for (uint32_t i = 0; i < n; i++)
        if (copy[i] > copy[i + 1]) return false;
    return copy[n] <= limit;
}

}  // namespace

Server* Server::create(const Area& area, const DataView& view, Evaluator& evaluator) noexcept {
    auto* server = new (std::nothrow) Server(area, view, evaluator);
    if (server == nullptr) return nullptr;
    server->offsets_ = new_offsets(area.capacity.max_organisms);
    server->supply_offsets_ = new_offsets(area.capacity.max_wanted);
    return server->offsets_ != nullptr && server->supply_offsets_ != nullptr ? server : nullptr;
}

void Server::serve(uint32_t spins) noexcept {
    Control& control = *area_.control;
    uint32_t seen = 0;
    for (;;) {
        while (!spin_while(control.request, seen, spins)) futex(control.request, FUTEX_WAIT, seen, nullptr);
        seen = load_word(control.request);
        control.answer = static_cast<uint32_t>(obey(static_cast<Command>(control.command)));
        raise_word(control.response, seen);
    }
}

Answer Server::obey(Command command) noexcept {
    switch (command) {
        case Command::evaluate:
        case Command::tune:
        case Command::errors:
        case Command::outputs: return begin(command) ? advance() : Answer::refused;
        case Command::resume: return take_supply() ? advance() : Answer::refused;
        case Command::none: break;
    }
    return Answer::refused;
}

bool Server::begin(Command command) noexcept {
    open_ = Command::none;
    const Control& control = *area_.control;
    n_ = control.n_organisms;
    if (n_ > area_.capacity.max_organisms || !copy_offsets(offsets_, area_.offsets, n_, area_.capacity.max_nodes)) return false;
    const uint64_t column = view_.padded_rows * view_.element_bytes;
    if (command == Command::outputs && n_ > area_.capacity.outputs_bytes / column) return false;
    const LossSettings loss = control.loss;
    if (static_cast<uint32_t>(loss.loss) > static_cast<uint32_t>(Loss::logistic)) return false;
    tune_ = control.tune;
    if (command == Command::tune && tune_.steps > MAX_TUNING_STEPS) return false;
    for (uint32_t i = 0; i < n_; i++) area_.results[i] = {INFINITY, 1, 0, 0, 0, static_cast<uint32_t>(Status::pending), 0};
    evaluator_.begin(loss);
    open_ = command;
    return true;
}

bool Server::take_supply() noexcept {
    const uint32_t n = area_.control->n_supplied;
    if (open_ == Command::none || n > area_.capacity.max_wanted) return false;
    if (!copy_offsets(supply_offsets_, area_.supply_offsets, n, area_.capacity.max_supplied_nodes)) return false;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t first = supply_offsets_[i], length = supply_offsets_[i + 1] - first;
        if (length == 0)
            evaluator_.deny(area_.supply_ids[i]);
        else
            evaluator_.supply(area_.supply_ids[i], area_.supply_nodes + first, length);
    }
    return true;
}

uint32_t Server::work(const Batch& batch, uint32_t most) noexcept {
    volatile uint32_t* cursor = &area_.control->cursor;
    switch (open_) {
        case Command::outputs: return evaluator_.outputs(batch, area_.results, area_.outputs, area_.wanted, most, cursor);
        case Command::tune: return evaluator_.tune(batch, tune_, area_.results, area_.numbers, area_.wanted, most, cursor);
        case Command::errors: return evaluator_.errors(batch, area_.results, area_.numbers, area_.wanted, most, cursor);
        default: return evaluator_.evaluate(batch, area_.results, area_.wanted, most, cursor);
    }
}

Answer Server::advance() noexcept {
    Control& control = *area_.control;
    const Batch batch{area_.nodes, offsets_, n_};
    control.n_wanted = work(batch, area_.capacity.max_wanted);
    evaluator_.counters(&control.vector_operations, &control.node_evaluations);
    if (control.n_wanted != 0) return Answer::wanted;
    open_ = Command::none;
    return Answer::done;
}

}  // namespace vgp
