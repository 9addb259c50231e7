#pragma once

#include <string_view>

namespace lacuna {

/// Before the names of the sets that a reference model was measured on.
constexpr std::string_view kReferencePrefix = "reference-";
/// The same of the model before unlearning, where another one is measured beside it.
constexpr std::string_view kOriginalPrefix = "original-";

} // namespace lacuna
