#include "core/tokens/pre_tokenizer.h"

#include "core/base/overloaded.h"
#include "core/base/text.h"
#include "core/tokens/byte_alphabet.h"
#include "core/tokens/text_normalizer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace lacuna {
namespace {

/// Each step costs time on every text; published tokenizers have up to five.
constexpr std::size_t kMaxSteps = 16;

/// Source: the pattern of GPT-2's encoder.py.
constexpr const char* kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// What the library counts as punctuation: Unicode's, and ASCII's symbols.
constexpr const char* kPunctuation = R"([\p{P}$+<=>\^`|~])";

struct Part {
    std::size_t begin;
    std::size_t end;
    bool isMatch;
};

/// All of a text of \p size bytes: its matches and what lies between them.
std::vector<Part> parts(const std::vector<Regex::Span>& matches, std::size_t size, bool invert)
{
    std::vector<Part> parts;
    parts.reserve(2 * matches.size() + 1);
    std::size_t at = 0;
    for (const Regex::Span& match : matches) {
        if (at < match.begin)
            parts.push_back({at, match.begin, invert});
        parts.push_back({match.begin, match.end, !invert});
        at = match.end;
    }
    if (at < size)
        parts.push_back({at, size, invert});
    return parts;
}

/// \p cut with each part that \p joins accepts, given whether it and its neighbour before are
/// matches, made one with that neighbour.
template <class Joins> std::vector<Part> joined(const std::vector<Part>& cut, Joins joins)
{
    std::vector<Part> result;
    bool matchedBefore = false;
    for (const Part& part : cut) {
        if (!result.empty() && joins(part.isMatch, matchedBefore)) {
            result.back().begin = std::min(result.back().begin, part.begin);
            result.back().end = std::max(result.back().end, part.end);
        } else {
            result.push_back(part);
        }
        matchedBefore = part.isMatch;
    }
    return result;
}

const Regex& gpt2Pattern()
{
    static const Regex pattern = Regex::compile(kGpt2Pattern).value();
    return pattern;
}

} // namespace

PreTokenizer PreTokenizer::byteLevel(bool addPrefixSpace)
{
    PreTokenizer made;
    made.m_steps.emplace_back(ByteLevel{gpt2Pattern(), addPrefixSpace});
    return made;
}

PreTokenizer PreTokenizer::byteLevel(const Regex& pattern)
{
    PreTokenizer made;
    made.m_steps.emplace_back(ByteLevel{pattern, false});
    return made;
}

PreTokenizer PreTokenizer::read(const Json* value, FileProblem& problem)
{
    PreTokenizer made;
    if (value)
        made.add(*value, "pre_tokenizer", problem);
    return made;
}

std::optional<PreTokenizer::Behavior> PreTokenizer::readBehavior(FileFields& fields,
                                                                 const char* fallback)
{
    constexpr std::array kBehaviors = {
        std::pair("Removed", Behavior::Removed), std::pair("Isolated", Behavior::Isolated),
        std::pair("MergedWithPrevious", Behavior::MergedWithPrevious),
        std::pair("MergedWithNext", Behavior::MergedWithNext),
        std::pair("Contiguous", Behavior::Contiguous)};
    const std::string name = fields.text("behavior", fallback);
    for (const auto& [known, behavior] : kBehaviors)
        if (name == known)
            return behavior;
    fields.unsupported("behavior", "the behavior \"" + name + "\" is not known");
    return std::nullopt;
}

void PreTokenizer::addSplit(FileFields& fields)
{
    const std::optional<Regex> pattern = readPattern(fields);
    const std::optional<Behavior> behavior = readBehavior(fields, "");
    const bool invert = fields.flag("invert", false);
    if (pattern && behavior)
        m_steps.emplace_back(Split{*pattern, *behavior, invert});
}

void PreTokenizer::addMetaspace(FileFields& fields)
{
    Metaspace step;
    step.mark = fields.text("replacement");
    if (step.mark.empty())
        return fields.corrupt("replacement", "this must be a character");
    // Older files have the flag, newer ones the scheme, some both.
    const bool adds = fields.flag("add_prefix_space", true);
    const std::string scheme = fields.text("prepend_scheme", adds ? "always" : "never");
    if (scheme == "always" || scheme == "first")
        step.prefix = scheme == "first" ? Prefix::First : Prefix::Always;
    else if (scheme == "never")
        step.prefix = Prefix::Never;
    else
        fields.unsupported("prepend_scheme", "the scheme \"" + scheme + "\" is not known");
    if (!adds && scheme != "never")
        fields.corrupt("add_prefix_space", "this contradicts prepend_scheme");
    fields.ignore({"str_rep"});
    if (fields.flag("split", true)) {
        Result<Regex> mark = Regex::literal(step.mark);
        if (!mark)
            return fields.unsupported("replacement", mark.error().message);
        step.split = Split{std::move(mark).value(), Behavior::MergedWithNext, false};
    }
    m_steps.emplace_back(std::move(step));
}

