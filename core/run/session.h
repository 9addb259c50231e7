#pragma once

#include "core/base/result.h"
#include "core/controls/control.h"
#include "core/controls/mask.h"
#include "core/corpora/corpus.h"
#include "core/corpora/tokenise.h"
#include "core/methods/method.h"
#include "core/models/adapter_files.h"
#include "core/models/decoder.h"
#include "core/models/mix.h"
#include "core/run/recipe.h"
#include "core/run/scope.h"
#include "core/run/suite_corpora.h"
#include "core/tokens/tokenizer.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// Everything that a run needs before its first pass: the model as it starts, its tokenizer, the
/// tokenised corpora, the checked method. Owned by the run thread.
struct Session {
    Recipe recipe;
    MethodSpec method;
    std::vector<NamedControl> controls;
    MaskSpec mask;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::shared_ptr<const PromptStyle> style; ///< null: the default, see TokeniseOptions
    std::unique_ptr<Decoder> decoder;
    LoadedCorpus forget; ///< without samples where a suite alone is measured
    std::optional<LoadedCorpus> retain;
    std::optional<LoadedCorpus> holdout;
    std::vector<LoadedCorpus> utility; ///< measured only
    std::vector<SuiteCorpus> suite;    ///< measured only; empty for the default suite
    std::vector<LoadedCorpus> earlier; ///< forget corpora of the requests before this one
    /// In a sequence of a method that subtracts: the decoder between the sequence's first model and
    /// the result of the request before, which it starts as.
    std::optional<Mix> sequence;
    /// Of the forget corpus; none where the method reads none, or they are still to be written.
    std::optional<AlternateAnswers> alternates;
    std::string alternatesHash; ///< SHA-256 of the file that they come from, if they do
    std::string modelHash; ///< SHA-256 over config and weights; of the config alone for a new model
    std::string referenceHash; ///< of the reference's folder, or log; empty: there is none
    /// What a reference that is only a log says; empty: it is a model, or there is none.
    std::vector<Evaluation> referenceLog;
    std::filesystem::path tokenizerFolder;
    std::vector<std::string> trainedNames; ///< parameters that the scope trains
    std::optional<LoraConfig> adapter;     ///< set when those are an adapter's

    [[nodiscard]] std::vector<std::int64_t> stopIds() const;
    [[nodiscard]] TokeniseOptions tokeniseOptions() const;
    /// Fills `alternates` from \p pool.
    [[nodiscard]] Status choose(const AnswerPool& pool);
};

/// Whether \p reference is a saved evaluation log in place of a model's folder.
[[nodiscard]] bool isReferenceLog(const std::filesystem::path& reference);

/// What a recipe says, checked without opening a file.
struct RunChecks {
    MethodSpec method;
    std::vector<NamedControl> controls;
    MaskSpec mask;
    at::Device device = at::kCPU;
    at::ScalarType computeType = at::kFloat;
};

[[nodiscard]] Result<RunChecks> checkRecipe(const Recipe& recipe);

/// The recipe's template as TokeniseOptions wants it.
[[nodiscard]] Result<std::shared_ptr<const PromptStyle>>
promptStyle(const Recipe& recipe, const std::filesystem::path& tokenizerFolder);

/// What a scope's adapter is like on the model in \p model.
[[nodiscard]] LoraConfig loraOf(const AdapterSpec& adapter, const std::filesystem::path& model);

/// Loads all of it. \p runFolder keeps a tokenizer that is trained for a new model.
/// \param proceed  reports progress in [0, 1]; false cancels, and the result is then empty
[[nodiscard]] Result<std::unique_ptr<Session>>
openSession(const Recipe& recipe, const std::filesystem::path& runFolder,
            const std::function<bool(double)>& proceed);

/// Copies the tokenizer and template files of a model folder into another.
[[nodiscard]] Status copyTokenizerFiles(const std::filesystem::path& from,
                                        const std::filesystem::path& folder);

/// Writes the session's model as a folder that other tools load: weights, an adapter merged into
/// them, config, tokenizer files.
[[nodiscard]] Status saveResult(const Session& session, const std::filesystem::path& folder);
/// Writes the session's adapter, which must exist, as a folder that PEFT loads.
[[nodiscard]] Status saveAdapterResult(const Session& session, const std::filesystem::path& folder);

/// SHA-256 over a model folder's config and weight files; of an adapter, over its base's and its
/// own.
[[nodiscard]] Result<std::string> modelFolderHash(const std::filesystem::path& folder);

} // namespace lacuna
