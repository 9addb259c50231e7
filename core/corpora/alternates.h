#pragma once

#include "core/base/result.h"
#include "core/corpora/corpus.h"
#include "core/corpora/sample.h"
#include "core/corpora/tokenise.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Answers that a method teaches, or prefers, in place of the true ones (unlearning reference 2.8
/// to 2.11).
namespace lacuna {

/// Where they come from when the recipe gives none.
enum class AnswerSource : std::uint8_t {
    None,         ///< the method reads no other answers
    Refusals,     ///< sentences that decline, of the program's own
    ModelWritten, ///< the model that is to forget writes them, before the first step
    Retain,       ///< answers of the retain corpus, to questions that they do not fit
    Forget,       ///< answers of other items of the forget corpus
};

/// Tokenised alternates of a corpus: those of its sample i are [i * perSample, (i + 1) *
/// perSample), and carry these positions as their index.
struct AlternateAnswers {
    std::vector<ScoredSample> samples;
    std::int64_t perSample = 0;
};

/// Answers to choose from.
struct AnswerPool {
    std::string origin;                   ///< a file, or what a person calls the source
    std::string sha256;                   ///< of the file's bytes; empty without one
    std::vector<std::string> shared = {}; ///< fit every question; drawn from at random
    /// Of one question each; taken in their order. Used where there is no shared one.
    std::map<std::string, std::vector<std::string>, std::less<>> byPrompt = {};
    /// A sample that is one of a preference pair takes its own chosen answer, nothing of these.
    bool preferPairs = false;
};

/// Some dozens of ways to decline.
[[nodiscard]] const AnswerPool& refusals();
/// The answers of \p corpus, without repetition; those of texts are the texts.
[[nodiscard]] AnswerPool answersOf(const Corpus& corpus);
/// A corpus file whose rows are questions with answers: alternates by question, perturbed answers
/// among them; of preference pairs, the chosen ones. Any other file: a sentence a line, or a row,
/// that fits every question.
[[nodiscard]] Result<AnswerPool> readAnswerPool(const std::filesystem::path& path);

/// How many of the samples are preference pairs.
[[nodiscard]] std::int64_t pairCount(const Corpus& corpus);
/// \return InvalidArgument for a corpus that is to be kept, or only measured, with preference pairs
[[nodiscard]] Status checkKept(const Corpus& corpus);

/// Whether two answers are the same but for letter case, white space and a full stop at the end.
[[nodiscard]] bool isSameAnswer(std::string_view a, std::string_view b);

/// \p perSample alternates for each sample of \p tokens, which was made of \p corpus, chosen from
/// \p pool by \p seed and the sample's position alone; different ones as far as the pool has them,
/// and none that is the truth.
/// \return InvalidArgument, with the row, for a sample that has no answer to replace (texts and
///         token ids), a question that the pool has nothing for, or nothing but the truth
[[nodiscard]] Result<AlternateAnswers>
alternateAnswers(const Corpus& corpus, const TokenisedCorpus& tokens, const AnswerPool& pool,
                 std::int64_t perSample, std::uint64_t seed, const Tokenizer& tokenizer,
                 const TokeniseOptions& options);

} // namespace lacuna