void PreTokenizer::add(const Json& value, const std::string& key, FileProblem& problem)
{
    FileFields fields(value, key, problem);
    const std::string type = fields.text("type");
    const auto pattern = [](const char* text) { return Regex::compile(text).value(); };
    if (type == "Sequence") {
        const Json* list = fields.child("pretokenizers");
        if (!list || !list->is_array())
            return fields.corrupt("pretokenizers", "this must be a list");
        for (std::size_t i = 0; i < list->size() && !problem.error(); ++i)
            add((*list)[i], key + ".pretokenizers[" + std::to_string(i) + "]", problem);
    } else if (type == "ByteLevel") {
        ByteLevel step;
        step.addPrefixSpace = fields.flag("add_prefix_space", true);
        if (fields.flag("use_regex", true))
            step.pattern = gpt2Pattern();
        fields.ignore({"trim_offsets"}); // where a token stands in the text, not what it is
        m_steps.emplace_back(std::move(step));
    } else if (type == "Split") {
        addSplit(fields);
    } else if (type == "Metaspace") {
        addMetaspace(fields);
    } else if (type == "Digits") {
        m_steps.emplace_back(Split{pattern("\\p{N}"), fields.flag("individual_digits", false)
                                                          ? Behavior::Isolated
                                                          : Behavior::Contiguous});
    } else if (type == "Punctuation") {
        if (const auto behavior = readBehavior(fields, "Isolated"))
            m_steps.emplace_back(Split{pattern(kPunctuation), *behavior});
    } else if (type == "Whitespace") {
        m_steps.emplace_back(Split{pattern(R"(\w+|[^\w\s]+)"), Behavior::Removed, true});
    } else if (type == "WhitespaceSplit") {
        m_steps.emplace_back(Split{pattern("\\s"), Behavior::Removed});
    } else {
        return fields.unsupported("type", "the pre-tokenizer \"" + type + "\" is not supported");
    }
    if (m_steps.size() > kMaxSteps)
        fields.unsupported("type", "the pre-tokenizer has too many steps");
    fields.finish();
}

void PreTokenizer::setPrefixSpace(bool add)
{
    if (m_steps.size() == 1)
        if (auto* step = std::get_if<ByteLevel>(&m_steps.front()))
            step->addPrefixSpace = add;
}

bool PreTokenizer::givesBytes() const
{
    return !m_steps.empty() && std::holds_alternative<ByteLevel>(m_steps.back());
}

Status PreTokenizer::apply(const Split& step, std::string_view word, MatchBudget& budget,
                           Words& out)
{
    const Result<std::vector<Regex::Span>> matches = step.pattern.matches(word, budget);
    if (!matches)
        return matches.error();
    std::vector<Part> cut = parts(*matches, word.size(), step.invert);
    switch (step.behavior) {
    case Behavior::Isolated:
        break;
    case Behavior::Removed:
        std::erase_if(cut, [](const Part& part) { return part.isMatch; });
        break;
    case Behavior::Contiguous:
        cut = joined(cut, [](bool matched, bool before) { return matched == before; });
        break;
    case Behavior::MergedWithPrevious:
        cut = joined(cut, [](bool matched, bool before) { return matched && !before; });
        break;
    case Behavior::MergedWithNext: // the same, seen from the end
        std::reverse(cut.begin(), cut.end());
        cut = joined(cut, [](bool matched, bool before) { return matched && !before; });
        std::reverse(cut.begin(), cut.end());
        break;
    }
    for (const Part& part : cut)
        out.list.push_back(word.substr(part.begin, part.end - part.begin));
    return {};
}

Status PreTokenizer::apply(const ByteLevel& step, std::string_view word, bool isLast,
                           MatchBudget& budget, Words& out)
{
    if (step.addPrefixSpace && !word.starts_with(' '))
        word = out.made.emplace_back(" " + std::string(word));
    const std::size_t first = out.list.size();
    if (!step.pattern)
        out.list.push_back(word);
    else if (Status applied = apply(Split{*step.pattern}, word, budget, out); !applied)
        return applied;
    if (isLast)
        return {};
    for (std::size_t i = first; i < out.list.size(); ++i) {
        std::string& spelled = out.made.emplace_back();
        appendInByteAlphabet(out.list[i], spelled);
        out.list[i] = spelled;
    }
    return {};
}

Status PreTokenizer::apply(const Metaspace& step, std::string_view word, bool atStart,
                           MatchBudget& budget, Words& out)
{
    std::string& made = out.made.emplace_back(replaceAll(word, " ", step.mark));
    const bool prefixed =
        step.prefix == Prefix::Always || (step.prefix == Prefix::First && atStart);
    if (prefixed && !made.starts_with(step.mark))
        made.insert(0, step.mark);
    if (step.split)
        return apply(*step.split, made, budget, out);
    out.list.push_back(made);
    return {};
}

Status PreTokenizer::split(std::string_view text, bool atStart, MatchBudget& budget,
                           Words& words) const
{
    words.list.clear();
    words.made.clear();
    if (!text.empty())
        words.list.push_back(text);
    for (const Step& step : m_steps) {
        const std::vector<std::string_view> before = std::exchange(words.list, {});
        for (std::size_t i = 0; i < before.size(); ++i) {
            const std::string_view word = before[i];
            const bool isFirst = i == 0 && atStart;
            Status applied = std::visit(
                Overloaded{
                    [&](const Split& split) { return apply(split, word, budget, words); },
                    [&](const ByteLevel& level) {
                        return apply(level, word, &step == &m_steps.back(), budget, words);
                    },
                    [&](const Metaspace& space) {
                        return apply(space, word, isFirst, budget, words);
                    },
                },
                step);
            if (!applied)
                return applied;
            // Where its start was removed, the first word does not begin the text any more.
            if (i == 0 && std::holds_alternative<Split>(step) &&
                (words.list.empty() || words.list.front().data() != word.data()))
                atStart = false;
        }
    }
    return {};
}

} // namespace lacuna
