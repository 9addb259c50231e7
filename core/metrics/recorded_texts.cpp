#include "core/metrics/memorization.h"
#include "core/metrics/porter_stemmer.h"
#include "core/metrics/recorded_quantity.h"
#include "core/metrics/rouge.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {
namespace {

using Words = std::vector<std::string>;

void verifyScore(const std::string& name, const RougeScore& score, const Json& recorded,
                 RecordedQuantities& quantities)
{
    quantities.number(name + " precision", score.precision, recorded.at("precision"));
    quantities.number(name + " recall", score.recall, recorded.at("recall"));
    quantities.number(name + " f1", score.f1, recorded.at("f1"));
}

void verifyPair(const Json& pair, const char* key, Stemming stemming,
                RecordedQuantities& quantities)
{
    if (!pair.contains(key))
        return;
    const Json& recorded = pair.at(key);
    const std::string suffix = stemming == Stemming::On ? ", stemmed" : "";
    const Words target = rougeTokens(pair.at("target").get<std::string>(), stemming);
    const Words prediction = rougeTokens(pair.at("prediction").get<std::string>(), stemming);
    if (recorded.contains("rouge1"))
        verifyScore("rouge1" + suffix, rouge1(target, prediction), recorded.at("rouge1"),
                    quantities);
    if (recorded.contains("rougeL"))
        verifyScore("rougeL" + suffix, rougeL(target, prediction), recorded.at("rougeL"),
                    quantities);
    if (recorded.contains("target_tokens"))
        quantities.equal("target_tokens" + suffix, target, recorded.at("target_tokens"));
    if (recorded.contains("prediction_tokens"))
        quantities.equal("prediction_tokens" + suffix, prediction,
                         recorded.at("prediction_tokens"));
    quantities.known(key, recorded, {"rouge1", "rougeL", "target_tokens", "prediction_tokens"});
}

void verifyRougeFile(const Json& document, RecordedQuantities& quantities)
{
    for (const Json& pair : document.at("pairs")) {
        verifyPair(pair, "with_stemmer", Stemming::On, quantities);
        verifyPair(pair, "without_stemmer", Stemming::Off, quantities);
        quantities.known("pairs", pair,
                         {"target", "prediction", "with_stemmer", "without_stemmer"});
    }
    quantities.known("", document, {"pairs"});
}

void verifyMemorizationFile(const Json& document, RecordedQuantities& quantities)
{
    for (const Json& item : document.at("items")) {
        const auto predictions = item.at("predictions").get<std::vector<std::int64_t>>();
        const auto labels = item.at("labels").get<std::vector<std::int64_t>>();
        if (predictions.size() != labels.size())
            throw Json::other_error::create(500, "lists of different length", &item);
        std::vector<bool> matches;
        for (std::size_t i = 0; i < labels.size(); ++i)
            matches.push_back(predictions[i] == labels[i]);
        const auto compare = [&](const char* key, double computed) {
            if (item.contains(key))
                quantities.number(key, computed, item.at(key));
        };
        compare("exact_memorization", exactMemorization(matches));
        compare("extraction_strength", extractionStrength(matches));
        compare("extraction_strength_floor_one_over_n",
                extractionStrength(matches, ExtractionFloor::OneOverCount));
        quantities.known("items", item,
                         {"predictions", "labels", "exact_memorization", "extraction_strength",
                          "extraction_strength_floor_one_over_n"});
    }
    quantities.known("", document, {"items"});
}

void verifyStems(const Json& document, RecordedQuantities& quantities)
{
    for (const auto& [word, stem] : document.items())
        quantities.equal("stem", porterStem(word), stem);
}

/// Whether `list` of \p document begins with an object that has these keys.
bool listOf(const Json& document, const char* list, const std::vector<std::string>& keys)
{
    return hasKeys(document, {list}) && document[list].is_array() && !document[list].empty() &&
           hasKeys(document[list].front(), keys);
}

} // namespace

RecordedKind recordedRouge()
{
    return {.what = "ROUGE pairs",
            .recognises =
                [](const Json& document) {
                    return listOf(document, "pairs", {"target", "prediction"});
                },
            .verify = &verifyRougeFile};
}

RecordedKind recordedMemorization()
{
    return {.what = "memorised sequences",
            .recognises =
                [](const Json& document) {
                    return listOf(document, "items", {"predictions", "labels"});
                },
            .verify = &verifyMemorizationFile};
}

RecordedKind recordedStems()
{
    return {.what = "words and their stems",
            .recognises =
                [](const Json& document) {
                    return document.is_object() && !document.empty() &&
                           std::all_of(document.begin(), document.end(),
                                       [](const Json& stem) { return stem.is_string(); });
                },
            .verify = &verifyStems};
}

} // namespace lacuna
