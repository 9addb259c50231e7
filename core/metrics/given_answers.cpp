#include "core/metrics/given_answers.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/lines.h"
#include "core/metrics/evaluation_log.h"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <utility>

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

Result<GivenAnswers> fromLines(std::string_view text, const std::string& file)
{
    GivenAnswers answers{.source = file};
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
        answers.items.push_back(std::move(*answer));
    }
    if (answers.items.empty())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the file has no answers",
                     .context = file,
                     .remedy = kRemedy};
    return answers;
}

/// The answers in a log's samples by the name of their set.
std::map<std::string, std::vector<GivenAnswer>> answersBySet(const EvaluationLog& log)
{
    std::map<std::string, std::vector<GivenAnswer>> sets;
    for (const Evaluation& evaluation : log.evaluations) {
        std::vector<GivenAnswer>& answers = sets[evaluation.set];
        if (!answers.empty()) // of another metric of the same answers
            continue;
        for (const SampleValue& sample : evaluation.samples) {
            const Json extra = Json::parse(sample.extra, nullptr, /*allow_exceptions=*/false);
            if (auto answer = answerOf(extra))
                answers.push_back(std::move(*answer));
        }
    }
    std::erase_if(sets, [](const auto& entry) { return entry.second.empty(); });
    return sets;
}

Result<GivenAnswers> fromLog(const std::filesystem::path& path, const std::string& wanted)
{
    const Result<EvaluationLog> log = readEvaluationLog(path);
    if (!log)
        return log.error();
    auto sets = answersBySet(*log);
    if (sets.empty())
        return Error{.code = ErrorCode::Corrupt,
                     .message = "the file has no generated texts",
                     .context = path.string(),
                     .remedy = kRemedy};
    std::string set = wanted;
    if (wanted.empty())
        set = sets.size() == 1 ? sets.begin()->first : "forget";
    const auto found = sets.find(set);
    if (found == sets.end()) {
        std::vector<std::string> names;
        names.reserve(sets.size());
        for (const auto& [name, answers] : sets)
            names.push_back(name);
        return Error{.code = ErrorCode::NotFound,
                     .message = "the log has no generated texts of the set \"" + set + "\"",
                     .context = path.string(),
                     .remedy = "name one of " + join(names, ", ")};
    }
    return GivenAnswers{.source = path.string() + ", " + set, .items = std::move(found->second)};
}

} // namespace

Result<GivenAnswers> readGivenAnswers(const std::filesystem::path& path, const std::string& set)
{
    const Result<std::string> text = readTextFile(path);
    if (!text)
        return text.error();
    // One whose first line is an answer has a line for each; a log is an object over its whole
    // length.
    const std::string_view whole = trimmed(*text);
    const Json first = Json::parse(whole.substr(0, whole.find('\n')), nullptr,
                                   /*allow_exceptions=*/false);
    const bool isLog = whole.starts_with('{') && !answerOf(first);
    Result<GivenAnswers> answers = isLog ? fromLog(path, set) : fromLines(*text, path.string());
    if (!answers)
        return answers.error();
    answers->sha256 = sha256(*text);
    return answers;
}

} // namespace lacuna
