#include "core/exchange/model_card.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace lacuna {
namespace {

/// A text in double quotes: what is one in JSON is one in YAML.
std::string quoted(const std::string& text)
{
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A text inside of a line or a cell of Markdown.
std::string inLine(const std::string& text)
{
    std::string out;
    for (const char c : validUtf8(text)) {
        if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '<' || c == '[')
            out += '\\';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return out;
}

std::string numberText(const std::optional<double>& value)
{
    return value && std::isfinite(*value) ? fmt::format("{:.4g}", *value) : "not measured";
}

} // namespace

std::string modelCardText(const ModelCardFacts& card)
{
    std::string text = "---\n";
    if (!card.license.empty())
        text += "license: " + quoted(card.license) + "\n";
    if (!card.baseModel.empty())
        text += "base_model: " + quoted(card.baseModel) + "\n";
    text += "library_name: " + card.library +
            "\npipeline_tag: text-generation\n"
            "tags:\n- machine-unlearning\n- lacuna\n---\n\n";
    text += "# " + inLine(card.title) + "\n\n";
    text +=
        card.baseModel.empty()
            ? "A language model that was made to forget a part of what it knew.\n"
            : fmt::format("{}, made to forget a part of what it knew.\n", inLine(card.baseModel));
    if (!card.method.empty() || !card.facts.empty()) {
        text += "\n## How\n\n";
        if (!card.method.empty())
            text += "- method: " + inLine(card.method) + "\n";
        for (const auto& [name, value] : card.facts)
            text += fmt::format("- {}: {}\n", inLine(name), inLine(value));
    }
    if (!card.corpora.empty()) {
        text += "\n## Corpora\n\n| role | file | SHA-256 |\n|---|---|---|\n";
        for (const ModelCardFacts::Corpus& corpus : card.corpora)
            text += fmt::format("| {} | {} | {} |\n", inLine(corpus.role), inLine(corpus.name),
                                corpus.sha256.empty() ? "not recorded" : inLine(corpus.sha256));
    }
    if (!card.metrics.empty()) {
        text += "\n## Measured\n\n| set | metric | before | after |\n|---|---|---|---|\n";
        for (const ModelCardFacts::Metric& metric : card.metrics)
            text += fmt::format("| {} | {} | {} | {} |\n", inLine(metric.set), inLine(metric.name),
                                numberText(metric.before), numberText(metric.after));
    }
    text += "\n## Limits\n\n";
    for (const std::string& limit : card.limits)
        text += "- " + inLine(limit) + "\n";
    text += "- What is no longer said may still be there: unlearning is measured by the metrics "
            "above and by nothing else, and further training or another way of asking may bring "
            "it back.\n";
    return text;
}

} // namespace lacuna
