#pragma once

#include "core/tokens/file_fields.h"
#include "core/tokens/regex.h"

#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lacuna {

/// The "pre_tokenizer" of a tokenizer.json: cuts text into the words that the model takes one by
/// one. Immutable.
class PreTokenizer {
public:
    /// The words of a text, into it or into texts made from it.
    struct Words {
        std::vector<std::string_view> list;
        std::deque<std::string> made;
    };

    PreTokenizer() = default; ///< one word
    /// GPT-2's; its regular expression, or \p pattern instead.
    [[nodiscard]] static PreTokenizer byteLevel(bool addPrefixSpace);
    [[nodiscard]] static PreTokenizer byteLevel(const Regex& pattern);
    /// \param value  null: one word. Failures go to \p problem
    [[nodiscard]] static PreTokenizer read(const Json* value, FileProblem& problem);

    /// \param atStart  whether \p text begins the whole text
    /// \return Unsupported when the budget does not suffice
    [[nodiscard]] Status split(std::string_view text, bool atStart, MatchBudget& budget,
                               Words& words) const;
    /// Whether words are bytes that are yet to be spelled in the byte alphabet. It is left to the
    /// caller, who may know the word already.
    [[nodiscard]] bool givesBytes() const;

    /// Overrides a ByteLevel's add_prefix_space, unless it stands in a Sequence.
    void setPrefixSpace(bool add);

private:
    enum class Behavior : std::uint8_t {
        Removed,
        Isolated,
        MergedWithPrevious,
        MergedWithNext,
        Contiguous
    };
    enum class Prefix : std::uint8_t { Always, First, Never };
    struct Split {
        Regex pattern;
        Behavior behavior = Behavior::Isolated;
        bool invert = false;
    };
    struct ByteLevel {
        std::optional<Regex> pattern;
        bool addPrefixSpace = true;
    };
    struct Metaspace {
        std::string mark;
        Prefix prefix = Prefix::Always;
        std::optional<Split> split;
    };
    using Step = std::variant<Split, ByteLevel, Metaspace>;

    void add(const Json& value, const std::string& key, FileProblem& problem);
    void addSplit(FileFields& fields);
    void addMetaspace(FileFields& fields);
    [[nodiscard]] static std::optional<Behavior> readBehavior(FileFields& fields,
                                                              const char* fallback);

    [[nodiscard]] static Status apply(const Split& step, std::string_view word, MatchBudget& budget,
                                      Words& out);
    [[nodiscard]] static Status apply(const ByteLevel& step, std::string_view word, bool isLast,
                                      MatchBudget& budget, Words& out);
    [[nodiscard]] static Status apply(const Metaspace& step, std::string_view word, bool atStart,
                                      MatchBudget& budget, Words& out);

    std::vector<Step> m_steps;
};

} // namespace lacuna
