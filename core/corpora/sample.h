#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lacuna {

enum class SampleKind : std::uint8_t { QuestionAnswer, Text, Completion, Tokens };

/// One item of a corpus as its file says it, before tokenisation.
struct RawSample {
    SampleKind kind = SampleKind::Text;
    std::string prompt;     ///< question or prompt; empty for text
    std::string answer;     ///< answer, completion, or the whole text
    std::string subject;    ///< optional: whom or what it is about
    std::string paraphrasedQuestion;
    std::string paraphrasedAnswer;
    std::vector<std::string> perturbedAnswers;
    std::vector<std::int64_t> inputIds; ///< pre-tokenised only
    std::vector<std::int64_t> labels;   ///< pre-tokenised only; -100: not scored
    std::int64_t row = 0;               ///< line or array index in the file, from 1
};

/// A tokenised sample. `ids[t]` is scored when `scored[t]` is not 0; position 0 never is
/// (unlearning reference 0.3). Logits at t-1 predict ids[t].
struct ScoredSample {
    std::vector<std::int64_t> ids;
    std::vector<std::uint8_t> scored;
    std::int64_t promptLength = 0; ///< leading tokens that belong to the prompt
    bool endsWithEos = false;      ///< the last scored token is EOS
    bool truncated = false;
    std::int64_t index = 0; ///< position in its corpus

    [[nodiscard]] std::int64_t scoredCount() const
    {
        std::int64_t count = 0;
        for (const std::uint8_t flag : scored)
            count += flag;
        return count;
    }
};

} // namespace lacuna
