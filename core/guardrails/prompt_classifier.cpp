#include "core/guardrails/prompt_classifier.h"

#include "core/models/decoder.h"
#include "core/tokens/tokenizer.h"

#include <algorithm>

namespace lacuna {
namespace {

at::Tensor tableOf(const Decoder& decoder)
{
    const std::string name = decoder.config().names.embedding + ".weight";
    const auto found = std::ranges::find(decoder.parameters(), name, &Parameter::name);
    TORCH_CHECK(found != decoder.parameters().end(), "a decoder without embeddings");
    return found->master;
}

} // namespace

PromptClassifier::PromptClassifier(const Decoder& decoder, const Tokenizer& tokenizer,
                                   const std::vector<std::string>& forget,
                                   const std::vector<std::string>& retain, double l2)
    : m_tokenizer(tokenizer), m_table(tableOf(decoder))
{
    const at::NoGradGuard noGrad;
    std::vector<at::Tensor> rows;
    for (const std::vector<std::string>* questions : {&forget, &retain})
        for (const std::string& question : *questions)
            rows.push_back(pooled(question));
    const at::Tensor x = at::stack(rows);
    m_mean = x.mean(0);
    m_scale = x.std(0, /*unbiased=*/false).clamp_min(1e-12);
    at::Tensor y = at::zeros({x.size(0)}, x.options());
    y.narrow(0, 0, static_cast<std::int64_t>(forget.size())).fill_(1);
    m_model = fitLogisticRegression((x - m_mean) / m_scale, y, l2);
}

double PromptClassifier::probability(const std::string& question) const
{
    const at::NoGradGuard noGrad;
    const at::Tensor x = pooled(question);
    return x.defined() ? m_model.probability((x - m_mean) / m_scale) : 0.0;
}

at::Tensor PromptClassifier::pooled(const std::string& question) const
{
    const std::vector<std::int64_t> ids = m_tokenizer.encode(question, {.addBos = false});
    if (ids.empty())
        return {};
    const at::Tensor index = torch::tensor(ids, at::kLong).to(m_table.device());
    return m_table.index_select(0, index).to(at::kCPU, at::kDouble).mean(0);
}

} // namespace lacuna
