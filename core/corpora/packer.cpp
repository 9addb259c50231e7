#include "core/corpora/packer.h"

#include <stdexcept>

namespace lacuna {

std::vector<std::vector<std::int64_t>> packMicroBatches(std::span<const std::int64_t> order,
                                                        std::span<const std::int64_t> lengths,
                                                        std::int64_t budget)
{
    if (budget <= 0)
        throw std::logic_error("a micro-batch needs a token budget");
    std::vector<std::vector<std::int64_t>> batches;
    std::int64_t used = 0;
    for (const std::int64_t index : order) {
        if (index < 0 || index >= static_cast<std::int64_t>(lengths.size()))
            throw std::logic_error("no sample of this index to pack");
        const std::int64_t length = lengths[static_cast<std::size_t>(index)];
        if (batches.empty() || used + length > budget) {
            batches.emplace_back();
            used = 0;
        }
        batches.back().push_back(index);
        used += length;
    }
    return batches;
}

} // namespace lacuna
