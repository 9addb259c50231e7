#pragma once

#include "core/base/catalog.h"
#include "core/base/json.h"
#include "core/metrics/metric.h"
#include "core/run/recipe.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// How the samples of a set are put to the model.
enum class SetKind : std::uint8_t {
    Answers,   ///< answers are scored, other answers beside them, and written
    Texts,     ///< scored alone
    Knowledge, ///< short answers written after examples of questions and answers (MUSE)
    Choices,   ///< by letter, and by the choices' own words (WMDP, MMLU)
    Truthful,  ///< several true and false answers, which are scored (TruthfulQA)
};

/// One set of a suite.
struct SuiteSet {
    /// As its evaluations are called, and what they are read by: see purposeOf().
    std::string name;
    SetKind kind = SetKind::Answers;
    std::string file;       ///< its name in the folder of the suite's data; empty: the recipe's own
    std::string examples;   ///< Knowledge: file with the questions and answers that stand before
    std::int64_t shots = 0; ///< Knowledge: so many of the examples; 0: all
    std::string topic;      ///< Choices: what the questions are about
    bool required = false;
    bool generate = true;
    bool membership = false;             ///< scores that tell whether a text was trained on
    bool gradientNorm = false;           ///< that score too, at a backward pass a sample
    bool inside = false;                 ///< how deep the answer lies, at a forward pass more
    std::int64_t maxSamples = 0;         ///< 0: as the recipe says
    std::int64_t maxNewTokens = 0;       ///< 0: as the recipe says
    std::int64_t maxReferenceTokens = 0; ///< the true answer is cut after so many; 0: whole
    std::vector<std::string> metrics;    ///< ids; empty: all that can be computed
};

/// What is measured of a model, and on what: a file, the program's own or a person's.
struct Suite {
    std::string id;
    std::string title;
    std::string source;
    std::string explanation;
    std::vector<SuiteSet> sets;
    /// Ids in summaries() that are told even where they cannot be had; others only when they can.
    std::vector<std::string> summaries;
};

/// The suites that come with the program.
[[nodiscard]] const Catalog<Suite>& suites();

/// Strict, like a recipe.
[[nodiscard]] Result<Suite> parseSuite(const Json& document, const std::string& place);

/// The suite of that id, or in that file. kDefaultSuite has no sets of its own: it measures the
/// recipe's corpora.
[[nodiscard]] Result<Suite> findSuite(const std::string& idOrFile);

constexpr const char* kDefaultSuite = "default";

/// Where a set's samples come from.
struct SuiteSource {
    SuiteSet set;
    CorpusSpec corpus;    ///< empty: nowhere, see `missing`
    std::string examples; ///< a file
    std::string missing;  ///< why there are none, and how to get them
};

/// For each set, in this order: what `evaluation.sets` names, the file in `evaluation.data` if it
/// is there, the recipe's corpus of the set's name.
/// \return InvalidArgument when a required set has no source, or `evaluation.sets` names one that
///         the suite does not have
[[nodiscard]] Result<std::vector<SuiteSource>> suiteSources(const Suite& suite,
                                                            const Recipe& recipe);

} // namespace lacuna
