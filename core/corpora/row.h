#pragma once

#include "core/base/json.h"
#include "core/corpora/format.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lacuna {

/// Turns the rows of one file into samples: tells the shape of each by its keys, checks its values
/// and notes, with row and field, what is wrong.
///
/// Shapes, in the order in which they are looked for:
/// - {input_ids, labels}: token ids; without labels everything is scored
/// - {messages}: Chat, a list of {role, content} with at least one of the assistant's
/// - {chosen, rejected} with one of the prompts below: a preference pair. `rejected` is to be
///   forgotten and becomes the sample's answer, `chosen` stands beside it. Completion where both
///   begin with white space and so go on from the prompt, otherwise QuestionAnswer
/// - {prompt, completion} or {prompt, gt}: Completion, joined without a template
/// - {choices} with one of the prompts below, and {answer}: a multiple-choice question. The answer
///   is the place of a choice from 0, its letter, or its text. The other choices become
///   false answers
/// - {question | prompt | instruction | query | input} with {answer | response | output |
///   completion | gt | best_answer}: QuestionAnswer; an instruction with an input beside it asks
///   both, the input on a line of its own; optional subject, paraphrased_question,
///   paraphrased_answer, perturbed_answer; correct_answers and incorrect_answers, a list or one
///   text with semicolons between
/// - {text | content}: Text
class RowReader {
public:
    explicit RowReader(std::string file);

    /// An object, or a plain text, which is a Text sample.
    void read(const Json& value, std::int64_t row);
    void readText(std::string text, std::int64_t row);
    void fail(std::int64_t row, std::string field, std::string message, std::string remedy = {});
    void warn(std::int64_t row, std::string message, std::string remedy = {});
    /// False, and noted, when \p text is not UTF-8.
    bool checkEncoding(std::string_view text, std::int64_t row);

    [[nodiscard]] ReadSamples take() { return std::move(m_result); }

private:
    struct Row;

    RawSample tokens(const Row& row);
    RawSample chat(const Row& row);
    RawSample questionAnswer(const Row& row, const char* promptKey, const char* answerKey);
    RawSample preferencePair(const Row& row, const char* promptKey);
    RawSample multipleChoice(const Row& row, const char* promptKey, const char* answerKey);
    /// The value of \p promptKey; an instruction with the input beside it.
    std::string question(const Row& row, const char* promptKey);
    void reportShape(const Row& row);

    /// Noted when it is of another type or blank.
    std::string requiredText(const Row& row, const char* key);
    /// Empty when absent; noted when it is of another type.
    std::string optionalText(const Row& row, const char* key);
    /// A single text counts as a list of one.
    std::vector<std::string> optionalTexts(const Row& row, const char* key);
    /// A single text is cut at semicolons.
    std::vector<std::string> severalAnswers(const Row& row, const char* key);
    /// Empty, and noted, when the value is anything but a list of one or more whole numbers.
    std::vector<std::int64_t> integers(const Row& row, const char* key);

    std::string m_file;
    ReadSamples m_result;
};

/// Whether a sample's shape depends on a field of this name.
[[nodiscard]] bool isSampleField(std::string_view name);

/// The key whose value was being written when the JSON object \p text ends too early; empty when
/// none is known.
[[nodiscard]] std::string keyAtCut(std::string_view text);

} // namespace lacuna
