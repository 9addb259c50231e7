#include "core/corpora/row.h"

#include "core/base/text.h"
#include "core/corpora/alternates.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace lacuna {
namespace {

constexpr std::array kPromptKeys = {"question", "prompt", "instruction", "query", "input"};
constexpr std::array kAnswerKeys = {"answer",     "response", "output",
                                    "completion", "gt",       "best_answer"};
constexpr std::array kTextKeys = {"text", "content"};
constexpr std::array kRoles = {"system", "user", "assistant"};
constexpr std::int64_t kNotScored = -100;
constexpr const char* kShapeRemedy =
    "name the fields question and answer, or text; other shapes: lacuna-cli formats";

/// "a list", "an object": what a JSON value is, for messages.
std::string_view kindOf(const Json& value)
{
    switch (value.type()) {
    case Json::value_t::string:
        return "a text";
    case Json::value_t::array:
        return "a list";
    case Json::value_t::object:
        return "an object";
    case Json::value_t::boolean:
        return "true or false";
    case Json::value_t::null:
        return "null";
    default:
        return "a number";
    }
}

bool isTextList(const Json& value)
{
    return value.is_array() && std::all_of(value.begin(), value.end(),
                                           [](const Json& item) { return item.is_string(); });
}

} // namespace

/// One row. A key that holds null counts as absent.
struct RowReader::Row {
    const Json& object;
    std::int64_t number;

    [[nodiscard]] const Json* find(const char* key) const
    {
        const auto found = object.find(key);
        return found == object.end() || found->is_null() ? nullptr : &*found;
    }
    [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }

    /// The first of \p keys that is present, or nullptr.
    template <std::size_t N>
    [[nodiscard]] const char* firstOf(const std::array<const char*, N>& keys) const
    {
        const auto found =
            std::find_if(keys.begin(), keys.end(), [this](const char* key) { return has(key); });
        return found == keys.end() ? nullptr : *found;
    }
};

RowReader::RowReader(std::string file) : m_file(std::move(file)) {}

void RowReader::read(const Json& value, std::int64_t row)
{
    if (value.is_string()) {
        readText(value.get<std::string>(), row);
        return;
    }
    if (!value.is_object()) {
        fail(row, {}, fmt::format("a sample must be an object or a text, not {}", kindOf(value)),
             kShapeRemedy);
        return;
    }
    const Row at{value, row};
    const char* promptKey = at.firstOf(kPromptKeys);
    const char* answerKey = at.firstOf(kAnswerKeys);
    const char* textKey = at.firstOf(kTextKeys);
    const std::int64_t errorsBefore = m_result.problems.errorCount();
    RawSample sample;
    if (at.has("input_ids"))
        sample = tokens(at);
    else if (at.has("messages"))
        sample = chat(at);
    else if (at.has("chosen") && at.has("rejected"))
        sample = preferencePair(at, promptKey);
    else if (promptKey && at.has("answer") && at.has("choices"))
        sample = multipleChoice(at, promptKey, "answer");
    else if (promptKey && answerKey)
        sample = questionAnswer(at, promptKey, answerKey);
    else if (textKey)
        sample = {.kind = SampleKind::Text, .answer = requiredText(at, textKey)};
    else
        reportShape(at);
    sample.subject = optionalText(at, "subject");
    sample.row = row;
    if (m_result.problems.errorCount() == errorsBefore)
        m_result.samples.push_back(std::move(sample));
}

void RowReader::readText(std::string text, std::int64_t row)
{
    if (trimmed(text).empty())
        fail(row, {}, "the text is empty", "fill it in or leave the row out");
    else
        m_result.samples.push_back(
            {.kind = SampleKind::Text, .answer = std::move(text), .row = row});
}

void RowReader::fail(std::int64_t row, std::string field, std::string message, std::string remedy)
{
    m_result.problems.add({.file = m_file,
                           .row = row,
                           .field = std::move(field),
                           .message = std::move(message),
                           .remedy = std::move(remedy)});
}

