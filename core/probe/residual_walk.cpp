#include "core/probe/residual_walk.h"

#include "core/corpora/packer.h"
#include "core/models/decoder.h"

#include <numeric>

namespace lacuna {

std::vector<WalkedBatch> walkedBatches(const std::vector<const ScoredSample*>& samples,
                                       std::int64_t tokenBudget, at::Device device)
{
    std::vector<std::int64_t> order(samples.size());
    std::iota(order.begin(), order.end(), 0);
    std::vector<std::int64_t> lengths;
    for (const ScoredSample* sample : samples)
        lengths.push_back(static_cast<std::int64_t>(sample->ids.size()));
    std::vector<WalkedBatch> batches;
    for (const auto& packed : packMicroBatches(order, lengths, tokenBudget)) {
        WalkedBatch& batch = batches.emplace_back();
        std::vector<const ScoredSample*> chosen;
        for (const std::int64_t i : packed) {
            batch.samples.push_back(static_cast<std::size_t>(i));
            chosen.push_back(samples[static_cast<std::size_t>(i)]);
        }
        batch.rows = scoredRows(chosen, device);
    }
    return batches;
}

bool walkResiduals(
    Decoder& decoder, const std::vector<const ScoredSample*>& samples, const WalkOptions& options,
    const std::function<void(const WalkedBatch&, std::int64_t, const at::Tensor&)>& visit)
{
    const auto layers = static_cast<double>(decoder.config().layers);
    const std::vector<WalkedBatch> batches =
        walkedBatches(samples, options.tokenBudget, decoder.device());
    const auto count = static_cast<double>(batches.size());
    for (std::size_t i = 0; i < batches.size(); ++i) {
        bool wanted = true;
        decoder.visitBlocks(
            batches[i].rows.packed, [&](std::int64_t block, const at::Tensor& residual) {
                visit(batches[i], block, residual);
                const double done =
                    (static_cast<double>(i) + static_cast<double>(block + 1) / layers) / count;
                wanted = !options.proceed || options.proceed(done);
                return wanted;
            });
        if (!wanted)
            return false;
    }
    return true;
}

} // namespace lacuna
