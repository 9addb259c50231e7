#pragma once

#include "core/tokens/chat_message.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lacuna {

enum class SampleKind : std::uint8_t {
    QuestionAnswer, ///< put into the template before tokenisation
    Chat,           ///< a conversation, put into the template; every answer is scored
    Text,           ///< no prompt; everything is scored
    Completion,     ///< prompt and continuation joined as they are
    Tokens,         ///< token ids from the file
};

/// What an answer is to a question that teaches another one.
enum class OtherAnswerKind : std::uint8_t {
    Paraphrase, ///< the truth in other words
    Perturbed,  ///< false, in the form of the truth
    Correct,    ///< one of several true ones
    Incorrect,  ///< one of several false ones
};

/// One item of a corpus as its file says it, before tokenisation.
struct RawSample {
    SampleKind kind = SampleKind::Text;
    std::string prompt = {}; ///< question or prompt; empty for text
    std::string answer = {}; ///< answer, completion, or the whole text
    /// Of a preference pair, which rejects `answer`: what is to be said instead. Empty: no pair.
    std::string chosen = {};
    std::string subject = {}; ///< optional: whom or what it is about
    std::string paraphrasedQuestion = {};
    std::string paraphrasedAnswer = {};
    std::vector<std::string> perturbedAnswers = {};
    // Several answers to choose from:
    std::vector<std::string> choices = {}; ///< in their order; `answer` is one of them
    std::size_t correct = 0;               ///< which of `choices`
    std::vector<std::string> correctAnswers = {};
    std::vector<std::string> incorrectAnswers = {};
    /// Chats only: `prompt` is then the last thing said before the first answer, which is `answer`.
    ChatMessages messages = {};
    std::vector<std::int64_t> inputIds = {}; ///< pre-tokenised only
    std::vector<std::int64_t> labels = {};   ///< pre-tokenised only; -100: not scored
    bool continues = false; ///< the text goes on behind the answer, which gets no EOS
    std::int64_t row = 0;   ///< where it starts: line, or item of a JSON array; from 1
};

/// A tokenised sample. `ids[t]` is scored when `scored[t]` is not 0; position 0 never is
/// (unlearning reference 0.3). Logits at t-1 predict ids[t].
struct ScoredSample {
    std::vector<std::int64_t> ids;
    std::vector<std::uint8_t> scored;
    std::int64_t promptLength = 0; ///< leading tokens that belong to the prompt
    bool endsWithEos = false;      ///< the last scored token is EOS
    bool truncated = false;
    std::int64_t index = 0;  ///< position among the tokenised samples of its corpus
    std::int64_t source = 0; ///< position of the RawSample it comes from; shared by text windows
    /// Recorded padding rows only: keys from here on are hidden. 0: none are.
    std::int64_t visibleKeys = 0;

    [[nodiscard]] std::int64_t scoredCount() const
    {
        std::int64_t count = 0;
        for (const std::uint8_t flag : scored)
            count += flag;
        return count;
    }
};

} // namespace lacuna
