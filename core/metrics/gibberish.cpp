#include "core/metrics/gibberish.h"

#include "core/base/text.h"
#include "core/tokens/unicode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <unordered_set>

namespace lacuna {
namespace {

constexpr std::size_t kStretch = 10; // bytes: two words or so

bool isSpace(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool isUsualMark(std::string_view character)
{
    if (character.size() == 1)
        return std::string_view(".,;:!?'\"-()").find(character) != std::string_view::npos;
    constexpr auto kMarks = std::to_array<std::string_view>({"’", "‘", "“", "”", "–", "—", "…"});
    return std::ranges::find(kMarks, character) != kMarks.end();
}

/// Shares of visible characters; five more are assumed that are letters.
void countCharacters(std::string_view text, WritingSigns& signs)
{
    double visible = 5;
    double nonWord = 0;
    double odd = 0;
    while (!text.empty()) {
        const std::string_view character = text.substr(0, characterSize(text));
        text.remove_prefix(character.size());
        if (isSpace(character.front()))
            continue;
        ++visible;
        if (startsWithWord(character) && character != "_")
            continue;
        ++nonWord;
        if (!isUsualMark(character))
            ++odd;
    }
    signs.nonWord = nonWord / visible;
    signs.oddCharacters = odd / visible;
}

double repeatedStretches(std::string_view text)
{
    if (text.size() < kStretch)
        return 0;
    std::unordered_set<std::string_view> different;
    const std::size_t all = text.size() - kStretch + 1;
    for (std::size_t i = 0; i < all; ++i)
        different.insert(text.substr(i, kStretch));
    return 1 - static_cast<double>(different.size()) / static_cast<double>(all);
}

/// By how many \p units \p value exceeds \p bound.
double excess(double value, double bound, double unit)
{
    return std::max(0.0, (value - bound) / unit);
}

} // namespace

WritingSigns writingSigns(std::string_view text, const WritingModel& model)
{
    const std::string valid = validUtf8(text);
    const std::string_view visible = trimmed(valid);
    WritingSigns signs{.empty = visible.empty()};
    if (signs.empty)
        return signs;
    signs.letterBits = model.letterBits(visible);
    signs.wordOrder = model.wordOrder(visible);
    signs.smallWords = smallWordShare(visible);
    signs.repeated = repeatedStretches(visible);
    countCharacters(visible, signs);
    return signs;
}

double cleanness(const WritingSigns& signs)
{
    if (signs.empty)
        return 0;
    // Bounds that 98 of 100 real passages keep, and units in which what is broken exceeds them by
    // one or more.
    return std::exp(-excess(signs.letterBits, 3.8, 0.5) - excess(signs.oddCharacters, 0.05, 0.1) -
                    excess(signs.nonWord, 0.25, 0.15) - excess(signs.repeated, 0.25, 0.25) -
                    excess(-signs.wordOrder, -0.05, 0.25) - excess(-signs.smallWords, -0.2, 0.12));
}

} // namespace lacuna
