#pragma once

#include "core/base/result.h"
#include "core/models/config.h"
#include "core/tokens/chat_template.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// What a look at a model folder's headers tells. Whatever could be read is filled in, however much
/// of the rest is missing or damaged.
struct ModelInspection {
    struct Stored {
        std::string type; ///< "BF16"
        std::int64_t tensors = 0;
        std::int64_t elements = 0;
    };
    struct MissingTensor {
        std::string name;
        std::vector<std::int64_t> shape; ///< that config.json asks for
    };
    struct IllShapedTensor {
        std::string name;
        std::vector<std::int64_t> shape;
        std::vector<std::int64_t> expected;
    };
    struct TokenizerSummary {
        std::string format; ///< id in tokenizerFormats(); empty: the folder has none
        std::string file = {};
        std::string kind = {};                       ///< "sentencepiece-bpe"; empty: unreadable
        std::optional<std::int64_t> vocabulary = {}; ///< added tokens included
        bool addsBos = false;                        ///< a text begins with its BOS
    };

    struct AdapterSummary {
        std::int64_t rank = 0;
        double alpha = 0;
        std::vector<std::string> modules;
    };

    std::filesystem::path folder;
    std::optional<AdapterSummary> adapter = {}; ///< all else is then of the model that it changes
    std::string architecture;                   ///< as config.json names it, supported or not
    std::string modelType;
    std::optional<DecoderConfig> config = {};    ///< of a supported family only
    std::optional<std::int64_t> parameters = {}; ///< by the config; a tied matrix once
    std::int64_t storedElements = 0;             ///< in the weight files
    std::vector<Stored> stored = {};             ///< most elements first
    std::uint64_t bytes = 0;                     ///< of the weight files on disk
    TokenizerSummary tokenizer = {};
    ChatTemplate chatTemplate = {};
    std::vector<std::string> filesPresent = {}; ///< weights, config and tokenizer files, sorted
    std::vector<std::string> filesMissing = {}; ///< without which the model cannot be used
    std::vector<MissingTensor> missing = {};
    std::vector<IllShapedTensor> illShaped = {};
    std::vector<std::string> spare = {}; ///< tensors that the model has no use for; tolerated
    std::vector<Error> problems = {};    ///< each keeps the weights from being loaded
    std::vector<Error> warnings = {};    ///< what is wrong with the rest, the tokenizer above all

    [[nodiscard]] bool loadable() const { return problems.empty(); }
};

/// Reads config.json, the headers of the weight files and the tokenizer, no weights: under a second
/// for a model of any size. An Error only when \p folder is not a folder.
[[nodiscard]] Result<ModelInspection> inspectModel(const std::filesystem::path& folder);

} // namespace lacuna
