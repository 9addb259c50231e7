#include "core/guardrails/answer_probability.h"

#include "core/models/decoder.h"
#include "core/models/embedding_change.h"

#include <cmath>

namespace lacuna {
namespace {

double oneProbability(Decoder& decoder, const PromptedAnswer& item, const EmbeddingChange* change)
{
    KvCache cache;
    const at::Tensor asked =
        decoder.forwardCached(packSequences({item.prompt}, decoder.device()), {&cache}, {change});
    // The prompt's last row predicts the first token, each token of the answer the next one.
    at::Tensor rows = asked.narrow(0, asked.size(0) - 1, 1);
    if (item.answer.size() > 1) {
        const std::vector<std::int64_t> read(item.answer.begin(), item.answer.end() - 1);
        rows = at::cat(
            {rows, decoder.forwardCached(packSequences({read}, decoder.device()), {&cache})});
    }
    const at::Tensor targets = torch::tensor(item.answer, at::kLong).to(rows.device());
    double sum = 0;
    visitLogits(rows, decoder.head(), [&](const at::Tensor& logits, std::int64_t first) {
        const at::Tensor wanted = targets.narrow(0, first, logits.size(0)).unsqueeze(1);
        sum += at::log_softmax(logits, 1).gather(1, wanted).sum().item<double>();
    });
    return std::exp(sum / static_cast<double>(item.answer.size()));
}

} // namespace

double answerProbability(
    Decoder& decoder, const std::vector<PromptedAnswer>& items,
    const std::function<std::shared_ptr<const EmbeddingChange>(std::size_t)>& changeOf)
{
    const at::NoGradGuard noGrad;
    double sum = 0;
    for (std::size_t i = 0; i < items.size(); ++i)
        sum += oneProbability(decoder, items[i], changeOf(i).get());
    return sum / static_cast<double>(items.size());
}

} // namespace lacuna
