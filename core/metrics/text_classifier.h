#pragma once

#include "core/base/json.h"
#include "core/base/logistic_fit.h"
#include "core/base/result.h"
#include "core/metrics/labelled_texts.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// Whether a text is of the kind that is looked for.
using TextJudge = std::function<bool(std::string_view text)>;

/// How a judge does on texts whose kind is known.
struct ClassifierScores {
    std::int64_t texts = 0;
    std::int64_t positives = 0;      ///< by their labels
    double accuracy = 0;             ///< share judged rightly
    std::optional<double> precision; ///< of those judged positive; nothing: none was
    std::optional<double> recall;    ///< of the positives; nothing: there were none
};

[[nodiscard]] ClassifierScores scoresOf(const TextJudge& judge,
                                        std::span<const LabelledText> texts);

struct TrainingOptions {
    double testShare = 0.2; ///< of the groups, in (0, 1): held out, never trained on
    std::uint64_t seed = 0; ///< of the split
    double l2 = 0;          ///< 0: 1 / training texts, which is the usual C = 1
};

/// A linear classifier of texts: logistic regression (fitLogistic()) on words and pairs of
/// neighbouring words. Words are runs of letters and digits in lower case; each word and pair is
/// hashed to one of 2^18 columns with the value 1 + ln(count), and a row has length 1. Classes
/// count alike however many texts they have. Immutable once made.
class TextClassifier {
public:
    /// The same bits for the same texts in the same order, options and seed.
    /// \return InvalidArgument when a side of the split lacks a kind
    [[nodiscard]] static Result<TextClassifier> train(const LabelledTexts& texts,
                                                      const TrainingOptions& options = {});
    /// \return Corrupt when the file is another one, or was cut
    [[nodiscard]] static Result<TextClassifier> load(const std::filesystem::path& path);

    /// P(positive), in [0, 1]; at least a half is positive.
    [[nodiscard]] double probability(std::string_view text) const;
    [[nodiscard]] bool isPositive(std::string_view text) const { return probability(text) >= 0.5; }

    /// On the texts held out when it was trained.
    [[nodiscard]] const ClassifierScores& testScores() const { return m_scores; }
    /// SHA-256 of the file that it was trained on.
    [[nodiscard]] const std::string& dataHash() const { return m_dataHash; }
    [[nodiscard]] std::int64_t trainingTexts() const { return m_trainingTexts; }

    [[nodiscard]] Status save(const std::filesystem::path& path) const;

private:
    TextClassifier() = default;
    [[nodiscard]] OrderedJson toJson() const;

    LogisticFit m_fit;
    ClassifierScores m_scores;
    TrainingOptions m_options;
    std::string m_dataHash;
    std::int64_t m_trainingTexts = 0;
};

/// The baseline: positive is what contains one of a list of words or phrases as whole words, letter
/// case and punctuation aside. It knows nothing of meaning: "how to defuse a bomb" has a bomb in
/// it.
class KeywordClassifier {
public:
    /// A word or phrase a line; empty lines and those that begin with # are left out.
    /// \return InvalidArgument when nothing is left
    [[nodiscard]] static Result<KeywordClassifier> load(const std::filesystem::path& path);

    [[nodiscard]] bool isPositive(std::string_view text) const;
    [[nodiscard]] std::size_t size() const { return m_phrases.size(); }

private:
    std::vector<std::string> m_phrases; ///< words apart by one space, one at either end
};

} // namespace lacuna
