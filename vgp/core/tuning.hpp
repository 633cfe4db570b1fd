// Constants by Levenberg-Marquardt (Levenberg 1944, Marquardt 1963) on derivatives that are exact.
//
// Intercept and slope are eliminated, not searched (variable projection, Golub and Pereyra 1973, in Kaufman's form of 1975): for
// every trial they are those that evaluate() fits, and what they can do is projected out of the Jacobian. Other losses than the
// squared one are fitted by reweighting: each row gets the weight that makes its squared residual touch the loss (IRLS; Newton's
// weights for logistic). There the line of evaluate() is still that of least squares, and the derivative takes its turning along.
#pragma once
#include <vector>

#include "tape.hpp"

namespace vgp {

class Tuner {
public:
    Tuner(const Kernels& kernels, const DataView& view, uint64_t stride) noexcept
        : kernels_(kernels), view_(view), tape_(kernels, view, stride) {}

    struct Outcome {
        uint32_t trials = 0;
        bool moved = false;         // some constant is another one now, and the loss on the chosen rows is lower
        uint64_t operations = 0;    // on columns, times rows
    };
    // Moves constants of a valid genome that is finite on the table.
    Outcome tune(Node* nodes, uint32_t n, const LossSettings& loss, const TuneSettings& settings, CallSource& calls) noexcept;
    // Standard errors of n_constants constants, slope and intercept. False: no memory.
    bool errors(const Node* nodes, uint32_t n, const LossSettings& loss, CallSource& calls, double* errors) noexcept;

private:
    struct Fit {
        double loss = 0, slope = 1, intercept = 0;
    };
    struct System {   // of the parameters, after projection
        std::vector<double> hessian, gradient, raw;   // raw: squares of the columns before projection
        double squares = 0;                           // sum of omega r^2
    };

    Outcome search(Node* nodes, uint32_t n, const LossSettings& loss, const TuneSettings& settings, CallSource& calls);
    void standard_errors(const Node* nodes, uint32_t n, const LossSettings& loss, CallSource& calls, double* errors);
    // False: nothing to tune, unless `even_without` parameters; or it cannot be done.
    bool start(const Node* nodes, uint32_t n, const LossSettings& loss, uint32_t rows, CallSource& calls, bool even_without);
    Fit fit(const std::vector<double>& constants, const LossSettings& loss) noexcept;
    void sum_up(const Fit& fit, const LossSettings& loss);
    void project(const LossSettings& loss);
    bool solve(double damping);
    // As evaluation rounds it: the digits beyond would only make the genome longer to write.
    double rounded(double x) const noexcept { return view_.element_bytes == 4 ? static_cast<double>(static_cast<float>(x)) : x; }
    double rounding_floor(const LossSettings& loss) const noexcept;
    double loss_of(double squares, const LossSettings& loss) const noexcept;
    double at(uint32_t i, uint32_t j) const noexcept { return i < j ? gram_[i * m_ + j] : gram_[j * m_ + i]; }

    const Kernels& kernels_;
    const DataView& view_;
    Rows rows_;
    Tape tape_;
    uint32_t k_ = 0, m_ = 0, first_ = 0;   // parameters; columns of the sums; index of the first parameter's column
    std::vector<double> gram_, step_, factor_;
    std::vector<Input> columns_;
    std::vector<double> one_, turn_;       // of each parameter: how much of 1 and of p is projected out
    System system_;
    uint64_t operations_ = 0;
};

}  // namespace vgp
