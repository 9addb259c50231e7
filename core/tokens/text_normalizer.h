#pragma once

#include "core/tokens/file_fields.h"
#include "core/tokens/regex.h"
#include "core/tokens/unicode.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lacuna {

/// The "pattern" of a step: {"String": "..."} or {"Regex": "..."}. Nothing after a problem.
[[nodiscard]] std::optional<Regex> readPattern(FileFields& fields);

/// The "normalizer" of a tokenizer.json: what is done to text before it is split. Immutable.
class TextNormalizer {
public:
    TextNormalizer() = default; ///< changes nothing
    explicit TextNormalizer(NormalForm form) : m_steps{form} {}
    /// \param value  null: changes nothing. Failures go to \p problem
    [[nodiscard]] static TextNormalizer read(const Json* value, FileProblem& problem);

    [[nodiscard]] bool changesNothing() const { return m_steps.empty(); }
    /// \param text  well-formed UTF-8
    /// \return Unsupported when a step makes the text many times longer, or the budget is spent
    [[nodiscard]] Result<std::string> apply(std::string_view text, MatchBudget& budget) const;

private:
    struct LowerCase {};
    struct Prepend {
        std::string text;
    };
    struct Replace {
        Regex pattern;
        std::string by;
    };
    struct Strip {
        Regex space;
        bool left;
        bool right;
    };
    using Step = std::variant<NormalForm, LowerCase, Prepend, Replace, Strip>;

    [[nodiscard]] static Status apply(const Replace& step, std::string& text, std::size_t limit,
                                      MatchBudget& budget);
    [[nodiscard]] static Status apply(const Strip& step, std::string& text, MatchBudget& budget);
    void add(const Json& value, const std::string& key, FileProblem& problem);

    std::vector<Step> m_steps;
};

} // namespace lacuna
