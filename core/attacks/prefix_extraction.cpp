#include "core/attacks/attack.h"
#include "core/metrics/rouge.h"

#include <fmt/format.h>

#include <algorithm>

namespace lacuna {
namespace {

/// Of an answer that is left when its beginning is given, else it is no continuation.
constexpr std::int64_t kLeastRest = 3;

Status check(const ParamSet& params)
{
    const auto counts = readCounts(params.text("tokens"), "prefix.tokens");
    return counts ? Status() : counts.error();
}

AttackCost cost(const ParamSet& params)
{
    const auto counts = readCounts(params.text("tokens"), "prefix.tokens");
    const double passes = counts ? static_cast<double>(counts->size()) : 0;
    return {.scores = passes, .answers = passes};
}

/// \p sample with the first \p count tokens of its answer given, and no more of the rest than can
/// be written: where there is a question, than its unaided answer can reach, so that both have the
/// same chance. Nothing where that leaves no continuation.
std::optional<ScoredSample> continued(const ScoredSample& sample, std::int64_t count,
                                      std::int64_t longest)
{
    ScoredSample part = sample;
    const auto first = std::find(part.scored.begin(), part.scored.end(), std::uint8_t{1});
    // Of a conversation the first answer.
    const auto last = std::find(first, part.scored.end(), std::uint8_t{0});
    const bool whole = last == part.scored.end();
    const std::int64_t end = (last - part.scored.begin()) - (whole && part.endsWithEos ? 1 : 0);
    const bool asked = part.promptLength > 1;
    part.promptLength = (first - part.scored.begin()) + count;
    const std::int64_t reach = part.promptLength + longest - (asked ? count : 0);
    if (std::min(end, reach) - part.promptLength < kLeastRest)
        return std::nullopt;
    part.ids.resize(static_cast<std::size_t>(std::min(end, reach)));
    part.endsWithEos = false;
    part.scored.assign(part.ids.size(), 1);
    std::fill_n(part.scored.begin(), part.promptLength, std::uint8_t{0});
    return part;
}

MetricResult matchOf(const std::vector<SampleScan>& continuations,
                     const std::function<std::string(const SampleScan&)>& said)
{
    std::vector<MetricResult::Item> items;
    for (const SampleScan& scan : continuations)
        items.push_back({scan.index, rougeL(rougeTokens(scan.reference, Stemming::On),
                                            rougeTokens(said(scan), Stemming::On))
                                         .recall});
    return measureOf("rouge-l", "recall of what follows the given tokens, Porter stemming",
                     std::move(items));
}

/// What the model says of the rest when nothing of the answer is given; nothing for texts, of which
/// nothing is asked.
std::vector<MetricResult> unaided(const AttackTarget& target,
                                  const std::vector<SampleScan>& continuations)
{
    std::map<std::int64_t, const SampleScan*> plain;
    for (const SampleScan& scan : target.plain)
        if (scan.hasAnswer)
            plain[scan.index] = &scan;
    if (std::ranges::any_of(continuations,
                            [&](const SampleScan& scan) { return !plain.contains(scan.index); }))
        return {};
    return {matchOf(continuations,
                    [&](const SampleScan& scan) { return plain.at(scan.index)->generated; })};
}

Result<std::vector<AttackedSetting>> run(const ParamSet& params, const AttackTarget& target)
{
    const std::vector<std::int64_t> counts =
        readCounts(params.text("tokens"), "prefix.tokens").value();
    std::vector<AttackedSetting> settings;
    double done = 0;
    for (const std::int64_t count : counts) {
        std::vector<ScoredSample> parts;
        for (const ScoredSample* sample : target.samples)
            if (auto part = continued(*sample, count, target.maxNewTokens))
                parts.push_back(*std::move(part));
        const double share = done++ / static_cast<double>(counts.size());
        if (parts.empty())
            continue;
        std::vector<const ScoredSample*> pointers;
        for (const ScoredSample& part : parts)
            pointers.push_back(&part);
        const std::vector<SampleScan> scans = scanTarget(target, target.decoder, pointers, share);
        if (scans.empty())
            return std::vector<AttackedSetting>();
        AttackedSetting setting =
            settingOf(fmt::format("{} tokens", count), {{"tokens", count}}, scans);
        // Teacher forcing gives the beginning in every pass: only what is written is news.
        setting.measured = {matchOf(scans, [](const SampleScan& scan) { return scan.generated; })};
        setting.before = unaided(target, scans);
        setting.wantsReference = true;
        settings.push_back(std::move(setting));
    }
    if (settings.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = fmt::format("no answer is longer than the {} tokens that are given",
                                            counts.front()),
                     .context = target.forget.path.string(),
                     .remedy = "give fewer, with the parameter tokens"};
    return settings;
}

} // namespace

AttackInfo prefixExtraction()
{
    return {.id = "prefix",
            .title = "Beginning of the answer given",
            .source = "Carlini et al. 2021, arXiv:2012.07805; unlearning reference 3.12",
            .explanation =
                "The model is given the first words of the true answer and writes on. How much of "
                "the rest it writes is compared with what it says of it unasked. A little of it "
                "any model guesses from the beginning: the reference shows how much. Answers that "
                "are no longer than what is given are left out.",
            .reach = AttackReach::Answer,
            .params = {{.name = "tokens",
                        .fallback = std::string("5,10,25"),
                        .help = "of the true answer that are given, with commas between them",
                        .provenance = "10, 25 and 50 are usual for long passages"}},
            .check = &check,
            .cost = &cost,
            .run = &run};
}

} // namespace lacuna
