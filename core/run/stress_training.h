#pragma once

#include "core/attacks/attack.h"
#include "core/models/config.h"
#include "core/models/weight_files.h"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace lacuna {

struct Session;

/// What attacks borrow from the room that trains: steps of AdamW on likelihood, without decay,
/// gradients clipped to length 1.
/// \param session  outlives what is handed out
[[nodiscard]] std::function<LearnStep(double learningRate)> learnerOf(Session& session);

/// The matrices of a model folder, read when they are asked for.
class OriginalWeights {
public:
    /// \return nothing for an adapter, whose weights are its base's, and for a folder that does not
    ///         hold the weights that \p config has
    [[nodiscard]] static std::optional<OriginalWeights> open(const std::filesystem::path& folder,
                                                             const DecoderConfig& config);

    /// In the master's type; undefined where the folder has none.
    [[nodiscard]] at::Tensor of(const Parameter& parameter) const;

private:
    explicit OriginalWeights(WeightFiles files) : m_files(std::move(files)) {}

    WeightFiles m_files;
    std::map<std::string, const TensorEntry*> m_entries;
};

} // namespace lacuna
