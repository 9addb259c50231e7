#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lacuna {

/// What an exported model says about itself: plain values, gathered by the caller. (The window has
/// a class ModelCard: a card of its setup page.)
struct ModelCardFacts {
    struct Corpus {
        std::string role; ///< "forget"
        std::string name; ///< of the file, without its folder: a path tells of its owner
        std::string sha256;
    };
    struct Metric {
        std::string set; ///< "forget"
        std::string name;
        std::optional<double> before = {};
        std::optional<double> after = {};
    };

    std::string title;
    std::string baseModel = {};                                  ///< empty: not said
    std::string license = {};                                    ///< identifier; empty: not said
    std::string library = "transformers";                        ///< what loads it
    std::string method = {};                                     ///< title and source, one line
    std::vector<std::pair<std::string, std::string>> facts = {}; ///< "seed" and "42"
    std::vector<Corpus> corpora = {};
    std::vector<Metric> metrics = {};
    std::vector<std::string> limits = {}; ///< sentences
};

/// A README.md as model hubs read it: a head in YAML, then Markdown.
[[nodiscard]] std::string modelCardText(const ModelCardFacts& card);

} // namespace lacuna
