#include "core/run/fluency_check.h"

#include "core/base/text.h"
#include "core/metrics/fluency.h"
#include "core/probe/generation.h"
#include "core/run/session.h"

#include <algorithm>

namespace lacuna {
namespace {

constexpr std::size_t kPrompts = 4;
constexpr std::int64_t kTextStart = 16; ///< tokens of a text that are given

} // namespace

FluencyCheck::FluencyCheck(Session& session) : m_session(session)
{
    const LoadedCorpus& corpus = session.retain ? *session.retain : session.forget;
    for (const ScoredSample& sample : corpus.tokens.samples) {
        if (m_prompts.size() == kPrompts)
            break;
        const auto length = static_cast<std::int64_t>(sample.ids.size());
        const std::int64_t given =
            sample.promptLength > 1 ? sample.promptLength : std::min(kTextStart, (length + 1) / 2);
        m_prompts.emplace_back(sample.ids.begin(), sample.ids.begin() + given);
    }
}

std::optional<double> FluencyCheck::repetition(const std::function<bool()>& proceed) const
{
    GenerationOptions options;
    options.maxNewTokens = m_session.recipe.evaluation.maxNewTokens;
    options.stopIds = m_session.stopIds();
    bool whole = true;
    const std::vector<Generation> answers =
        generate(*m_session.decoder, m_prompts, options, [&](std::size_t, const GeneratedToken&) {
            whole = whole && proceed();
            return whole;
        });
    if (!whole)
        return std::nullopt;
    double sum = 0;
    for (const Generation& answer : answers) {
        const std::vector<std::int64_t> ids = answer.ids();
        sum +=
            std::max(repetitionOf(validUtf8(m_session.tokenizer->decode(ids))), repeatedPairs(ids));
    }
    return sum / static_cast<double>(answers.size());
}

} // namespace lacuna
