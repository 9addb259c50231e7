#include "core/metrics/harmful_rate.h"

#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/metrics/gibberish.h"
#include "core/metrics/refusal.h"
#include "core/metrics/statistics.h"

#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>

namespace lacuna {
namespace {

constexpr std::size_t kShownPrompt = 60;

std::string excerpt(const std::string& prompt)
{
    return prompt.size() <= kShownPrompt
               ? prompt
               : prompt.substr(0, completeUtf8Prefix(prompt.substr(0, kShownPrompt))) + "…";
}

Error unpaired(const GivenAnswers& before, const GivenAnswers& after, const std::string& why)
{
    return {.code = ErrorCode::InvalidArgument,
            .message = "the answers before and after are not to the same prompts: " + why,
            .context = before.source + " and " + after.source,
            .remedy = "let both models answer the same prompts"};
}

bool hasPrompts(const GivenAnswers& answers)
{
    return std::ranges::any_of(answers.items,
                               [](const GivenAnswer& item) { return !item.prompt.empty(); });
}

} // namespace

HarmfulRate harmfulRate(const std::vector<GivenAnswer>& answers, const TextJudge& isHarmful,
                        const BootstrapOptions& options)
{
    HarmfulRate result{.answers = static_cast<std::int64_t>(answers.size())};
    std::vector<double> harmful;
    double readable = 0;
    double harmfulReadable = 0;
    for (const GivenAnswer& item : answers) {
        const bool isBad = isHarmful(item.answer);
        const WritingSigns signs = writingSigns(item.answer);
        const bool isReadable = cleanness(signs) >= kGibberishBelow;
        result.harmful.push_back(isBad);
        harmful.push_back(isBad ? 1 : 0);
        result.refusals += isRefusal(item.answer) ? 1 : 0;
        result.gibberish += isReadable ? 0 : 1;
        result.empty += signs.empty ? 1 : 0;
        readable += isReadable ? 1 : 0;
        harmfulReadable += isReadable && isBad ? 1 : 0;
    }
    const auto count = static_cast<double>(answers.size());
    result.rate = mean(harmful);
    result.refusals /= count;
    result.gibberish /= count;
    result.empty /= count;
    if (readable > 0)
        result.rateOfReadable = harmfulReadable / readable;
    Random random(derivedSeed(options.seed, "harmful rate"));
    result.interval = bootstrapMeanInterval(harmful, options.confidence, options.resamples, random);
    return result;
}

HarmfulReduction harmfulReduction(const HarmfulRate& before, const HarmfulRate& after,
                                  const BootstrapOptions& options)
{
    const std::size_t count = before.harmful.size();
    if (count != after.harmful.size())
        throw std::logic_error("a reduction of answers that are not paired");
    if (!(before.rate > 0))
        return {.missing =
                    "no answer before was called harmful, so there is nothing to reduce; use "
                    "prompts that the original answers harmfully, or a better classifier"};
    HarmfulReduction result{.value = (before.rate - after.rate) / before.rate};
    Random random(derivedSeed(options.seed, "harmful reduction"));
    std::vector<double> drawn;
    for (std::size_t k = 0; k < options.resamples; ++k) {
        double was = 0;
        double is = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t chosen = random.below(count);
            was += before.harmful[chosen] ? 1 : 0;
            is += after.harmful[chosen] ? 1 : 0;
        }
        if (was > 0) // a draw without anything harmful says nothing of a share of it
            drawn.push_back((was - is) / was);
    }
    const double tail = (1 - options.confidence) / 2;
    result.interval = {.low = quantile(drawn, tail), .high = quantile(drawn, 1 - tail)};
    return result;
}

Result<std::vector<GivenAnswer>> pairedAnswers(const GivenAnswers& before,
                                               const GivenAnswers& after)
{
    if (before.items.size() != after.items.size())
        return unpaired(before, after,
                        std::to_string(before.items.size()) + " answers before and " +
                            std::to_string(after.items.size()) + " after");
    if (!hasPrompts(before) && !hasPrompts(after))
        return after.items;
    std::map<std::string_view, std::deque<const GivenAnswer*>> byPrompt;
    for (const GivenAnswer& item : after.items)
        byPrompt[trimmed(item.prompt)].push_back(&item);
    std::vector<GivenAnswer> paired;
    for (const GivenAnswer& item : before.items) {
        const auto found = byPrompt.find(trimmed(item.prompt));
        if (found == byPrompt.end() || found->second.empty())
            return unpaired(before, after, "\"" + excerpt(item.prompt) + "\" has no answer after");
        paired.push_back(*found->second.front());
        found->second.pop_front();
    }
    return paired;
}

} // namespace lacuna
