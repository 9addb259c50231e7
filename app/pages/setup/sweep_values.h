#pragma once

#include "core/base/json.h"
#include "core/run/recipe.h"

#include <QString>

#include <string>
#include <vector>

/// What can vary from run to run, and its values as a person types them.
namespace lacuna {

struct SweepKey {
    std::string path; ///< as a recipe's "sweep" names it: "training.learning_rate"
    QString title;
};

/// What is sensible to vary in \p recipe, the parameters of its method included.
[[nodiscard]] std::vector<SweepKey> sweepKeys(const Recipe& recipe);

/// The list that \p text says: values between commas, each as JSON or else as a word; methods by
/// their ids. Empty for a text without any.
[[nodiscard]] Json readSweepValues(const std::string& path, const QString& text);
/// What readSweepValues() reads as \p values.
[[nodiscard]] QString sweepValuesText(const Json& values);

/// Whether \p recipe can be read with each of \p values at \p path, one at a time.
[[nodiscard]] Status checkSweepValues(const Recipe& recipe, const std::string& path,
                                      const Json& values);

} // namespace lacuna
