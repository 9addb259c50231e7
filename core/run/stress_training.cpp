#include "core/run/stress_training.h"

#include "core/models/adapter_files.h"
#include "core/models/checkpoint.h"
#include "core/models/family.h"
#include "core/models/stored_tensor.h"
#include "core/run/objective.h"
#include "core/run/optimizer.h"
#include "core/run/session.h"

namespace lacuna {

std::function<LearnStep(double)> learnerOf(Session& session)
{
    return [&session](double learningRate) -> LearnStep {
        Decoder& decoder = *session.decoder;
        decoder.trainAll();
        auto optimizer = std::make_shared<Optimizer>(decoder.parameters(), OptimizerOptions{});
        return [&session, learningRate, optimizer](const std::vector<ScoredSample>& corpus,
                                                   const std::vector<std::int64_t>& items) {
            Decoder& trained = *session.decoder;
            trained.clearGradients();
            const auto go = [](double) { return true; };
            (void)Objective::likelihoodGradient(trained, session.recipe.training, corpus, go,
                                                items);
            const double norm = gradientNorm(trained.parameters());
            if (norm > 1)
                scaleGradients(trained.parameters(), 1 / (norm + 1e-6));
            optimizer->step(learningRate);
            trained.refresh();
        };
    };
}

std::optional<OriginalWeights> OriginalWeights::open(const std::filesystem::path& folder,
                                                     const DecoderConfig& config)
{
    if (isAdapterFolder(folder))
        return std::nullopt;
    Result<WeightFiles> files = WeightFiles::open(folder);
    if (!files || !checkWeights(config, *files, folder))
        return std::nullopt;
    OriginalWeights weights(std::move(files).value());
    for (const WeightSlot& slot : weightSlots(config))
        weights.m_entries[slot.name] = findTensor(config, weights.m_files, slot);
    return weights;
}

at::Tensor OriginalWeights::of(const Parameter& parameter) const
{
    const auto entry = m_entries.find(parameter.name);
    if (entry == m_entries.end() || !entry->second)
        return {};
    return mappedTensor(*entry->second)
        .to(parameter.master.options(), /*non_blocking=*/false, /*copy=*/true);
}

} // namespace lacuna
