#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace lacuna {

/// A model on the way of a run, and what it is judged by.
struct BestModel {
    std::int64_t step = 0;
    double forgetNll = 0; ///< nats a token; the greater, the more is forgotten
    double retainNll = 0; ///< nats a token; the less, the more is kept
};

/// Models of a run's evaluated steps that no other one beats in both forgetting and retaining, in
/// folders "step-000040" (unlearning reference 2.30). Where there are more than asked for, those
/// are kept that lie far apart.
class BestModels {
public:
    /// Takes in what an interrupted run has left there, and removes what it left unfinished.
    /// \param keep  how many at most, at least 3: the ends of the front always stay
    BestModels(std::filesystem::path folder, std::int64_t keep);

    /// Saves a model through \p save when it belongs to the best.
    /// \return folders that do not belong to them any more; they are gone
    [[nodiscard]] Result<std::vector<std::filesystem::path>>
    offer(const BestModel& model, const std::function<Status(const std::filesystem::path&)>& save);
    /// Removes those of later steps: a run that goes back makes them again. What was given up for
    /// one of them does not come back.
    /// \return their folders
    [[nodiscard]] std::vector<std::filesystem::path> truncateAfter(std::int64_t step);

    [[nodiscard]] const std::vector<BestModel>& models() const { return m_models; }
    [[nodiscard]] std::filesystem::path folderOf(std::int64_t step) const;

private:
    std::filesystem::path m_folder;
    std::size_t m_keep;
    std::vector<BestModel> m_models; ///< from the least forgetting to the most
};

/// Of \p front, three at least from the least forgetting to the most, the position of the one whose
/// neighbours are nearest to each other; never an end.
[[nodiscard]] std::size_t mostCrowded(const std::vector<BestModel>& front);

} // namespace lacuna
