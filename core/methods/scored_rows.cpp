#include "core/methods/scored_rows.h"

namespace lacuna {

ScoredRows scoredRows(const std::vector<const ScoredSample*>& samples, at::Device device)
{
    std::vector<std::vector<std::int64_t>> sequences;
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> targets;
    std::vector<std::int64_t> owners;
    std::vector<std::int64_t> visibleKeys;
    std::int64_t start = 0;
    for (const ScoredSample* sample : samples) {
        for (std::size_t t = 1; t < sample->ids.size(); ++t) {
            if (!sample->scored[t])
                continue;
            rows.push_back(start + static_cast<std::int64_t>(t) - 1);
            targets.push_back(sample->ids[t]);
            owners.push_back(static_cast<std::int64_t>(sequences.size()));
        }
        const auto length = static_cast<std::int64_t>(sample->ids.size());
        start += length;
        sequences.push_back(sample->ids);
        visibleKeys.push_back(sample->visibleKeys > 0 ? sample->visibleKeys : length);
    }
    return {.packed = packSequences(sequences, device, visibleKeys),
            .predicting = torch::tensor(rows, at::kLong).to(device),
            .targets = torch::tensor(targets, at::kLong).to(device),
            .owners = torch::tensor(owners, at::kLong)};
}

} // namespace lacuna