void RowReader::warn(std::int64_t row, std::string message, std::string remedy)
{
    m_result.problems.add({.severity = Severity::Warning,
                           .file = m_file,
                           .row = row,
                           .message = std::move(message),
                           .remedy = std::move(remedy)});
}

bool RowReader::checkEncoding(std::string_view text, std::int64_t row)
{
    const auto bad = firstInvalidUtf8(text);
    if (bad)
        fail(row, {},
             fmt::format("byte {} of the row (0x{:02X}) is not UTF-8", *bad + 1,
                         static_cast<unsigned char>(text[*bad])),
             "save the file as UTF-8");
    return !bad;
}

RawSample RowReader::tokens(const Row& row)
{
    RawSample sample{.kind = SampleKind::Tokens, .inputIds = integers(row, "input_ids")};
    sample.labels = row.has("labels") ? integers(row, "labels") : sample.inputIds;
    if (sample.inputIds.empty() || sample.labels.empty())
        return sample; // noted
    if (sample.labels.size() != sample.inputIds.size())
        fail(row.number, "labels",
             fmt::format("there are {} labels for {} tokens", sample.labels.size(),
                         sample.inputIds.size()),
             "give every token a label: its own id, or -100 where it is not scored");
    else
        for (std::size_t t = 0; t < sample.labels.size(); ++t)
            if (sample.labels[t] != kNotScored && sample.labels[t] != sample.inputIds[t]) {
                fail(row.number, "labels",
                     fmt::format("label {} is {} where the token is {}", t + 1, sample.labels[t],
                                 sample.inputIds[t]),
                     "give the token's own id, not shifted, or -100 where it is not scored");
                break;
            }
    return sample;
}

RawSample RowReader::chat(const Row& row)
{
    RawSample sample{.kind = SampleKind::Chat};
    const Json& list = *row.find("messages");
    const auto refuseChat = [&](std::string message, std::string remedy) {
        fail(row.number, "messages", std::move(message), std::move(remedy));
        return sample;
    };
    if (!list.is_array() || list.empty())
        return refuseChat(
            fmt::format("the value must be a list of messages, not {}",
                        list.is_array() ? "an empty one" : kindOf(list)),
            R"(write [{"role": "user", "content": "..."}, {"role": "assistant", ...}])");
    bool answered = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Json& message = list[i];
        const auto text = [&](const char* key) {
            return message.is_object() && message.contains(key) && message[key].is_string();
        };
        if (!text("role") || !text("content"))
            return refuseChat(
                fmt::format("message {} lacks a role or a content that is a text", i + 1),
                R"(write {"role": "user", "content": "..."})");
        ChatMessage turn{message["role"].get<std::string>(), message["content"].get<std::string>()};
        if (std::find(kRoles.begin(), kRoles.end(), turn.role) == kRoles.end())
            return refuseChat(fmt::format("message {} has the role \"{}\"", i + 1, turn.role),
                              fmt::format("use one of {}", fmt::join(kRoles, ", ")));
        if (turn.role == "assistant" && !answered) {
            answered = true;
            sample.answer = turn.content;
        } else if (!answered) {
            sample.prompt = turn.content;
        }
        sample.messages.push_back(std::move(turn));
    }
    if (!answered)
        return refuseChat("no message is the assistant's, so that nothing would be scored",
                          "add the answer or leave the row out");
    return sample;
}

RawSample RowReader::questionAnswer(const Row& row, const char* promptKey, const char* answerKey)
{
    const std::string_view prompt = promptKey;
    const std::string_view answer = answerKey;
    const bool completion = prompt == "prompt" && (answer == "completion" || answer == "gt");
    RawSample sample{
        .kind = completion ? SampleKind::Completion : SampleKind::QuestionAnswer,
        .prompt = completion ? optionalText(row, promptKey) : question(row, promptKey),
        .answer = requiredText(row, answerKey),
        .paraphrasedQuestion = optionalText(row, "paraphrased_question"),
        .paraphrasedAnswer = optionalText(row, "paraphrased_answer"),
        .perturbedAnswers = optionalTexts(row, "perturbed_answer"),
        .correctAnswers = severalAnswers(row, "correct_answers"),
        .incorrectAnswers = severalAnswers(row, "incorrect_answers"),
    };
    return sample;
}

