#pragma once

#include "core/attacks/catalog.h"
#include "core/corpora/corpus.h"
#include "core/corpora/sample.h"
#include "core/metrics/metric.h"
#include "core/metrics/sample_scan.h"
#include "core/models/parameter.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

class Decoder;
class PromptStyle;
class Tokenizer;

/// One step of plain training on the chosen \p items of \p corpus.
using LearnStep = std::function<void(const std::vector<ScoredSample>& corpus,
                                     const std::vector<std::int64_t>& items)>;

/// A model under attack and what is asked of it. Everything outlives the attack.
struct AttackTarget {
    Decoder& decoder; ///< an attack leaves it as it found it, to the bit
    const Tokenizer& tokenizer;
    const PromptStyle& style;
    const Corpus& forget;
    const std::vector<ScoredSample>& all;     ///< of `forget`
    std::vector<const ScoredSample*> samples; ///< of `all`, those that are measured
    const std::vector<SampleScan>& plain;     ///< of `samples`, without any attack
    const Corpus* retain = nullptr;
    std::vector<std::int64_t> stopIds = {};
    std::int64_t maxLength = 512;    ///< tokens of a sample
    std::int64_t tokenBudget = 2048; ///< rows of a forward pass
    std::int64_t maxNewTokens = 64;  ///< of an answer
    std::filesystem::path base = {}; ///< of a model that is an adapter, its base's folder
    /// A matrix as the original has it, in the master's type; null: there is none to compare with.
    std::function<at::Tensor(const Parameter& parameter)> original = {};
    /// Makes every weight trainable and hands out steps at a learning rate. Attacks stand below the
    /// room that trains.
    std::function<LearnStep(double learningRate)> learner = {};
    double learningRate = 2e-5; ///< that the model was unlearned at, where it is known
    /// Progress of the attack in [0, 1]; false: cancelled.
    std::function<bool(double)> proceed = [](double) { return true; };
};

/// What an attack brought out at one of its settings.
struct AttackedSetting {
    std::string label = {};                  ///< "int4", "20 steps"; empty: the attack has but one
    Json values = Json::object();            ///< what sets it apart, as numbers: {"step": 20}
    std::vector<MetricResult> measured = {}; ///< each in [0, 1], higher: more is known
    /// The same without the attack, where that is not what the plain pass measured; an empty list:
    /// there is no such thing.
    std::optional<std::vector<MetricResult>> before = {};
    /// Any model gains by it, one that never knew too: only a reference tells how much.
    bool wantsReference = false;
    Json facts = Json::object();                      ///< that belong beside the numbers
    std::map<std::int64_t, std::string> answers = {}; ///< by item, what the model said
};

/// ROUGE-L recall, extraction strength and probability of the true answers, as far as \p scans
/// tell.
[[nodiscard]] std::vector<MetricResult> recallOf(const std::vector<SampleScan>& scans);
/// One value an item, with their mean.
[[nodiscard]] MetricResult measureOf(const std::string& metric, const std::string& variant,
                                     std::vector<MetricResult::Item> items);
/// `measured` and `answers` from \p scans.
[[nodiscard]] AttackedSetting settingOf(std::string label, Json values,
                                        const std::vector<SampleScan>& scans);

/// A pass over \p samples that scores and, where they have prompts, answers. Empty when cancelled.
/// \param share  of the attack that is done when it begins
[[nodiscard]] std::vector<SampleScan> scanTarget(const AttackTarget& target, Decoder& decoder,
                                                 const std::vector<const ScoredSample*>& samples,
                                                 double share);

/// The item that \p sample is of.
[[nodiscard]] const RawSample& rawOf(const AttackTarget& target, const ScoredSample& sample);

} // namespace lacuna
