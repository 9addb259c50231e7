#include "core/metrics/membership.h"
#include "core/metrics/recorded_quantity.h"
#include "core/metrics/roc.h"
#include "core/metrics/statistics.h"
#include "core/metrics/truth_ratio.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

using Numbers = std::vector<double>;

/// {"0.4": value, ...}: a score for each share of tokens kept.
template <class Score> void verifyShares(const std::string& name, const Json& recorded,
                                         RecordedQuantities& quantities, Score score)
{
    for (const auto& [share, value] : recorded.items()) {
        char* end = nullptr;
        const double kept = std::strtod(share.c_str(), &end);
        if (end == share.c_str() || *end != '\0' || !(kept > 0 && kept <= 1))
            throw Json::other_error::create(500, "a share that is no number: " + share, &recorded);
        quantities.number(name, score(kept), value);
    }
}

void verifyVocabulary(const Json& sequence, const Numbers& logProbs, RecordedQuantities& quantities)
{
    const auto rows = sequence.at("vocab_logprobs").get<std::vector<Numbers>>();
    if (rows.size() != logProbs.size())
        throw Json::other_error::create(500, "lists of different length", &sequence);
    std::vector<TokenMoments> tokens;
    Numbers means;
    Numbers variances;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        tokens.push_back(tokenMoments(rows[i], logProbs[i]));
        means.push_back(tokens.back().mean);
        variances.push_back(std::max(tokens.back().variance, kLeastVariance));
    }
    if (sequence.contains("labels")) {
        const auto labels = sequence.at("labels").get<std::vector<std::size_t>>();
        Numbers picked;
        for (std::size_t i = 0; i < std::min(labels.size(), rows.size()); ++i)
            picked.push_back(labels[i] < rows[i].size() ? rows[i][labels[i]] : std::nan(""));
        quantities.numbers("token_logprobs", picked, sequence.at("token_logprobs"));
    }
    if (sequence.contains("mu"))
        quantities.numbers("mu", means, sequence.at("mu"));
    if (sequence.contains("variance_clamped"))
        quantities.numbers("variance_clamped", variances, sequence.at("variance_clamped"));
    if (sequence.contains("min_k_plus_plus"))
        verifyShares("min_k_plus_plus", sequence.at("min_k_plus_plus"), quantities,
                     [&](double share) { return minKPlusPlusOf(tokens, share); });
}

void verifySequences(const Json& sequences, RecordedQuantities& quantities)
{
    for (const Json& sequence : sequences) {
        const auto logProbs = sequence.at("token_logprobs").get<Numbers>();
        if (sequence.contains("n"))
            quantities.equal("n", logProbs.size(), sequence.at("n"));
        if (sequence.contains("avg_loss"))
            quantities.number("avg_loss", -mean(logProbs), sequence.at("avg_loss"));
        if (sequence.contains("min_k"))
            verifyShares("min_k", sequence.at("min_k"), quantities,
                         [&](double share) { return minKOf(logProbs, share); });
        if (sequence.contains("vocab_logprobs"))
            verifyVocabulary(sequence, logProbs, quantities);
        quantities.known("sequences", sequence,
                         {"n", "vocab", "labels", "token_logprobs", "avg_loss", "vocab_logprobs",
                          "min_k", "mu", "variance_clamped", "min_k_plus_plus"});
    }
}

void verifyZlib(const Json& items, RecordedQuantities& quantities)
{
    for (const Json& item : items) {
        const auto text = item.at("text").get<std::string>();
        if (item.contains("compressed_bytes"))
            quantities.equal("zlib compressed_bytes", zlibLength(text),
                             item.at("compressed_bytes"));
        if (item.contains("score"))
            quantities.number("zlib score", zlibRatio(item.at("avg_loss").get<double>(), text),
                              item.at("score"));
    }
}

void verifyReference(const Json& attack, RecordedQuantities& quantities)
{
    const auto target = attack.at("target_loss").get<Numbers>();
    const auto reference = attack.at("reference_loss").get<Numbers>();
    Numbers scores;
    for (std::size_t i = 0; i < std::min(target.size(), reference.size()); ++i)
        scores.push_back(lossAgainst(target[i], reference[i]));
    quantities.numbers("reference_attack score", scores, attack.at("score"));
}

void verifyAreas(const Json& document, RecordedQuantities& quantities)
{
    if (document.contains("auc"))
        for (const Json& item : oneOrMany(document.at("auc"))) {
            const auto forget = item.at("forget_scores").get<Numbers>();
            const auto holdout = item.at("holdout_scores").get<Numbers>();
            quantities.number("auc", aucOf({.forget = forget, .holdout = holdout}), item.at("auc"));
        }
    const auto relative = [&](const char* key, double (*compute)(double, double, double)) {
        if (!document.contains(key))
            return;
        for (const Json& item : oneOrMany(document.at(key)))
            quantities.number(key,
                              compute(item.at("auc").get<double>(),
                                      item.at("retain_auc").get<double>(), kOpenUnlearningEpsilon),
                              item.at("value"));
    };
    relative("privleak", &privLeak);
    relative("rel_diff", &relativeDifference);
}

void verifyMembershipFile(const Json& document, RecordedQuantities& quantities)
{
    if (document.contains("sequences"))
        verifySequences(document.at("sequences"), quantities);
    if (document.contains("zlib"))
        verifyZlib(document.at("zlib").at("items"), quantities);
    if (document.contains("reference_attack"))
        for (const Json& attack : oneOrMany(document.at("reference_attack")))
            verifyReference(attack, quantities);
    verifyAreas(document, quantities);
    quantities.known("", document,
                     {"sequences", "zlib", "reference_attack", "auc", "privleak", "rel_diff"});
}

} // namespace

RecordedKind recordedMembership()
{
    return {.what = "membership inference scores",
            .recognises =
                [](const Json& document) {
                    return (hasKeys(document, {"sequences"}) && document["sequences"].is_array() &&
                            !document["sequences"].empty() &&
                            hasKeys(document["sequences"].front(), {"token_logprobs"})) ||
                           hasKeys(document, {"reference_attack"}) ||
                           (hasKeys(document, {"auc"}) && document["auc"].is_array()) ||
                           (hasKeys(document, {"zlib"}) && hasKeys(document["zlib"], {"items"}));
                },
            .verify = &verifyMembershipFile};
}

} // namespace lacuna
