#include "core/probe/lens.h"

#include "core/models/decoder.h"
#include "core/probe/residual_walk.h"

#include <cmath>

namespace lacuna {
namespace {

LensReading emptyReading(const ScoredSample& sample, std::int64_t layers)
{
    LensReading reading{.sample = sample.index, .layers = layers};
    for (std::size_t t = 1; t < sample.ids.size(); ++t)
        if (sample.scored[t])
            reading.tokens.push_back(sample.ids[t]);
    if (sample.endsWithEos)
        reading.tokens.pop_back();
    return reading;
}

/// What the lens tells of a chunk of rows.
struct Seen {
    at::Tensor logProbs;
    at::Tensor ranks;
    at::Tensor likeliest;

    Seen(const at::Tensor& logits, const at::Tensor& targets)
    {
        const at::Tensor own = logits.gather(1, targets.unsqueeze(1));
        logProbs = (own.squeeze(1) - at::logsumexp(logits, {1})).to(at::kCPU, at::kFloat);
        // Of a model that has diverged nothing is likelier, and yet the token is not known.
        const at::Tensor above = logits.gt(own).logical_or_(own.isnan());
        ranks = (above.sum(1) + 1).clamp_max(logits.size(1)).to(at::kCPU, at::kInt);
        likeliest = logits.argmax(1).to(at::kCPU);
    }
};

} // namespace

double LensReading::probability(std::int64_t layer, std::size_t token) const
{
    return std::exp(static_cast<double>(logProbs[at(layer, token)]));
}

std::optional<std::int64_t> LensReading::firstWithin(std::size_t token, std::int64_t k) const
{
    for (std::int64_t layer = 0; layer < layers; ++layer)
        if (ranks[at(layer, token)] <= k)
            return layer;
    return std::nullopt;
}

double LensReading::depth(std::size_t token, std::int64_t k) const
{
    return static_cast<double>(firstWithin(token, k).value_or(layers)) /
           static_cast<double>(layers);
}

std::optional<double> LensReading::meanDepth(std::int64_t k) const
{
    if (tokens.empty())
        return std::nullopt;
    double sum = 0;
    for (std::size_t token = 0; token < tokens.size(); ++token)
        sum += depth(token, k);
    return sum / static_cast<double>(tokens.size());
}

std::optional<std::vector<LensReading>> readLens(Decoder& decoder,
                                                 const std::vector<const ScoredSample*>& samples,
                                                 const WalkOptions& options)
{
    const at::NoGradGuard noGrad;
    std::vector<LensReading> readings;
    for (const ScoredSample* sample : samples)
        readings.push_back(emptyReading(*sample, decoder.config().layers));
    const auto visit = [&](const WalkedBatch& batch, std::int64_t, const at::Tensor& residual) {
        const at::Tensor hidden = decoder.finish(residual.index_select(0, batch.rows.predicting));
        const std::int64_t* owners = batch.rows.owners.data_ptr<std::int64_t>();
        std::vector<std::size_t> taken(batch.samples.size()); // tokens of this block
        visitLogits(hidden, decoder.head(), [&](const at::Tensor& logits, std::int64_t first) {
            const Seen seen(logits, batch.rows.targets.narrow(0, first, logits.size(0)));
            for (std::int64_t row = 0; row < logits.size(0); ++row) {
                const auto owner = static_cast<std::size_t>(owners[first + row]);
                LensReading& reading = readings[batch.samples[owner]];
                if (taken[owner]++ == reading.tokens.size())
                    continue; // the EOS
                reading.logProbs.push_back(seen.logProbs.data_ptr<float>()[row]);
                reading.ranks.push_back(seen.ranks.data_ptr<std::int32_t>()[row]);
                reading.likeliest.push_back(seen.likeliest.data_ptr<std::int64_t>()[row]);
            }
        });
    };
    if (!walkResiduals(decoder, samples, options, visit))
        return std::nullopt;
    return readings;
}

} // namespace lacuna
