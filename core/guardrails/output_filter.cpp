#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/corpus.h"
#include "core/guardrails/catalog.h"
#include "core/guardrails/guardrail.h"
#include "core/guardrails/subjects.h"
#include "core/tokens/regex.h"

#include <algorithm>
#include <cctype>

namespace lacuna {
namespace {

class OutputFilter final : public Guardrail {
public:
    OutputFilter(std::vector<Regex> patterns, std::string refusal)
        : m_patterns(std::move(patterns)), m_refusal(std::move(refusal))
    {
    }

    std::string note(const std::string&) const override
    {
        return "the answer is checked as it comes";
    }
    std::string summary() const override
    {
        return m_patterns.size() == 1
                   ? "one pattern is looked for"
                   : std::to_string(m_patterns.size()) + " patterns are looked for";
    }

    bool watchesAnswers() const override { return true; }
    Sight look(std::string_view answer, bool whole) const override
    {
        Sight sight{.bytes = answer.size()};
        for (const Regex& pattern : m_patterns) {
            MatchBudget budget(answer.size());
            if (whole) {
                const auto matches = pattern.matches(answer, budget);
                // What cannot be decided in time is refused.
                sight.refused = sight.refused || !matches || !matches->empty();
                continue;
            }
            const auto found = pattern.sight(answer, budget);
            sight.refused = sight.refused || !found || (*found && (*found)->isMatch);
            if (found && *found)
                sight.bytes = std::min(sight.bytes, (*found)->begin);
        }
        if (sight.refused)
            sight.bytes = 0;
        return sight;
    }
    std::string refusal() const override { return m_refusal; }

private:
    std::vector<Regex> m_patterns;
    std::string m_refusal;
};

/// A pattern that finds \p phrase in any letter case, its words apart by any white space.
std::string patternOf(std::string_view phrase)
{
    std::string pattern = "(?i:";
    for (const char c : phrase) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isspace(byte)) {
            if (!pattern.ends_with("\\s+"))
                pattern += "\\s+";
            continue;
        }
        if (byte < 0x80 && !std::isalnum(byte))
            pattern += '\\';
        pattern += c;
    }
    return pattern + ")";
}

void addPhrases(std::string_view text, char separator, std::vector<std::string>& phrases)
{
    for (const std::string& part : split(text, separator))
        if (const std::string_view phrase = trimmed(part); !phrase.empty())
            phrases.emplace_back(phrase);
}

Result<std::vector<std::string>> phrasesOf(const ParamSet& params, const GuardrailContext& context)
{
    std::vector<std::string> phrases;
    addPhrases(params.text("keywords"), ';', phrases);
    if (const std::string& file = params.text("keywords_file"); !file.empty()) {
        const Result<std::string> text = readTextFile(file);
        if (!text)
            return text.error().at("output-filter.keywords_file");
        addPhrases(*text, '\n', phrases);
    }
    if (phrases.empty() && params.text("regex").empty() && context.forget)
        return subjectsOf(*context.forget);
    return phrases;
}

Result<GuardrailPtr> make(const ParamSet& params, const GuardrailContext& context)
{
    const Result<std::vector<std::string>> phrases = phrasesOf(params, context);
    if (!phrases)
        return phrases.error();
    std::vector<Regex> patterns;
    const auto add = [&](const std::string& pattern, const char* param) -> Status {
        Result<Regex> compiled = Regex::compile(pattern);
        if (!compiled)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = compiled.error().message,
                         .context = std::string("output-filter.") + param,
                         .remedy = compiled.error().remedy};
        patterns.push_back(std::move(compiled).value());
        return {};
    };
    for (const std::string& phrase : *phrases)
        if (const Status status = add(patternOf(phrase), "keywords"); !status)
            return status.error();
    if (const std::string& regex = params.text("regex"); !regex.empty())
        if (const Status status = add(regex, "regex"); !status)
            return status.error();
    if (patterns.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "there is nothing to look for in the answers",
                     .context = "output-filter",
                     .remedy = "give keywords, a file of them, a regular expression, or a forget "
                               "corpus whose rows name their subject"};
    return GuardrailPtr(
        std::make_shared<const OutputFilter>(std::move(patterns), params.text("refusal")));
}

} // namespace

GuardrailInfo outputFilter()
{
    return {
        .id = "output-filter",
        .title = "Output filter",
        .source =
            "common practice; Thaker et al. 2024, arXiv:2403.03329; unlearning reference 2.26",
        .explanation =
            "The answer is checked while it is written. What may become a forbidden phrase is held "
            "back, and when one is complete, a refusal stands in place of the whole answer. The "
            "model itself knows and says everything: another spelling, a translation or a first "
            "name alone passes.",
        .place = GuardrailPlace::Answer,
        .forget = CorpusNeed::Fallback,
        .params =
            {{.name = "keywords",
              .fallback = std::string(),
              .help = "phrases with ; between them, found in any letter case; all three empty: the "
                      "subjects of the forget corpus"},
             {.name = "keywords_file",
              .fallback = std::string(),
              .help = "a file with a phrase a line"},
             {.name = "regex",
              .fallback = std::string(),
              .help = "a regular expression; (?i) before it ignores letter case, and (?<!\\w) and "
                      "(?!\\w) stand for the edges of a word"},
             {.name = "refusal",
              .fallback = std::string("I have no information about that."),
              .help = "what is said instead",
              .provenance = "one of the program's refusals"}},
        .make = &make};
}

} // namespace lacuna