RawSample RowReader::multipleChoice(const Row& row, const char* promptKey, const char* answerKey)
{
    RawSample sample{.kind = SampleKind::QuestionAnswer, .prompt = question(row, promptKey)};
    sample.choices = optionalTexts(row, "choices");
    const auto count = static_cast<std::int64_t>(sample.choices.size());
    if (count < 2) {
        fail(row.number, "choices", "there are fewer than two choices",
             "give a list of all of them, the right one among them");
        return sample;
    }
    const Json& given = *row.find(answerKey);
    std::int64_t correct = wholeNumber(given).value_or(-1);
    if (given.is_string()) {
        const auto text = given.get<std::string>();
        const auto same = std::ranges::find(sample.choices, text);
        if (same != sample.choices.end())
            correct = same - sample.choices.begin();
        else if (text.size() == 1)
            correct = std::toupper(static_cast<unsigned char>(text.front())) - 'A';
    }
    if (correct < 0 || correct >= count) {
        fail(row.number, answerKey,
             fmt::format("{} is none of the {} choices", given.dump(), count),
             "give the place of the right choice from 0, its letter, or its text");
        return sample;
    }
    sample.correct = static_cast<std::size_t>(correct);
    sample.answer = sample.choices[sample.correct];
    for (std::size_t i = 0; i < sample.choices.size(); ++i) {
        if (trimmed(sample.choices[i]).empty())
            fail(row.number, "choices", "a choice is empty", "fill it in or leave the row out");
        if (i != sample.correct)
            sample.perturbedAnswers.push_back(sample.choices[i]);
    }
    return sample;
}

RawSample RowReader::preferencePair(const Row& row, const char* promptKey)
{
    if (!promptKey) {
        fail(row.number, "prompt", "the preference pair has no prompt that its answers are to",
             "add \"prompt\" to the row or leave the row out");
        return {};
    }
    RawSample sample{.kind = SampleKind::QuestionAnswer,
                     .prompt = question(row, promptKey),
                     .answer = requiredText(row, "rejected"),
                     .chosen = requiredText(row, "chosen")};
    const auto goesOn = [](const std::string& text) {
        return !text.empty() && trimmed(text.substr(0, 1)).empty();
    };
    if (goesOn(sample.answer) && goesOn(sample.chosen))
        sample.kind = SampleKind::Completion;
    if (!sample.answer.empty() && isSameAnswer(sample.answer, sample.chosen))
        fail(row.number, "chosen", "the chosen and the rejected answer are the same",
             "write what is to be said instead as chosen, or leave the row out");
    return sample;
}

std::string RowReader::question(const Row& row, const char* promptKey)
{
    std::string text = requiredText(row, promptKey);
    if (std::string_view(promptKey) == "instruction") {
        const std::string input = optionalText(row, "input");
        if (!trimmed(input).empty())
            text += "\n" + input;
    }
    return text;
}

