#include "core/tokens/text_normalizer.h"

#include "core/base/overloaded.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace lacuna {
namespace {

/// None is published that has a third as many; each costs time on every text.
constexpr std::size_t kMaxSteps = 16;
/// Replacements can make a text longer, step by step, until it fills the memory.
constexpr std::size_t kMaxGrowth = 64;
constexpr std::size_t kAlwaysAllowed = std::size_t{1} << 16;

std::string replaced(std::string_view text, const std::vector<Regex::Span>& spans,
                     std::string_view by)
{
    std::string result;
    result.reserve(text.size());
    std::size_t at = 0;
    for (const Regex::Span& span : spans) {
        result.append(text, at, span.begin - at);
        result.append(by);
        at = span.end;
    }
    return result.append(text, at);
}

Error tooLong()
{
    return Error{.code = ErrorCode::Unsupported,
                 .message = "the tokenizer's normalizer makes this text many times longer",
                 .context = {},
                 .remedy = "check that the tokenizer's file is the model's own"};
}

} // namespace

std::optional<Regex> readPattern(FileFields& fields)
{
    const Json* pattern = fields.child("pattern");
    if (!pattern || !pattern->is_object() || pattern->size() != 1 ||
        !pattern->begin()->is_string() || pattern->begin()->get_ref<const std::string&>().empty()) {
        fields.corrupt("pattern", R"(this must be an object with a "String" or a "Regex")");
        return std::nullopt;
    }
    const std::string& kind = pattern->begin().key();
    const auto& text = pattern->begin()->get_ref<const std::string&>();
    if (kind != "String" && kind != "Regex") {
        fields.unsupported("pattern", "patterns of the kind \"" + kind + "\" are not supported");
        return std::nullopt;
    }
    Result<Regex> regex = kind == "Regex" ? Regex::compile(text) : Regex::literal(text);
    if (!regex) {
        fields.unsupported("pattern." + kind, regex.error().message);
        return std::nullopt;
    }
    return std::move(regex).value();
}

TextNormalizer TextNormalizer::read(const Json* value, FileProblem& problem)
{
    TextNormalizer normalizer;
    if (value)
        normalizer.add(*value, "normalizer", problem);
    return normalizer;
}

void TextNormalizer::add(const Json& value, const std::string& key, FileProblem& problem)
{
    constexpr std::array kForms = {
        std::pair("NFC", NormalForm::Nfc), std::pair("NFD", NormalForm::Nfd),
        std::pair("NFKC", NormalForm::Nfkc), std::pair("NFKD", NormalForm::Nfkd)};
    FileFields fields(value, key, problem);
    const std::string type = fields.text("type");
    const auto* const form = std::find_if(kForms.begin(), kForms.end(),
                                          [&](const auto& known) { return type == known.first; });
    if (form != kForms.end()) {
        m_steps.emplace_back(form->second);
    } else if (type == "Sequence") {
        const Json* list = fields.child("normalizers");
        if (!list || !list->is_array())
            return fields.corrupt("normalizers", "this must be a list");
        for (std::size_t i = 0; i < list->size() && !problem.error(); ++i)
            add((*list)[i], key + ".normalizers[" + std::to_string(i) + "]", problem);
    } else if (type == "Lowercase") {
        m_steps.emplace_back(LowerCase{});
    } else if (type == "Prepend") {
        m_steps.emplace_back(Prepend{fields.text("prepend")});
    } else if (type == "Replace") {
        if (const std::optional<Regex> pattern = readPattern(fields))
            m_steps.emplace_back(Replace{*pattern, fields.text("content")});
    } else if (type == "Strip") {
        m_steps.emplace_back(Strip{Regex::compile("\\s+").value(), fields.flag("strip_left", true),
                                   fields.flag("strip_right", true)});
    } else if (type == "StripAccents") {
        m_steps.emplace_back(Replace{Regex::compile("\\p{M}+").value(), {}});
    } else {
        return fields.unsupported("type", "the normalizer \"" + type + "\" is not supported");
    }
    if (m_steps.size() > kMaxSteps)
        fields.unsupported("type", "the normalizer has too many steps");
    fields.finish();
}

Status TextNormalizer::apply(const Replace& step, std::string& text, std::size_t limit,
                             MatchBudget& budget)
{
    const Result<std::vector<Regex::Span>> spans = step.pattern.matches(text, budget);
    if (!spans)
        return spans.error();
    if (text.size() + spans->size() * step.by.size() > limit)
        return tooLong();
    text = replaced(text, *spans, step.by);
    return {};
}

Status TextNormalizer::apply(const Strip& step, std::string& text, MatchBudget& budget)
{
    const Result<std::vector<Regex::Span>> spans = step.space.matches(text, budget);
    if (!spans)
        return spans.error();
    if (spans->empty())
        return {};
    if (step.right && spans->back().end == text.size())
        text.resize(spans->back().begin);
    if (step.left && spans->front().begin == 0)
        text.erase(0, std::min(spans->front().end, text.size()));
    return {};
}

Result<std::string> TextNormalizer::apply(std::string_view text, MatchBudget& budget) const
{
    const std::size_t limit = text.size() * kMaxGrowth + kAlwaysAllowed;
    std::string current(text);
    for (const Step& step : m_steps) {
        Status applied;
        std::visit(
            Overloaded{
                [&](NormalForm form) { current = normalised(current, form); },
                [&](const LowerCase&) { current = lowerCase(current); },
                [&](const Prepend& prepend) {
                    if (!current.empty())
                        current.insert(0, prepend.text);
                },
                [&](const Replace& replace) { applied = apply(replace, current, limit, budget); },
                [&](const Strip& strip) { applied = apply(strip, current, budget); },
            },
            step);
        if (!applied)
            return applied.error();
        if (current.size() > limit)
            return tooLong();
    }
    return current;
}

} // namespace lacuna
