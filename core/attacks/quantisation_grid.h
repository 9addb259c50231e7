#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

/// Weights on a coarser grid, as a quantised file would hold them, and back: fake quantisation.
namespace lacuna {

/// What a matrix becomes.
struct Quantised {
    at::Tensor codes;  ///< [out, in] int8, which step of the grid each weight takes
    at::Tensor values; ///< [out, in], those steps times their group's scale
};

/// "int8", "int4" and "nf4".
[[nodiscard]] std::vector<std::string> quantisationFormats();

/// Rounds each group of \p group neighbours of a row, the last one perhaps shorter, to the nearest
/// step of a grid that ends at the group's largest magnitude. Ties go to the even step. int8 has
/// the steps -127 to 127, int4 -7 to 7; nf4 the 16 quantiles of a normal distribution, in groups
/// of 64 whatever \p group says.
///
/// \param weights  [out, in], float32 or float64: groups run along what is multiplied and summed
/// \param format   one of quantisationFormats()
/// \param group    > 0
/// Source: round to nearest, absmax, as in Dettmers et al. 2022, arXiv:2208.07339; nf4: Dettmers et
/// al. 2023, arXiv:2305.14314, appendix E
[[nodiscard]] Quantised quantised(const at::Tensor& weights, const std::string& format,
                                  std::int64_t group);

} // namespace lacuna
