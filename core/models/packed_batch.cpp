#include "core/models/packed_batch.h"

#include <algorithm>

namespace lacuna {

std::int64_t PackedBatch::rows() const
{
    return sequences.empty() ? 0 : sequences.back().start + sequences.back().length;
}

std::int64_t PackedBatch::longest() const
{
    std::int64_t longest = 0;
    for (const Sequence& sequence : sequences)
        longest = std::max(longest, sequence.length);
    return longest;
}

PackedBatch packSequences(const std::vector<std::vector<std::int64_t>>& sequences,
                          at::Device device, const std::vector<std::int64_t>& visibleKeys)
{
    PackedBatch batch;
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> positions;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        const auto length = static_cast<std::int64_t>(sequences[i].size());
        batch.sequences.push_back({.start = static_cast<std::int64_t>(ids.size()),
                                   .length = length,
                                   .visibleKeys = visibleKeys.empty() ? length : visibleKeys[i]});
        ids.insert(ids.end(), sequences[i].begin(), sequences[i].end());
        for (std::int64_t t = 0; t < length; ++t)
            positions.push_back(t);
    }
    batch.ids = torch::tensor(ids, at::kLong).to(device);
    batch.positions = torch::tensor(positions, at::kLong).to(device);
    return batch;
}

} // namespace lacuna
