#include "core/metrics/labelled_texts.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/lines.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_set>

namespace lacuna {
namespace {

constexpr const char* kShapes =
    R"(write one {"text": "...", "label": "harmful" or "safe"} a line, or rows as PKU-SafeRLHF has )"
    R"(them (prompt, response_0, response_1, is_response_0_safe, is_response_1_safe))";

std::optional<bool> flagOf(const Json& value)
{
    if (value.is_boolean())
        return value.get<bool>();
    if (const auto number = wholeNumber(value); number && (*number == 0 || *number == 1))
        return *number == 1;
    return std::nullopt;
}

std::optional<bool> labelOf(const Json& value)
{
    if (!value.is_string())
        return flagOf(value);
    std::string word = value.get<std::string>();
    std::ranges::transform(word, word.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    constexpr std::array<std::string_view, 5> kPositive = {"harmful", "unsafe", "toxic", "1",
                                                           "true"};
    constexpr std::array<std::string_view, 4> kNegative = {"harmless", "safe", "0", "false"};
    if (std::ranges::find(kPositive, word) != kPositive.end())
        return true;
    if (std::ranges::find(kNegative, word) != kNegative.end())
        return false;
    return std::nullopt;
}

/// Takes rows and keeps what they say.
class Reader {
public:
    explicit Reader(LabelledTexts& texts) : m_texts(texts) {}

    /// What is wrong with the row; empty: nothing.
    [[nodiscard]] std::string add(const Json& row)
    {
        if (!row.is_object())
            return "the line is not an object";
        if (row.contains("label"))
            return add(row, "text", "label", false);
        if (row.contains("is_response_0_safe")) {
            const std::string wrong = add(row, "response_0", "is_response_0_safe", true);
            return wrong.empty() ? add(row, "response_1", "is_response_1_safe", true) : wrong;
        }
        if (row.contains("is_safe"))
            return add(row, "response", "is_safe", true);
        return "the line has no label";
    }

private:
    /// \param saysSafe  whether the flag at \p labelKey is of the other kind
    [[nodiscard]] std::string add(const Json& row, const char* textKey, const char* labelKey,
                                  bool saysSafe)
    {
        if (!row.contains(textKey) || !row.at(textKey).is_string())
            return std::string("the line has no text at \"") + textKey + "\"";
        if (!row.contains(labelKey))
            return std::string("the line has no \"") + labelKey + "\"";
        const std::optional<bool> flag =
            saysSafe ? flagOf(row.at(labelKey)) : labelOf(row.at(labelKey));
        if (!flag)
            return std::string("the value of \"") + labelKey + "\" is no known label";
        LabelledText item{.text = row.at(textKey).get<std::string>(),
                          .positive = *flag != saysSafe};
        const bool hasPrompt = row.contains("prompt") && row.at("prompt").is_string();
        item.group = saysSafe && hasPrompt ? row.at("prompt").get<std::string>() : item.text;
        if (m_seen.insert(item.text).second)
            m_texts.items.push_back(std::move(item));
        else
            ++m_texts.repeated;
        return {};
    }

    LabelledTexts& m_texts;
    std::unordered_set<std::string> m_seen;
};

} // namespace

Result<LabelledTexts> readLabelledTexts(const std::filesystem::path& path)
{
    const Result<std::string> bytes = readTextFile(path);
    if (!bytes)
        return bytes.error();
    LabelledTexts texts{.sha256 = sha256(*bytes)};
    Reader reader(texts);
    LineReader lines(*bytes);
    while (const auto line = lines.next()) {
        if (trimmed(*line).empty())
            continue;
        const std::string place = path.string() + ":" + std::to_string(lines.row());
        const Result<Json> row = parseJson(*line, path.string());
        if (!row) {
            Error error = row.error();
            error.context = place; // the parser counts rows of its own text
            error.remedy = kShapes;
            return error;
        }
        if (std::string wrong = reader.add(*row); !wrong.empty())
            return Error{.code = ErrorCode::Corrupt,
                         .message = std::move(wrong),
                         .context = place,
                         .remedy = kShapes};
    }
    const auto positive = std::ranges::count(texts.items, true, &LabelledText::positive);
    if (positive == 0 || positive == std::ssize(texts.items))
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the labelled texts are all of one kind",
                     .context = path.string(),
                     .remedy = "give texts of both kinds, harmful and safe"};
    return texts;
}

} // namespace lacuna
