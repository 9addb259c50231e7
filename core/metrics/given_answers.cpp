#include "core/metrics/given_answers.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/lines.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

namespace lacuna {
namespace {

constexpr const char* kRemedy =
    R"(give one {"prompt": "...", "answer": "..."} a line, or an evaluation log whose samples have )"
    R"(their generated texts)";

std::optional<std::string> firstText(const Json& row, std::initializer_list<const char*> keys)
{
    for (const char* key : keys)
        if (const auto found = row.find(key); found != row.end() && found->is_string())
            return found->get<std::string>();
    return std::nullopt;
}

/// Nothing when \p row is no answer.
std::optional<GivenAnswer> answerOf(const Json& row)
{
    if (!row.is_object())
        return std::nullopt;
    auto answer = firstText(row, {"answer", "generation", "generated", "response", "output"});
    if (!answer)
        return std::nullopt;
    return GivenAnswer{
        .prompt =
            firstText(row, {"prompt", "question", "input", "instruction"}).value_or(std::string()),
        .answer = std::move(*answer)};
}

Result<std::vector<GivenAnswer>> fromLines(std::string_view text, const std::string& file)
{
    std::vector<GivenAnswer> answers;
    LineReader lines(text);
    while (const auto line = lines.next()) {
        if (trimmed(*line).empty())
            continue;
        const std::string place = file + ":" + std::to_string(lines.row());
        const Result<Json> row = parseJson(*line, file);
        auto answer = row ? answerOf(*row) : std::nullopt;
        if (!answer)
            return Error{.code = ErrorCode::Corrupt,
                         .message = row ? "the line has no answer" : row.error().message,
                         .context = place,
                         .remedy = kRemedy};
        answers.push_back(std::move(*answer));
    }
    return answers;
}

/// By the number that the key is, where it is one, so that "10" comes after "9".
struct IndexOrder {
    bool operator()(const std::string& a, const std::string& b) const
    {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

/// The answers in one metric's or file's samples; empty: it has none.
std::vector<GivenAnswer> answersIn(const Json& part)
{
    std::map<std::string, GivenAnswer, IndexOrder> found;
    if (!part.is_object())
        return {};
    if (const auto samples = part.find("value_by_index");
        samples != part.end() && samples->is_object())
        for (const auto& [index, sample] : samples->items())
            if (sample.is_object() && sample.contains("generation"))
                if (auto answer = answerOf(sample))
                    found.emplace(index, std::move(*answer));
    // TOFU: question, answer and truth
    if (const auto samples = part.find("generated_text");
        samples != part.end() && samples->is_object())
        for (const auto& [index, sample] : samples->items())
            if (sample.is_array() && sample.size() >= 2 && sample[0].is_string() &&
                sample[1].is_string())
                found.emplace(index, GivenAnswer{.prompt = sample[0].get<std::string>(),
                                                 .answer = sample[1].get<std::string>()});
    std::vector<GivenAnswer> answers;
    for (auto& [index, answer] : found)
        answers.push_back(std::move(answer));
    return answers;
}

bool isOfForgetSet(const std::string& name)
{
    return name.starts_with("forget") || name.ends_with("forget") || name.ends_with("forget.json");
}

using Parts = std::map<std::string, std::vector<GivenAnswer>>;

Result<std::string> chosenPart(const Parts& parts, const std::string& wanted,
                               const std::string& file)
{
    std::vector<std::string> names;
    std::vector<std::string> ofForgetSet;
    for (const auto& [name, answers] : parts) {
        names.push_back(name);
        if (isOfForgetSet(name))
            ofForgetSet.push_back(name);
    }
    if (parts.empty())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the file has no generated texts",
                     .context = file,
                     .remedy = kRemedy};
    if (!wanted.empty() && parts.contains(wanted))
        return wanted;
    if (wanted.empty() && names.size() == 1)
        return names.front();
    if (wanted.empty() && ofForgetSet.size() == 1)
        return ofForgetSet.front();
    return Error{.code = ErrorCode::NotFound,
                 .message = wanted.empty()
                                ? "the log has several parts with generated texts"
                                : "the log has no part \"" + wanted + "\" with generated texts",
                 .context = file,
                 .remedy = "name one of " + join(names, ", ")};
}

} // namespace

Result<GivenAnswers> readGivenAnswers(const std::filesystem::path& path, const std::string& part)
{
    const Result<std::string> text = readTextFile(path);
    if (!text)
        return text.error();
    GivenAnswers answers{.source = path.string(), .sha256 = sha256(*text)};
    const Result<Json> whole = parseJson(*text, path.string());
    // A file of one line is a document too.
    if (!whole || answerOf(*whole)) {
        Result<std::vector<GivenAnswer>> lines = fromLines(*text, path.string());
        if (!lines)
            return lines.error();
        answers.items = std::move(lines).value();
    } else if (whole->is_object()) {
        Parts parts;
        for (const auto& [name, value] : whole->items())
            if (std::vector<GivenAnswer> found = answersIn(value); !found.empty())
                parts.emplace(name, std::move(found));
        if (std::vector<GivenAnswer> found = answersIn(*whole); !found.empty())
            parts.emplace("generated_text", std::move(found));
        const Result<std::string> name = chosenPart(parts, part, path.string());
        if (!name)
            return name.error();
        answers.source += ", " + *name;
        answers.items = std::move(parts.at(*name));
    }
    if (answers.items.empty())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the file has no answers",
                     .context = path.string(),
                     .remedy = kRemedy};
    return answers;
}

} // namespace lacuna
