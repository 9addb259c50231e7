#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/corpora/corpus.h"
#include "core/corpora/passages.h"
#include "core/tokens/prompt_format.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// How a model that starts from random weights gets its tokenizer: one that exists, or one trained
/// on the run's own corpora.
struct NewModelSpec {
    Json config;           ///< a Hugging Face config.json; vocab_size follows the tokenizer
    std::string tokenizer; ///< folder; empty: train one
    std::int64_t vocabularySize = 2000;
    std::string tokenizerKind = "bpe"; ///< or "unigram"
};

/// A corpus file and what is asked of it.
struct CorpusSpec {
    std::string path; ///< empty: none
    InvalidRows invalidRows = InvalidRows::Refuse;
    PassageLengths passages = {};

    [[nodiscard]] bool empty() const { return path.empty(); }
};

/// loadCorpus() and cutPassages() as \p spec, which is not empty, says.
[[nodiscard]] Result<Corpus> readCorpus(const CorpusSpec& spec);

struct TrainingSpec {
    std::string optimizer = "adamw";
    double learningRate = 1e-5;
    double weightDecay = 0.01;
    std::string schedule = "linear";
    double warmupEpochs = 0;
    double epochs = 5;
    std::int64_t steps = 0; ///< > 0: instead of epochs
    std::int64_t batchSize = 32;
    std::int64_t microBatchTokens = 2048;
    double clipNorm = 1.0; ///< 0: never
    std::string precision = "auto";
    std::int64_t maxLength = 512;
    /// What a mean divides by: the whole effective batch, or each micro-batch as published tables
    /// do (unlearning reference 0.2).
    std::string accumulation = "batch";
    std::string pairing = "drawn";    ///< of retain items with forget items; see Pairing
    std::int64_t retainPerForget = 1; ///< retain items a forget item
    /// Keep only each block's input for backward and compute the block again: less memory, one more
    /// forward pass, the same numbers.
    bool gradientCheckpointing = false;
    // The optimiser sophia alone; see OptimizerOptions.
    double sophiaRho = 0.04;
    double sophiaScale = 5120;
    std::int64_t sophiaInterval = 1;
};

/// Training matrices of low rank beside the model's own, which stay as they are.
struct AdapterSpec {
    std::string id = "lora";
    std::int64_t rank = 8;
    double alpha = 16;
    bool rankStabilised = false;
};

struct ScopeSpec {
    std::string layers = "all";       ///< "all", or ranges such as "0-3,7": only these blocks
    std::vector<std::string> modules; ///< parts of parameter names, such as "down_proj", or whole
                                      ///< names with * and ?; none: all
    std::optional<AdapterSpec> adapter = {};
    Json mask = {}; ///< of what is trained, what each step may move; checked by readMaskSpec()
};

struct EvaluationSpec {
    std::int64_t everySteps = 10;           ///< 0: never during the run
    std::string suite = "default";          ///< id in suites(), or a file
    std::string data;                       ///< folder of the suite's files; empty: none
    std::map<std::string, CorpusSpec> sets; ///< of the suite, by name, in place of its files
    std::vector<std::string> probes;
    std::int64_t subset = 32;      ///< samples of each corpus while the run goes on
    std::int64_t maxSamples = 400; ///< of each corpus before and after
    std::int64_t maxNewTokens = 64;
    bool generate = true; ///< ROUGE-L before and after
    /// Of the forget and the retain gradient in each step; needs one more gradient in memory.
    bool gradientCosine = false;
};

struct CheckpointSpec {
    double everySeconds = 60;
    std::int64_t keep = 2;
    /// Of the evaluated steps, so many models that no other one beats in both forgetting and
    /// retaining are kept beside the result, three at least: the two ends and one between; 0: none.
    std::int64_t best = 0;
};

/// One value that says everything about a run, so that it can be repeated from the history alone.
struct Recipe {
    std::string name;
    std::string model; ///< folder; empty when `newModel` says how to make one
    std::optional<NewModelSpec> newModel;
    std::string reference;
    std::int64_t seed = 42;
    std::string device = "auto";
    std::int64_t threads = 0; ///< 0: the physical cores
    CorpusSpec forget;
    CorpusSpec retain;
    CorpusSpec holdout;
    /// Answers for methods that teach others than the true ones, as readAnswerPool() takes them;
    /// empty: the method's own source.
    std::string alternates;
    /// Corpora of general ability: measured, never trained on. Their sets are named "utility-1" and
    /// so on.
    std::vector<CorpusSpec> utility;
    // Of one request in a sequence of them:
    std::vector<CorpusSpec> earlier; ///< forget corpora of those before it, measured again
    /// The model that the sequence began with, from which a method that subtracts counts; empty:
    /// `model`.
    std::string origin;
    /// How questions and chats are written, in corpora, evaluations and probes alike: an id in
    /// promptFormats(), or kModelTemplate.
    std::string promptTemplate = kDefaultPromptFormat;
    Json method; ///< checked by readMethodSpec()
    ScopeSpec scope;
    TrainingSpec training;
    Json controls; ///< a list, checked by readControls()
    EvaluationSpec evaluation;
    CheckpointSpec checkpoint;
    std::string saveAs = "float32"; ///< element type of the resulting model's file

    [[nodiscard]] OrderedJson toJson() const;
    /// The folder that a chat template is read from: the model's, or a new model's tokenizer's.
    [[nodiscard]] const std::string& templateFolder() const
    {
        return newModel ? newModel->tokenizer : model;
    }
};

/// Strict: an unknown key is an error that names it and the nearest known one. Relative paths are
/// made absolute against \p folder, the recipe's own.
[[nodiscard]] Result<Recipe> parseRecipe(const Json& document, const std::filesystem::path& folder);

/// Reads a file and applies assignments such as "training.learning_rate=1e-4" before parsing; a
/// value that is no JSON is taken as text.
[[nodiscard]] Result<Recipe> readRecipe(const std::filesystem::path& file,
                                        const std::vector<std::string>& assignments = {});

/// The JSON of a recipe file with the assignments made, unchecked.
[[nodiscard]] Result<Json> readRecipeDocument(const std::filesystem::path& file,
                                              const std::vector<std::string>& assignments = {});
/// Puts \p value where the dotted \p path leads, making the objects on the way.
[[nodiscard]] Status setValue(Json& document, const std::string& path, Json value);

/// The block numbers of a scope, sorted; "all" gives every one.
[[nodiscard]] Result<std::vector<std::int64_t>> parseLayers(const std::string& text,
                                                            std::int64_t layerCount);

} // namespace lacuna
