#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace lacuna::functions {

/// body(x), of which only x is kept: backward computes the body again for what it needs (Chen et
/// al. 2016, "Training Deep Nets with Sublinear Memory Cost"). One more forward pass in time.
/// \param leaf  requires a gradient when anything inside of \p body does
/// \param body  made of functions.h, and the same each time; whatever it refers to lives until
///        backward has run
[[nodiscard]] at::Tensor recomputed(const at::Tensor& x, const at::Tensor& leaf,
                                    std::function<at::Tensor(const at::Tensor&)> body);

} // namespace lacuna::functions