void RowReader::reportShape(const Row& row)
{
    std::vector<std::string> present;
    for (const auto& [key, value] : row.object.items())
        present.push_back(key);

    const char* promptKey = row.firstOf(kPromptKeys);
    const char* answerKey = row.firstOf(kAnswerKeys);
    if (!promptKey && !answerKey) {
        fail(row.number, {},
             present.empty()
                 ? "the object is empty"
                 : fmt::format("no known combination of fields: {}", fmt::join(present, ", ")),
             kShapeRemedy);
        return;
    }
    const bool isCompletion = promptKey && std::string_view(promptKey) == "prompt";
    const std::string missing = answerKey ? "question" : isCompletion ? "completion" : "answer";
    std::string remedy = fmt::format("add \"{}\" to the row or leave the row out", missing);
    std::erase_if(present, [&](const std::string& key) {
        return (promptKey && key == promptKey) || (answerKey && key == answerKey);
    });
    if (row.object.contains(missing))
        remedy = "it is null: " + remedy;
    else if (const auto misspelt = nearestName(missing, present))
        remedy = fmt::format(R"(rename "{}" to "{}")", *misspelt, missing);
    fail(row.number, missing, "the field is missing", remedy);
}

std::string RowReader::requiredText(const Row& row, const char* key)
{
    const std::int64_t errorsBefore = m_result.problems.errorCount();
    std::string text = optionalText(row, key);
    if (trimmed(text).empty() && m_result.problems.errorCount() == errorsBefore)
        fail(row.number, key, "the text is empty", "fill it in or leave the row out");
    return text;
}

std::string RowReader::optionalText(const Row& row, const char* key)
{
    const Json* value = row.find(key);
    if (!value)
        return {};
    if (!value->is_string()) {
        fail(row.number, key, fmt::format("the value must be a text, not {}", kindOf(*value)),
             "put it in quotation marks");
        return {};
    }
    return value->get<std::string>();
}

std::vector<std::string> RowReader::optionalTexts(const Row& row, const char* key)
{
    const Json* value = row.find(key);
    if (!value)
        return {};
    if (value->is_string())
        return {value->get<std::string>()};
    if (!isTextList(*value)) {
        fail(row.number, key,
             value->is_array()
                 ? "every item of the list must be a text"
                 : fmt::format("the value must be a list of texts, not {}", kindOf(*value)),
             R"(write ["first", "second"])");
        return {};
    }
    return value->get<std::vector<std::string>>();
}

std::vector<std::string> RowReader::severalAnswers(const Row& row, const char* key)
{
    const Json* value = row.find(key);
    if (!value || !value->is_string())
        return optionalTexts(row, key);
    std::vector<std::string> answers;
    for (const std::string& part : split(value->get<std::string>(), ';'))
        if (std::string answer(trimmed(part)); !answer.empty())
            answers.push_back(std::move(answer));
    return answers;
}

std::vector<std::int64_t> RowReader::integers(const Row& row, const char* key)
{
    const Json& value = *row.find(key);
    const bool fits = !value.empty() && value.is_array() &&
                      std::all_of(value.begin(), value.end(),
                                  [](const Json& item) { return item.is_number_integer(); });
    if (!fits) {
        fail(row.number, key, "the value must be a list of one or more whole numbers",
             "write [1, 2, 3]; one list a sample, without padding");
        return {};
    }
    return value.get<std::vector<std::int64_t>>();
}

bool isSampleField(std::string_view name)
{
    const auto among = [name](const auto& keys) {
        return std::find(keys.begin(), keys.end(), name) != keys.end();
    };
    return among(kPromptKeys) || among(kAnswerKeys) || among(kTextKeys) || name == "input_ids" ||
           name == "chosen" || name == "rejected" || name == "choices";
}

std::string keyAtCut(std::string_view text)
{
    std::string key;
    std::string string;
    int depth = 0;
    bool inString = false;
    bool complete = true; // nothing was begun since the last key, comma or whole text
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\' && i + 1 < text.size())
                string += text[++i];
            else if (c == '"')
                inString = false;
            else
                string += c;
            complete = !inString && depth == 1;
        } else if (c == '"') {
            inString = true;
            string.clear();
            complete = false;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
            complete = depth <= 1;
        } else if (depth == 1 && c == ':') {
            key = string;
            complete = false;
        } else if (depth == 1 && c == ',') {
            key.clear();
        }
    }
    return complete ? std::string() : key;
}

} // namespace lacuna
