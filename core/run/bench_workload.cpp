#include "core/run/bench_workload.h"

#include "core/base/rng.h"

namespace lacuna::workload {

DecoderConfig Shape::config() const
{
    return {.family = "llama",
            .architecture = "LlamaForCausalLM",
            .vocabulary = 32000,
            .width = width,
            .layers = layers,
            .heads = heads,
            .kvHeads = heads,
            .headDim = width / heads,
            .mlpWidth = mlpWidth,
            .context = 1024,
            .normEps = 1e-5,
            .tiedHead = true};
}

Work::Work(Decoder& decoder)
{
    const DecoderConfig& c = decoder.config();
    for (const Parameter& parameter : decoder.parameters())
        if (parameter.master.dim() == 2 && parameter.name.find(".layers.") != std::string::npos)
            layersPerToken += 2.0 * static_cast<double>(parameter.master.numel());
    headPerRow = 2.0 * static_cast<double>(c.vocabulary * c.width);
    attentionPerPair = 4.0 * static_cast<double>(c.heads * c.headDim * c.layers);
    weightBytes = (layersPerToken + headPerRow) / 2.0 *
                  static_cast<double>(decoder.head().weight->compute.element_size());
}

double Work::forward(std::int64_t length, std::int64_t scored) const
{
    const auto tokens = static_cast<double>(length);
    return tokens * layersPerToken + static_cast<double>(scored) * headPerRow +
           0.5 * tokens * (tokens + 1) * attentionPerPair;
}

std::vector<std::int64_t> randomIds(std::int64_t count, std::int64_t vocabulary,
                                    const std::string& purpose)
{
    Random random(derivedSeed(kSeed, purpose));
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < count; ++i)
        ids.push_back(
            static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(vocabulary))));
    return ids;
}

std::vector<ScoredSample> randomSamples(std::int64_t vocabulary, const std::string& purpose)
{
    Random lengths(derivedSeed(kSeed, purpose));
    std::vector<ScoredSample> samples;
    for (std::int64_t i = 0; i < kSequences; ++i) {
        const std::int64_t length =
            i == 0 ? kLongest
                   : kShortest + static_cast<std::int64_t>(lengths.below(kLongest - kShortest + 1));
        const auto prompt =
            static_cast<std::int64_t>((1.0 - kScoredShare) * static_cast<double>(length));
        ScoredSample sample{.ids = randomIds(length, vocabulary, purpose + std::to_string(i)),
                            .promptLength = prompt,
                            .index = i};
        for (std::int64_t t = 0; t < length; ++t)
            sample.scored.push_back(t >= prompt ? 1 : 0);
        samples.push_back(std::move(sample));
    }
    return samples;
}

} // namespace lacuna::workload
