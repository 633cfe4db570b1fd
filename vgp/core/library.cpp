#include "library.hpp"

#include <cstdlib>
#include <cstring>

namespace vgp {
namespace {

inline constexpr uint64_t SATURATED = uint64_t{1} << 40;      // far above every limit, far below overflow of sums
inline constexpr uint64_t NODES_LIMIT = (64u << 20) / sizeof(Node);   // held from batch to batch: 64 MB
inline constexpr uint64_t NODES_HARD_LIMIT = 4 * NODES_LIMIT;         // held within one batch
inline constexpr uint32_t STALE = 64;                         // batches: what nobody called for so long is let go, columns and all

uint64_t clamp(uint64_t x) noexcept { return x < SATURATED ? x : SATURATED; }
uint64_t times(uint64_t a, uint64_t b) noexcept { return a != 0 && b > SATURATED / a ? SATURATED : a * b; }

uint32_t spread(uint64_t id, uint32_t n_slots) noexcept {
    return static_cast<uint32_t>((id * 0x9e3779b97f4a7c15ull) >> 32) & (n_slots - 1);
}

// Size of a subtree written out, as a linear form in the sizes of the enclosing organism's arguments.
struct Form {
    uint64_t base, uses[MAX_ARGUMENTS];
    void add(const Form& other, uint64_t factor) noexcept {
        base = clamp(base + times(other.base, factor));
        for (uint32_t k = 0; k < MAX_ARGUMENTS; k++) uses[k] = clamp(uses[k] + times(other.uses[k], factor));
    }
};

}  // namespace

Library::Library(uint64_t column_bytes, uint64_t cache_bytes, uint32_t n_variables) noexcept
    : column_bytes_(column_bytes), columns_limit_(cache_bytes / column_bytes), nodes_limit_(NODES_LIMIT), n_variables_(n_variables) {}

Library::~Library() {
    sweep([](const Organism&) { return true; });
    std::free(slots_);
}

void Library::begin() noexcept {
    const uint32_t last = batch_++;
    sweep([](const Organism& o) { return !o.nodes; });
    if (batch_ % STALE == 0) sweep([last](const Organism& o) { return last - o.batch >= STALE; });
    if (held_nodes_ > nodes_limit_) sweep([last](const Organism& o) { return o.batch != last; });
    if (held_nodes_ > nodes_limit_) sweep([](const Organism&) { return true; });
    new_round();
}

bool Library::supply(uint64_t id, const Node* nodes, uint32_t n) noexcept {
    const GenomeLimits limits{MAX_NODES, MAX_DEPTH, n_variables_};
    if (validate(nodes, n, limits) != GenomeError::none) return deny(id), true;
    Organism* organism = insert(id);
    if (!organism) return false;
    if (organism->nodes) return true;
    if (held_nodes_ + n <= NODES_HARD_LIMIT) organism->nodes = static_cast<Node*>(std::malloc(n * sizeof(Node)));
    organism->refused = !organism->nodes;
    if (organism->refused) return false;
    std::memcpy(organism->nodes, nodes, n * sizeof(Node));
    organism->n = n;
    held_nodes_ += n;
    return true;
}

void Library::deny(uint64_t id) noexcept { insert(id); }

Organism* Library::find(uint64_t id) noexcept {
    if (n_slots_ == 0) return nullptr;
    for (uint32_t i = spread(id, n_slots_); slots_[i]; i = (i + 1) & (n_slots_ - 1))
        if (slots_[i]->id == id) return slots_[i];
    return nullptr;
}

Organism* Library::insert(uint64_t id) noexcept {
    if (Organism* held = find(id)) return held;
    if (2 * (n_organisms_ + 1) > n_slots_ && !grow()) return nullptr;
    auto* organism = static_cast<Organism*>(std::calloc(1, sizeof(Organism)));
    if (!organism) return nullptr;
    organism->id = id;
    organism->batch = batch_;
    uint32_t i = spread(id, n_slots_);
    while (slots_[i]) i = (i + 1) & (n_slots_ - 1);
    slots_[i] = organism;
    n_organisms_++;
    return organism;
}

bool Library::grow() noexcept {
    const uint32_t n = n_slots_ ? 2 * n_slots_ : 1024;
    auto** slots = static_cast<Organism**>(std::calloc(n, sizeof(Organism*)));
    if (!slots) return false;
    for (uint32_t k = 0; k < n_slots_; k++) {
        if (!slots_[k]) continue;
        uint32_t i = spread(slots_[k]->id, n);
        while (slots[i]) i = (i + 1) & (n - 1);
        slots[i] = slots_[k];
    }
    std::free(slots_);
    slots_ = slots, n_slots_ = n;
    return true;
}

void Library::remove(Organism* organism) noexcept {
    if (organism->column) drop_column(organism);
    held_nodes_ -= organism->n;
    std::free(organism->nodes);
    std::free(organism);
}

// Removes the condemned. What others know of them must be found out again: a new generation.
template <class Condemned>
void Library::sweep(Condemned condemned) noexcept {
    Organism** old = slots_;
    const uint32_t n_old = n_slots_;
    bool any = false;
    for (uint32_t k = 0; k < n_old && !any; k++) any = old[k] && condemned(*old[k]);
    if (!any) return;
    generation_++;
    auto** kept = old;  // compacted in place, then hashed again
    uint32_t n_kept = 0;
    for (uint32_t k = 0; k < n_old; k++) {
        Organism* organism = old[k];
        old[k] = nullptr;
        if (!organism) continue;
        if (condemned(*organism)) remove(organism);
        else kept[n_kept++] = organism;
    }
    n_organisms_ = n_kept;
    slots_ = nullptr, n_slots_ = 0;
    while (n_slots_ < n_old)
        if (!grow()) break;
    if (n_slots_ < n_old) {  // no memory even for that: start empty
        for (uint32_t k = 0; k < n_kept; k++) remove(kept[k]);
        n_organisms_ = 0, n_kept = 0;
    }
    for (uint32_t k = 0; k < n_kept; k++) {
        uint32_t i = spread(kept[k]->id, n_slots_);
        while (slots_[i]) i = (i + 1) & (n_slots_ - 1);
        slots_[i] = kept[k];
    }
    std::free(old);
}

Status Library::resolve(const Node* nodes, uint32_t n, Extent* extent, uint64_t* detail, Wanted* wanted) noexcept {
    const Status status = visit(nodes, n, 0, extent, detail, wanted);
    if (status != Status::ok) return status;
    uint64_t size = extent->base;
    for (const uint64_t uses : extent->uses) size += uses;
    return size > MAX_EXPANDED || extent->work > MAX_EXPANDED ? Status::work_limit : Status::ok;
}

Status Library::visit(const Node* nodes, uint32_t n, uint32_t level, Extent* extent, uint64_t* detail, Wanted* wanted) noexcept {
    bool pending = false;
    *extent = Extent{};
    extent->work = n;
    for (uint32_t i = 0; i < n; i++) {
        const Node& node = nodes[i];
        if (node.op != static_cast<uint8_t>(Opcode::reference)) continue;
        const Organism* callee = nullptr;
        const Status status = visit_callee(node.reference, level + 1, &callee, detail, wanted);
        if (status == Status::pending) pending = true;
        else if (status != Status::ok && !pending) return status;
        if (status != Status::ok) continue;
        extent->work = clamp(extent->work + callee->extent.work);
        if (callee->extent.depth + 1 > extent->depth) extent->depth = callee->extent.depth + 1;
    }
    if (pending) return Status::pending;

    Form stack[2 * MAX_DEPTH + 2];  // forms of the subtrees still open: at most two per level below an arity of three
    uint32_t top = 0;
    for (uint32_t i = 0; i < n; i++) {
        const Node& node = nodes[i];
        Form form{1, {}};
        if (node.op == static_cast<uint8_t>(Opcode::variable) && node.variable < MAX_ARGUMENTS) form = {0, {}}, form.uses[node.variable] = 1;
        top -= node.arity;
        if (node.op == static_cast<uint8_t>(Opcode::reference)) {
            const Extent& callee = find(node.reference)->extent;
            form = {callee.base, {}};
            for (uint32_t k = 0; k < MAX_ARGUMENTS; k++)
                form.add(k < node.arity ? stack[top + k] : Form{1, {}}, callee.uses[k]);
        } else {
            for (uint32_t k = 0; k < node.arity; k++) form.add(stack[top + k], 1);
        }
        stack[top++] = form;
    }
    extent->base = stack[0].base;
    for (uint32_t k = 0; k < MAX_ARGUMENTS; k++) extent->uses[k] = stack[0].uses[k];
    return Status::ok;
}

Status Library::visit_callee(uint64_t id, uint32_t level, const Organism** callee, uint64_t* detail, Wanted* wanted) noexcept {
    if (level > MAX_REFERENCE_DEPTH) return Status::reference_depth;
    Organism* organism = find(id);
    if (!organism) {
        for (uint32_t i = 0; i < wanted->n; i++)
            if (wanted->ids[i] == id) return Status::pending;
        if (wanted->n < wanted->limit) wanted->ids[wanted->n++] = id;
        return Status::pending;
    }
    organism->batch = batch_;
    if (organism->refused) return Status::no_memory;
    if (!organism->nodes) return *detail = id, Status::missing_reference;
    if (organism->visiting) return Status::reference_depth;
    if (organism->resolved != generation_) {
        if (organism->pending_round == round_) return Status::pending;
        organism->visiting = true;
        const Status status = visit(organism->nodes, organism->n, level, &organism->extent, detail, wanted);
        organism->visiting = false;
        if (status == Status::pending) organism->pending_round = round_;
        if (status != Status::ok) return status;
        organism->resolved = generation_;
    }
    if (level + organism->extent.depth > MAX_REFERENCE_DEPTH) return Status::reference_depth;
    *callee = organism;
    return Status::ok;
}

bool Library::take_column(Organism* organism, uint64_t group) noexcept {
    if (organism->column) return true;
    if (columns_ < columns_limit_) {
        organism->column = static_cast<unsigned char*>(std::aligned_alloc(64, column_bytes_));
        if (!organism->column) return false;
        columns_++;
    } else {
        Organism* victim = oldest_;
        if (!victim || victim->pinned == group) return false;
        unlink(victim);
        organism->column = victim->column;
        victim->column = nullptr;
    }
    link(organism);
    organism->pinned = group;
    return true;
}

void Library::use_column(Organism* organism, uint64_t group) noexcept {
    organism->pinned = group;
    if (newest_ == organism) return;
    unlink(organism);
    link(organism);
}

void Library::drop_column(Organism* organism) noexcept {
    unlink(organism);
    std::free(organism->column);
    organism->column = nullptr;
    columns_--;
}

void Library::link(Organism* organism) noexcept {
    organism->newer = nullptr, organism->older = newest_;
    if (newest_) newest_->newer = organism;
    newest_ = organism;
    if (!oldest_) oldest_ = organism;
}

void Library::unlink(Organism* organism) noexcept {
    (organism->newer ? organism->newer->older : newest_) = organism->older;
    (organism->older ? organism->older->newer : oldest_) = organism->newer;
}

}  // namespace vgp
