#include "core/metrics/rouge.h"

#include "core/metrics/porter_stemmer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace lacuna {
namespace {

constexpr std::size_t kLongestUnstemmed = 3;

RougeScore scoreOf(std::size_t shared, std::size_t targetSize, std::size_t predictionSize)
{
    if (shared == 0)
        return {};
    const double precision = static_cast<double>(shared) / static_cast<double>(predictionSize);
    const double recall = static_cast<double>(shared) / static_cast<double>(targetSize);
    return {.precision = precision,
            .recall = recall,
            .f1 = 2 * precision * recall / (precision + recall)};
}

using WordId = std::uint32_t;

/// Both sides' words as numbers, equal words alike: ROUGE-L compares each with each.
struct NumberedSides {
    std::vector<WordId> target;
    std::vector<WordId> prediction;
};

NumberedSides numbered(const std::vector<std::string>& target,
                       const std::vector<std::string>& prediction)
{
    std::unordered_map<std::string_view, WordId> known;
    const auto ids = [&](const std::vector<std::string>& tokens) {
        std::vector<WordId> result;
        result.reserve(tokens.size());
        for (const std::string& token : tokens)
            result.push_back(
                known.try_emplace(token, static_cast<WordId>(known.size())).first->second);
        return result;
    };
    NumberedSides sides;
    sides.target = ids(target);
    sides.prediction = ids(prediction);
    return sides;
}

/// Neighbours as one number each.
std::vector<std::uint64_t> pairsOf(const std::vector<WordId>& ids)
{
    std::vector<std::uint64_t> pairs;
    for (std::size_t i = 1; i < ids.size(); ++i)
        pairs.push_back(std::uint64_t{ids[i - 1]} << 32U | ids[i]);
    return pairs;
}

/// The score of what stands on both sides, each as often as it does on the side with fewer.
template <class Gram>
RougeScore clippedScore(const std::vector<Gram>& target, const std::vector<Gram>& prediction)
{
    std::unordered_map<Gram, std::size_t> unmatched;
    for (const Gram& gram : target)
        ++unmatched[gram];
    std::size_t shared = 0;
    for (const Gram& gram : prediction) {
        const auto found = unmatched.find(gram);
        if (found != unmatched.end() && found->second > 0) {
            --found->second;
            ++shared;
        }
    }
    return scoreOf(shared, target.size(), prediction.size());
}

/// The a-z or 0-9 that the character at the front of \p text contributes once lower-cased, or 0,
/// and its length in bytes. Two characters outside ASCII have an ASCII letter as lower case: the
/// Kelvin sign (U+212A) and the capital I with a dot (U+0130), whose dot becomes a character of
/// its own.
std::pair<char, std::size_t> loweredFront(std::string_view text)
{
    const char c = text.front();
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        return {c, 1};
    if (c >= 'A' && c <= 'Z')
        return {static_cast<char>(c - 'A' + 'a'), 1};
    if (text.starts_with("\xE2\x84\xAA"))
        return {'k', 3};
    if (text.starts_with("\xC4\xB0"))
        return {'i', 1}; // the second byte is left to separate
    return {'\0', 1};
}

} // namespace

std::vector<std::string> rougeTokens(std::string_view text, Stemming stemming)
{
    std::vector<std::string> tokens;
    std::string token;
    const auto finish = [&] {
        if (token.empty())
            return;
        const bool stem = stemming == Stemming::On && token.size() > kLongestUnstemmed;
        tokens.push_back(stem ? porterStem(token) : token);
        token.clear();
    };
    while (!text.empty()) {
        const auto [letter, length] = loweredFront(text);
        if (letter == '\0')
            finish();
        else
            token += letter;
        text.remove_prefix(length);
    }
    finish();
    return tokens;
}

RougeScore rouge1(const std::vector<std::string>& target,
                  const std::vector<std::string>& prediction)
{
    const NumberedSides sides = numbered(target, prediction);
    return clippedScore(sides.target, sides.prediction);
}

RougeScore rouge2(const std::vector<std::string>& target,
                  const std::vector<std::string>& prediction)
{
    const NumberedSides sides = numbered(target, prediction);
    return clippedScore(pairsOf(sides.target), pairsOf(sides.prediction));
}

RougeScore rougeL(const std::vector<std::string>& target,
                  const std::vector<std::string>& prediction)
{
    const NumberedSides sides = numbered(target, prediction);
    // row[j]: longest common subsequence of the target read so far and the prediction's first j.
    std::vector<std::size_t> row(prediction.size() + 1, 0);
    for (const WordId token : sides.target) {
        std::size_t diagonal = 0;
        for (std::size_t j = 1; j <= sides.prediction.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = token == sides.prediction[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
            diagonal = above;
        }
    }
    return scoreOf(row.back(), target.size(), prediction.size());
}

} // namespace lacuna
