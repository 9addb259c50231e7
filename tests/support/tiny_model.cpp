#include "tests/support/tiny_model.h"

#include "core/base/rng.h"
#include "core/methods/scored_batch.h"
#include "core/methods/terms.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace lacuna {
namespace {

constexpr std::int64_t kVocabulary = 19;

} // namespace

DecoderConfig tinyConfig()
{
    return {.family = "llama",
            .architecture = "LlamaForCausalLM",
            .vocabulary = kVocabulary,
            .width = 8,
            .layers = 2,
            .heads = 4,
            .kvHeads = 2,
            .headDim = 4,
            .mlpWidth = 12,
            .context = 64,
            .attentionBias = true,
            .outputBias = true,
            .mlpBias = true,
            .initializerRange = 0.5};
}

std::unique_ptr<Decoder> tinyModel(const DecoderConfig& config, at::ScalarType type)
{
    auto decoder = std::make_unique<Decoder>(config, at::kCPU, type);
    decoder->initialise(1);
    disturb(*decoder, 2);
    return decoder;
}

void disturb(Decoder& decoder, std::uint64_t seed)
{
    const at::NoGradGuard noGrad;
    Random random(seed);
    for (Parameter& parameter : decoder.parameters()) {
        at::Tensor noise = at::empty(parameter.master.sizes(), at::kDouble);
        double* values = noise.data_ptr<double>();
        for (std::int64_t i = 0; i < noise.numel(); ++i)
            values[i] = 0.1 * random.normal();
        parameter.master.add_(noise.to(parameter.master.scalar_type()));
    }
    decoder.refresh();
}

std::vector<std::int64_t> randomIds(std::size_t length, std::uint64_t seed)
{
    Random random(seed);
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < length; ++i)
        ids.push_back(static_cast<std::int64_t>(random.below(kVocabulary)));
    return ids;
}

std::vector<ScoredSample> tinyCorpus(std::size_t count, std::uint64_t seed)
{
    std::vector<ScoredSample> samples;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t length = 4 + 3 * ((i + seed) % 4);
        const std::size_t prompt = 1 + i % 3;
        ScoredSample sample{.ids = randomIds(length, seed + i),
                            .scored = std::vector<std::uint8_t>(length, 1),
                            .promptLength = static_cast<std::int64_t>(prompt),
                            .index = static_cast<std::int64_t>(i)};
        std::fill_n(sample.scored.begin(), prompt, std::uint8_t{0});
        samples.push_back(std::move(sample));
    }
    return samples;
}

std::vector<const ScoredSample*> pointersTo(const std::vector<ScoredSample>& samples)
{
    std::vector<const ScoredSample*> pointers;
    for (const ScoredSample& sample : samples)
        pointers.push_back(&sample);
    return pointers;
}

Normaliser normaliserOf(const std::vector<ScoredSample>& samples)
{
    return normaliserOf({}, {samples}, everyItem(samples), 0);
}

std::vector<std::int64_t> everyItem(const std::vector<ScoredSample>& samples)
{
    std::vector<std::int64_t> items(samples.size());
    std::iota(items.begin(), items.end(), std::int64_t{0});
    return items;
}

AlternateAnswers tinyAlternates(const std::vector<ScoredSample>& samples, std::int64_t perSample,
                                std::uint64_t seed)
{
    return {.samples = tinyCorpus(samples.size() * static_cast<std::size_t>(perSample), seed),
            .perSample = perSample};
}

at::Tensor tokenMeanLoss(Decoder& decoder, const std::vector<ScoredSample>& samples)
{
    ScoredBatch batch(decoder, pointersTo(samples));
    LikelihoodTerm term(+1.0);
    return term.contribution(batch, normaliserOf(samples));
}

at::Tensor hiddenRows(Decoder& decoder, const std::vector<std::vector<std::int64_t>>& sequences)
{
    const at::NoGradGuard noGrad;
    return decoder.forward(packSequences(sequences, decoder.device()));
}

std::map<std::string, at::Tensor> gradientsOf(const Decoder& decoder)
{
    std::map<std::string, at::Tensor> gradients;
    for (const Parameter& parameter : decoder.parameters())
        if (parameter.gradient.defined())
            gradients[parameter.name] = parameter.gradient.clone();
    return gradients;
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    if (a.sizes() != b.sizes())
        return std::numeric_limits<double>::infinity();
    return (a.detach().to(at::kDouble) - b.detach().to(at::kDouble)).abs().max().item<double>();
}

double largestDifference(const std::map<std::string, at::Tensor>& a,
                         const std::map<std::string, at::Tensor>& b)
{
    double largest = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
    for (const auto& [name, tensor] : a) {
        const auto other = b.find(name);
        const double difference = other == b.end() ? std::numeric_limits<double>::infinity()
                                                   : largestDifference(tensor, other->second);
        // Written so that NaN counts as a difference.
        if (!(difference <= largest))
            largest = difference;
    }
    return largest;
}

Parameter& parameterNamed(Decoder& decoder, const std::string& name)
{
    for (Parameter& parameter : decoder.parameters())
        if (parameter.name == name)
            return parameter;
    throw std::logic_error("the model has no parameter " + name);
}

} // namespace lacuna
