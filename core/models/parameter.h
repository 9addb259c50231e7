#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace lacuna {

/// One weight. `master` holds float32 (or float64) values and is what the optimiser moves;
/// `compute` is what products use: the master itself, or its copy in bfloat16, made once a step.
///
/// `compute` is the autograd leaf. The functions of functions.h add its gradient to `gradient`
/// themselves, in the master's type, so that bfloat16 never accumulates and autograd holds no
/// second copy.
struct Parameter {
    std::string name;
    at::Tensor master;
    at::Tensor compute;
    at::Tensor gradient; ///< undefined until the parameter is trained
    bool decayed = true;
    bool transposed = false; ///< a matrix kept [in, out]
    bool mapped = false;     ///< master is a file's memory, of the compute type: never written to
    bool ofAdapter = false;  ///< added to the model, not a weight of its own
    bool trained = false;
};

} // namespace lacuna
