// A genome as two lists of column operations: forward, and back from its value to its constants (reverse mode, Linnainmaa 1970).
//
// What no parameter is part of is computed once and kept; the rest runs window by window, all its values held until the sweep back.
// Parameters are those constants on which the fit depends:
//   - one of each subtree of constants: it has but one degree of freedom;
//   - none that linear scaling can stand in for, c + f or c * f at the root;
//   - none under a comparison or the condition of an if, where derivatives are 0, and none in the arguments of a call.
#pragma once
#include <cstdint>
#include <vector>

#include "genome.hpp"
#include "gradients.hpp"
#include "kernels.hpp"
#include "rows.hpp"

namespace vgp {

// Gives the values of a subtree that calls others on the whole table, valid until the next call; nullptr: it cannot.
class CallSource {
public:
    virtual const unsigned char* values_of(const Node* subtree, uint32_t n) noexcept = 0;

protected:
    ~CallSource() = default;
};

inline constexpr uint32_t MAX_PARAMETERS = 64;  // of one organism; the constants beyond stay as they are

class Tape {
public:
    Tape(const Kernels& kernels, const DataView& view, uint64_t stride) noexcept : kernels_(kernels), view_(view), stride_(stride) {}
    ~Tape();
    Tape(const Tape&) = delete;
    Tape& operator=(const Tape&) = delete;

    // Finds the parameters of a valid genome; how many. May throw bad_alloc, as may record().
    uint32_t choose_parameters(const Node* nodes, uint32_t n, bool linear_scaling);
    // Takes the genome apart whose parameters were chosen. Its callees are held. False: it is too large for this many rows.
    bool record(const Node* nodes, uint32_t n, const Rows& rows, CallSource& calls);
    // Indices of the nodes that are parameters.
    const std::vector<uint32_t>& parameters() const noexcept { return parameters_; }
    uint64_t window_bytes() const noexcept { return window_; }   // a multiple of 64
    uint32_t operations() const noexcept { return static_cast<uint32_t>(body_.size()); }
    uint32_t operations_back() const noexcept { return static_cast<uint32_t>(back_.size()); }

    void set(uint32_t parameter, double value) noexcept;
    // The values on the bytes [begin, end) of every column, one window at most, into values().
    void forward(uint64_t begin, uint64_t end) noexcept;
    // Derivatives on the window that forward() was at last, times `seed`. column(k) is that by parameter k: not all of them move.
    void reverse(uint64_t begin, uint64_t end, double seed) noexcept;
    Input column(uint32_t parameter) const noexcept { return input(adjoint_[parameters_[parameter]], 0); }
    const unsigned char* values() const noexcept { return values_; }
    // Columns of one window for the caller's use: SPARE of them.
    static constexpr uint32_t SPARE = 6;
    unsigned char* spare(uint32_t k) const noexcept { return spare_ + k * window_; }
    Input one() const noexcept { return input({Where::scalar, ONE}, 0); }

private:
    enum class Where : uint8_t { scalar, slot, temporary, adjoint, column, table };  // all but the last two are of one window
    static constexpr uint32_t N_PLACES = 6, SEED = 0, ONE = 1, ZERO = 2, FIRST_SCALAR = 3;
    struct Cell {
        Where where;
        uint32_t index;
    };
    struct Operation {
        ForwardKernel kernel;
        Cell out, in[3];
    };
    struct Return {
        ReverseKernel kernel;
        Cell out, g, value, in[3];
    };

    void look_down(const Node* nodes, uint32_t n, bool linear_scaling);
    void choose_of_constants(const Node* nodes, uint32_t end);
    void emit(const Node* nodes, uint32_t n, const Rows& rows);
    void emit_back(const Node* nodes, uint32_t n);
    Cell leaf(const Node& node, const Rows& rows);
    bool lay_out(const Node* nodes, uint32_t n, const Rows& rows, CallSource& calls);
    void place(Where where, unsigned char* base, uint64_t pitch) noexcept { base_[static_cast<int>(where)] = base, pitch_[static_cast<int>(where)] = pitch; }
    unsigned char* address(const Cell& cell, uint64_t row) const noexcept;
    Input input(const Cell& cell, uint64_t row) const noexcept;
    void run(const std::vector<Operation>& operations, uint64_t begin, uint64_t end) noexcept;

    const Kernels& kernels_;
    const DataView& view_;
    const uint64_t stride_;
    std::vector<Operation> prelude_, body_;
    std::vector<Return> back_;
    std::vector<uint32_t> parameters_;
    std::vector<uint8_t> reached_, chosen_, active_, under_active_, constant_;
    std::vector<Cell> cell_, adjoint_;       // by node
    std::vector<uint32_t> stack_, operands_; // operands_[3 * i + k]: root of operand k of node i
    std::vector<double> scalars_;
    std::vector<uint32_t> calls_, variables_;  // nodes that are calls, with the columns behind n_kept_; columns of the table copied
    uint32_t n_slots_ = 0, n_temporaries_ = 0, n_adjoints_ = 0, n_columns_ = 0;
    unsigned char* arena_ = nullptr;
    uint64_t arena_bytes_ = 0, window_ = 0;
    unsigned char *values_ = nullptr, *spare_ = nullptr;
    unsigned char* base_[N_PLACES] = {};
    uint64_t pitch_[N_PLACES] = {};
};

}  // namespace vgp
