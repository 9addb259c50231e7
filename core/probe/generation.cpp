#include "core/probe/generation.h"

#include "core/base/rng.h"
#include "core/models/decoder.h"
#include "core/models/head.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lacuna {
namespace {

/// An id from softmax(logits / temperature), restricted to the smallest set of ids whose
/// probability reaches topP (Holtzman et al. 2020).
std::int64_t sample(const at::Tensor& logits, const GenerationOptions& options, Random& random)
{
    const at::Tensor p = at::softmax(logits.to(at::kDouble) / options.temperature, 0);
    const auto [sorted, order] = p.sort(0, true);
    const double* mass = sorted.data_ptr<double>();
    const std::int64_t* ids = order.data_ptr<std::int64_t>();
    std::int64_t kept = 0;
    double total = 0;
    while (kept < sorted.size(0) && (kept == 0 || total < options.topP))
        total += mass[kept++];
    double draw = random.uniform() * total;
    for (std::int64_t i = 0; i < kept; ++i) {
        draw -= mass[i];
        if (draw < 0)
            return ids[i];
    }
    return ids[kept - 1];
}

class Sequences {
public:
    Sequences(Decoder& decoder, const std::vector<std::vector<std::int64_t>>& prompts,
              const GenerationOptions& options)
        : m_decoder(decoder), m_options(options), m_caches(prompts.size()),
          m_results(prompts.size()), m_pending(prompts)
    {
        // One stream of draws a sequence, so that its text does not depend on its neighbours.
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            m_random.emplace_back(derivedSeed(options.seed, "generate " + std::to_string(i)));
            if (!prompts[i].empty())
                m_live.push_back(i);
        }
    }

    [[nodiscard]] bool anyLive() const { return !m_live.empty(); }

    /// One more token of every live sequence. \return false when \p onToken said so
    bool advance(const std::function<bool(std::size_t, const GeneratedToken&)>& onToken)
    {
        const at::Tensor logits = nextLogits();
        std::vector<std::size_t> still;
        for (std::size_t row = 0; row < m_live.size(); ++row) {
            const std::size_t i = m_live[row];
            const GeneratedToken token = choose(logits[static_cast<std::int64_t>(row)], i);
            const bool stop = std::find(m_options.stopIds.begin(), m_options.stopIds.end(),
                                        token.id) != m_options.stopIds.end();
            Generation& result = m_results[i];
            result.stopped = stop;
            if (!stop || m_options.keepStop)
                result.tokens.push_back(token);
            if (!stop && onToken && !onToken(i, token))
                return false;
            if (!stop && static_cast<std::int64_t>(result.tokens.size()) < m_options.maxNewTokens) {
                m_pending[i] = {token.id};
                still.push_back(i);
            } else {
                m_caches[i] = {};
            }
        }
        m_live = std::move(still);
        return true;
    }

    [[nodiscard]] std::vector<Generation> take() { return std::move(m_results); }

private:
    /// [live sequences, V] on the processor.
    at::Tensor nextLogits()
    {
        std::vector<std::vector<std::int64_t>> inputs;
        std::vector<KvCache*> caches;
        std::vector<const EmbeddingChange*> changes;
        std::vector<std::int64_t> last;
        std::int64_t rows = 0;
        for (const std::size_t i : m_live) {
            inputs.push_back(m_pending[i]);
            if (i < m_options.changes.size() && m_caches[i].length == 0) {
                changes.resize(inputs.size(), nullptr);
                changes.back() = m_options.changes[i].get();
            }
            caches.push_back(&m_caches[i]);
            rows += static_cast<std::int64_t>(m_pending[i].size());
            last.push_back(rows - 1);
        }
        const at::Tensor hidden =
            m_decoder.forwardCached(packSequences(inputs, m_decoder.device()), caches, changes);
        const at::Tensor scored =
            last.size() == static_cast<std::size_t>(rows)
                ? hidden
                : hidden.index_select(0, torch::tensor(last, at::kLong).to(hidden.device()));
        std::vector<at::Tensor> chunks;
        visitLogits(scored, m_decoder.head(), [&](const at::Tensor& logits, std::int64_t) {
            chunks.push_back(logits.to(at::kCPU));
        });
        return at::cat(chunks);
    }

    GeneratedToken choose(const at::Tensor& logits, std::size_t i)
    {
        GeneratedToken token;
        token.id = m_options.temperature > 0 ? sample(logits, m_options, m_random[i])
                                             : logits.argmax(0).item<std::int64_t>();
        const at::Tensor normaliser = at::logsumexp(logits, {0});
        token.logProb = (logits[token.id] - normaliser).item<float>();
        if (m_options.alternatives > 0) {
            const auto [values, ids] =
                (logits - normaliser)
                    .topk(std::min<std::int64_t>(m_options.alternatives, logits.size(0)));
            for (std::int64_t k = 0; k < ids.size(0); ++k)
                token.alternatives.emplace_back(ids[k].item<std::int64_t>(),
                                                values[k].item<float>());
        }
        return token;
    }

    Decoder& m_decoder;
    const GenerationOptions& m_options;
    std::vector<KvCache> m_caches;
    std::vector<Generation> m_results;
    std::vector<std::vector<std::int64_t>> m_pending; ///< tokens not yet in the cache
    std::vector<Random> m_random;
    std::vector<std::size_t> m_live;
};

} // namespace

std::vector<std::int64_t> Generation::ids() const
{
    std::vector<std::int64_t> ids;
    for (const GeneratedToken& token : tokens)
        ids.push_back(token.id);
    return ids;
}

std::vector<Generation>
generate(Decoder& decoder, const std::vector<std::vector<std::int64_t>>& prompts,
         const GenerationOptions& options,
         const std::function<bool(std::size_t, const GeneratedToken&)>& onToken)
{
    const at::NoGradGuard noGrad;
    Sequences sequences(decoder, prompts, options);
    if (options.maxNewTokens > 0)
        while (sequences.anyLive() && sequences.advance(onToken)) {
        }
    return sequences.take();
}

} // namespace lacuna
