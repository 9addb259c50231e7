#include "core/metrics/fluency.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lacuna {
namespace {

bool isSpace(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool joinsWord(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// The text's words as numbers, equal words alike.
std::vector<std::size_t> wordIds(std::string_view text)
{
    std::unordered_map<std::string_view, std::size_t> known;
    std::vector<std::size_t> ids;
    while (!text.empty()) {
        std::size_t length = 1;
        if (joinsWord(text.front()))
            while (length < text.size() && joinsWord(text[length]))
                ++length;
        if (!isSpace(text.front()))
            ids.push_back(known.try_emplace(text.substr(0, length), known.size()).first->second);
        text.remove_prefix(length);
    }
    return ids;
}

/// How often each n-gram stands in the text.
std::map<std::vector<std::size_t>, std::size_t> countedGrams(const std::vector<std::size_t>& ids,
                                                             std::size_t size)
{
    std::map<std::vector<std::size_t>, std::size_t> grams;
    for (auto first = ids.begin(); ids.end() - first >= static_cast<std::ptrdiff_t>(size); ++first)
        ++grams[{first, first + static_cast<std::ptrdiff_t>(size)}];
    return grams;
}

std::size_t differentGrams(const std::vector<std::size_t>& ids, std::size_t size)
{
    return countedGrams(ids, size).size();
}

/// In bits.
double entropyOfGrams(const std::vector<std::size_t>& ids, std::size_t size)
{
    if (ids.size() < size)
        return 0;
    const auto all = static_cast<double>(ids.size() - size + 1);
    double entropy = 0;
    for (const auto& [gram, count] : countedGrams(ids, size))
        entropy -= static_cast<double>(count) / all * std::log2(static_cast<double>(count) / all);
    return entropy;
}

} // namespace

Fluency fluency(std::string_view text)
{
    const std::vector<std::size_t> ids = wordIds(text);
    if (ids.empty())
        return {};
    Fluency result{.empty = false, .words = ids.size()};
    for (std::size_t size = 1; size <= std::min(ids.size(), result.repetition.size()); ++size)
        result.repetition[size - 1] = 1 - static_cast<double>(differentGrams(ids, size)) /
                                              static_cast<double>(ids.size() - size + 1);
    std::size_t run = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        run = i > 0 && ids[i] == ids[i - 1] ? run + 1 : 1;
        result.longestRun = std::max(result.longestRun, run);
    }
    result.distinct2 =
        static_cast<double>(differentGrams(ids, 2)) / static_cast<double>(ids.size());
    return result;
}

double repetitionOf(std::string_view answer)
{
    const Fluency found = fluency(answer);
    return found.empty ? 1 : found.repetition[1];
}

double repeatedPairs(const std::vector<std::int64_t>& tokens)
{
    if (tokens.size() < 2)
        return 0;
    std::set<std::pair<std::int64_t, std::int64_t>> pairs;
    for (std::size_t i = 1; i < tokens.size(); ++i)
        pairs.emplace(tokens[i - 1], tokens[i]);
    return 1 - static_cast<double>(pairs.size()) / static_cast<double>(tokens.size() - 1);
}

double gramEntropy(std::string_view text)
{
    const std::vector<std::size_t> ids = wordIds(text);
    return (2.0 / 3 * entropyOfGrams(ids, 2) + 4.0 / 3 * entropyOfGrams(ids, 3)) / 2;
}

} // namespace lacuna
