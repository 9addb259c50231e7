#pragma once

#include "core/models/parameter.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>

namespace lacuna {

/// Chooses which entries of the trained parameters may move. What is masked keeps its value to the
/// bit: neither momentum nor weight decay reaches it. Owned by the run thread.
class UpdateMask {
public:
    virtual ~UpdateMask() = default;

    /// Called once, when the gradients hold those of the mean forget loss over the whole corpus at
    /// the start model; only for a mask whose entry asks for them.
    virtual void start(const std::deque<Parameter>& /*parameters*/) {}
    /// Called before each update, when the gradients are the step's.
    virtual void look(const std::deque<Parameter>& /*parameters*/) {}
    /// What of \p parameter may move now: bool, of a shape that broadcasts to the parameter's;
    /// undefined: all of it.
    [[nodiscard]] virtual at::Tensor of(const Parameter& parameter) const = 0;
};

/// The \p count-th largest absolute value among all entries of \p tensors, which are float32 or
/// float64 and are compared in float32; \p count is cut to [1, number of entries]. Exact, and takes
/// no copy of them.
[[nodiscard]] float largestAbsolute(const std::vector<at::Tensor>& tensors, std::int64_t count);

} // namespace lacuna
