#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/models/decoder.h"
#include "core/run/optimizer.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// What a run needs to continue exactly, between two steps.
struct TrainingState {
    std::int64_t step = 0; ///< steps done
    Json sampler;
    double learningRateScale = 1;
    std::vector<double> controls; ///< in the order of the session's
    double forgetNllAtStart = 0;
    std::optional<double> retainNllAtStart;
    std::optional<double> repetitionAtStart; ///< see ControlEvaluation
    std::int64_t goodStep = 0;
    bool evaluationDue = false; ///< the evaluation after `step` was cut short
    double trainingSeconds = 0; ///< of all steps, pauses left out
    std::int64_t trainedTokens = 0;
};

/// Masters of the trained parameters at the last good evaluation, by name.
using GoodWeights = std::map<std::string, at::Tensor>;

/// The folder of a run's checkpoints: "step-000120" with the masters, the optimiser's moments and
/// the last good weights in state.safetensors, the rest in state.json. A folder appears whole or
/// not at all.
class Checkpoints {
public:
    Checkpoints(std::filesystem::path folder, std::int64_t keep)
        : m_folder(std::move(folder)), m_keep(keep)
    {
    }

    /// Writes one and removes the oldest beyond those to keep.
    /// \return its folder
    [[nodiscard]] Result<std::filesystem::path> save(const TrainingState& state,
                                                     const Decoder& decoder,
                                                     const Optimizer& optimizer,
                                                     const GoodWeights& good) const;
    /// Restores the newest one that can be read; a damaged one is passed over and changes nothing.
    /// Nothing when there is none.
    [[nodiscard]] std::optional<TrainingState> restoreLatest(Decoder& decoder, Optimizer& optimizer,
                                                             GoodWeights& good) const;
    /// The step of the newest one, damaged or not.
    [[nodiscard]] std::optional<std::int64_t> latestStep() const;
    /// Removes them all: a finished run needs none.
    void clear() const;

private:
    [[nodiscard]] std::vector<std::filesystem::path> list() const; ///< oldest first
    [[nodiscard]] Result<TrainingState> restore(const std::filesystem::path& folder,
                                                Decoder& decoder, Optimizer& optimizer,
                                                GoodWeights& good) const;

    std::filesystem::path m_folder;
    std::int64_t m_keep;
};

} // namespace lacuna
