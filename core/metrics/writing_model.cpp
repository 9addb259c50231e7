#include "core/metrics/writing_model.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lacuna {
namespace {

// Characters

constexpr std::size_t kSpace = 0; // a to z are 1 to 26
constexpr std::size_t kDigit = 27;
constexpr std::size_t kOther = 28;
constexpr std::size_t kSymbolCount = 29;

std::size_t symbolOf(char c)
{
    if (c >= 'a' && c <= 'z')
        return static_cast<std::size_t>(c - 'a') + 1;
    if (c >= 'A' && c <= 'Z')
        return static_cast<std::size_t>(c - 'A') + 1;
    if (c >= '0' && c <= '9')
        return kDigit;
    return c == ' ' || (c >= '\t' && c <= '\r') ? kSpace : kOther;
}

/// With a space at either end and none doubled.
std::vector<std::size_t> symbolsOf(std::string_view text)
{
    std::vector<std::size_t> symbols = {kSpace};
    const auto add = [&](std::size_t symbol) {
        if (symbol != kSpace || symbols.back() != kSpace)
            symbols.push_back(symbol);
    };
    for (const char c : text)
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) // one for each character of UTF-8
            add(symbolOf(c));
    add(kSpace);
    return symbols;
}

// Words

enum class WordClass : std::uint8_t {
    Boundary,
    Determiner,
    Preposition,
    Pronoun,
    Verb,
    Conjunction,
    Pointer, ///< "this", "all", "no": with a noun or alone
    Content, ///< all others, and numbers
};

constexpr auto kSmallWords = std::to_array<std::pair<WordClass, std::string_view>>({
    {WordClass::Determiner, "the a an my your his her its our their every"},
    {WordClass::Preposition,
     "of in to for with on at by from into about as than upon after before between through "
     "over under during without within against among"},
    {WordClass::Pronoun,
     "i you he she it we they him me them who what which there himself herself itself "
     "themselves something nothing"},
    {WordClass::Verb,
     "is are was were be been being am has have had do does did will would can could may "
     "might shall should must cannot not don doesn didn isn wasn ll ve re m d couldn "
     "wouldn shouldn won haven hasn hadn aren weren ain"},
    {WordClass::Conjunction,
     "and or but if because when while so though nor then where how why whether"},
    {WordClass::Pointer, "this that these those all some any such another each one no"},
});

using WordClasses = std::unordered_map<std::string_view, WordClass>;

const WordClasses& smallWords()
{
    static const WordClasses classes = [] {
        WordClasses result;
        for (const auto& [kind, list] : kSmallWords)
            for (std::size_t begin = 0; begin < list.size();) {
                const std::size_t end = std::min(list.find(' ', begin), list.size());
                result.emplace(list.substr(begin, end - begin), kind);
                begin = end + 1;
            }
        return result;
    }();
    return classes;
}

/// The size of the apostrophe that \p text begins with; 0: it begins with something else.
std::size_t apostropheSize(std::string_view text)
{
    constexpr std::string_view kTypographic = "’";
    if (text.starts_with('\''))
        return 1;
    return text.starts_with(kTypographic) ? kTypographic.size() : 0;
}

bool isLetter(char c)
{
    const std::size_t symbol = symbolOf(c);
    return symbol != kSpace && symbol < kDigit;
}

/// The letters at the front of \p text, lowered and taken from it.
std::string takeWord(std::string_view& text)
{
    std::string word;
    for (; !text.empty() && isLetter(text.front()); text.remove_prefix(1))
        word += static_cast<char>('a' + symbolOf(text.front()) - 1);
    return word;
}

/// The text's words by class, with a boundary at either end and at each stop between. Of what an
/// apostrophe joins to a word the verbs count ("I'm", "we'll"), the rest does not ("John's").
std::vector<WordClass> classesOf(std::string_view text)
{
    std::vector<WordClass> classes = {WordClass::Boundary};
    const auto stop = [&] {
        if (classes.back() != WordClass::Boundary)
            classes.push_back(WordClass::Boundary);
    };
    const auto classOf = [](const std::string& word) {
        const auto found = smallWords().find(word);
        return found == smallWords().end() ? WordClass::Content : found->second;
    };
    while (!text.empty()) {
        if (const std::string word = takeWord(text); !word.empty()) {
            classes.push_back(classOf(word));
            const std::size_t apostrophe = apostropheSize(text);
            if (apostrophe == 0 || apostrophe == text.size() || !isLetter(text[apostrophe]))
                continue;
            text.remove_prefix(apostrophe);
            if (classOf(takeWord(text)) == WordClass::Verb)
                classes.push_back(WordClass::Verb);
            continue;
        }
        if (symbolOf(text.front()) == kDigit) {
            classes.push_back(WordClass::Content);
            while (!text.empty() && symbolOf(text.front()) == kDigit)
                text.remove_prefix(1);
            continue;
        }
        if (std::string_view(".,;:!?").find(text.front()) != std::string_view::npos)
            stop();
        text.remove_prefix(1);
    }
    stop();
    return classes;
}

template <std::size_t N> using Counts = std::array<std::array<double, N>, N>;

/// How often each value stands behind each.
template <std::size_t N, class Value> Counts<N> countedPairs(const std::vector<Value>& values)
{
    Counts<N> counts = {};
    for (std::size_t i = 1; i < values.size(); ++i)
        ++counts[static_cast<std::size_t>(values[i - 1])][static_cast<std::size_t>(values[i])];
    return counts;
}

template <std::size_t N> double sumOf(const std::array<double, N>& row)
{
    double sum = 0;
    for (const double value : row)
        sum += value;
    return sum;
}

// What is measured is drawn towards what is usual, as if so much more had been seen.
constexpr double kUsualBits = 3.4;
constexpr double kMoreCharacters = 20;
constexpr double kMoreWords = 12;

constexpr double kMostBits = 10;
constexpr double kMostOrder = 5;

/// Quarters of a bit, 0 to 40.
constexpr std::string_view kSteps = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcde";

constexpr std::array<std::string_view, kSymbolCount> kEnglishLetters = {
    "eCIILLJMFFTRLJMHJXKGDPRGeQeXL", "EcNJJYSMUJcQDL9cOeDFCNNPeOYeQ",
    "UDVeX8eeeGUeEeeAeeEPKEeeeFeee", "LCeMeAeeBFeKJeeBecHRDHeeeVeeW",
    "4KeePBeVaEeePeSJeeKLeNUVeRYeH", "8IXLFLUVbPZZIMDXPeBEMePUNRWeI",
    "7DeeeEMeeDeeHeeBeeHXHIeeeXeeO", "6GOeeCeREFeeMaJJceGMaJebePeeH",
    "DCeee5eeeBeeWYXFeeOZLNeeeUeeN", "NLRFJINKeedTIL8GTTKDCdIeceUeS",
    "O6eeeBeeeFeeeee8eeeeeAeeeeeeN", "AGeeQAeNOBeeOeEIXeSAdWeSeTeeH",
    "BEXdIBRQeBeUEWeFXeeMKKSZeEeeK", "E9Kee8ceeEeXaLeDFeeOeKeeeMeeK",
    "9GeIBHQBZIeWUaQIeePIDSVeeUeeI", "DVTOQVDOYSeLKIAJOeBMIDKJeZceR",
    "HERaeAeeIFeeDTeEJeAMGIeeedeeQ", "eYeeeeeeeeeeeeeeeeeee1eeeeeeA",
    "BCYRN9aTdCeLPRMFVeMGLQXaeKeeJ", "5KeNeFbeHGeUUTaILddKDMedeUeeE",
    "CIeceCYe8BeeOecEeVJLOKeTeKeeK", "JLNLKEeIdMeUDIDWKeBDCeebeTWeP",
    "SCeee3eZeAeeeeeHeeeeYeeeeceeQ", "I9eYeEeeCAeeTeHBeeENXSeeedeeM",
    "CIeGeQaeQEeeeeeR4eeeDKeeeaeeM", "4NWRaFeeePeaMXSETeaKKTeeeeeeB",
    "AAeee7eWFEeeOeeGeeeeeUeeeeOeE", "GeeeeeeeeeeeeeZeeeXPJeeeeee38",
    "3PQURVVXUOaVQRTVUeSEJdWReUeWD"};

constexpr std::array<std::array<double, 8>, 8> kEnglishOrder = {{
    {{-5.00, 0.07, -0.87, 1.74, -1.16, 1.73, 1.22, -0.07}},
    {{-5.00, -5.00, -4.20, -5.00, -4.50, -5.00, -4.01, 0.89}},
    {{-3.28, 2.00, -3.69, 0.01, -2.08, -3.21, 0.54, -0.11}},
    {{-0.53, -1.74, -0.95, -0.74, 2.80, -2.00, -0.27, -0.20}},
    {{-2.14, 0.66, -2.13, -0.21, 1.22, -2.39, 0.80, 0.20}},
    {{-2.77, 0.71, -2.52, 1.59, -0.97, -1.14, 0.30, 0.22}},
    {{-0.54, -0.50, 0.44, 0.72, 0.61, -2.09, 0.53, 0.00}},
    {{0.81, -0.98, 0.70, -0.85, -0.08, 0.11, -0.47, -0.25}},
}};

} // namespace

WritingModel WritingModel::estimate(std::string_view text)
{
    WritingModel model;
    constexpr double kUnseen = 0.2; // of each pair, beside what was counted
    const auto letters = countedPairs<kSymbols>(symbolsOf(text));
    for (std::size_t a = 0; a < kSymbols; ++a)
        for (std::size_t b = 0; b < kSymbols; ++b)
            model.m_bits[a][b] =
                std::min(kMostBits, -std::log2((letters[a][b] + kUnseen) /
                                               (sumOf(letters[a]) + kUnseen * kSymbols)));
    const auto words = countedPairs<kClasses>(classesOf(text));
    std::array<double, kClasses> followers = {}; // words of each class, whatever stood before
    double all = kClasses;
    for (const auto& row : words)
        for (std::size_t b = 0; b < kClasses; ++b) {
            followers[b] += row[b];
            all += row[b];
        }
    for (std::size_t a = 0; a < kClasses; ++a)
        for (std::size_t b = 0; b < kClasses; ++b)
            model.m_order[a][b] =
                std::clamp(std::log2((words[a][b] + 1) / (sumOf(words[a]) + kClasses) /
                                     ((followers[b] + 1) / all)),
                           -kMostOrder, kMostOrder);
    return model;
}

const WritingModel& WritingModel::english()
{
    static const WritingModel model = [] {
        WritingModel result;
        for (std::size_t a = 0; a < kSymbols; ++a)
            for (std::size_t b = 0; b < kSymbols; ++b)
                result.m_bits[a][b] = static_cast<double>(kSteps.find(kEnglishLetters[a][b])) / 4;
        result.m_order = kEnglishOrder;
        return result;
    }();
    return model;
}

double WritingModel::letterBits(std::string_view text) const
{
    const std::vector<std::size_t> symbols = symbolsOf(text);
    double bits = kUsualBits * kMoreCharacters;
    for (std::size_t i = 1; i < symbols.size(); ++i)
        bits += m_bits[symbols[i - 1]][symbols[i]];
    return bits / (static_cast<double>(symbols.size() - 1) + kMoreCharacters);
}

double WritingModel::wordOrder(std::string_view text) const
{
    const std::vector<WordClass> classes = classesOf(text);
    double bits = 0;
    for (std::size_t i = 1; i < classes.size(); ++i)
        bits +=
            m_order[static_cast<std::size_t>(classes[i - 1])][static_cast<std::size_t>(classes[i])];
    return bits / (static_cast<double>(classes.size() - 1) + kMoreWords);
}

double smallWordShare(std::string_view text)
{
    const std::vector<WordClass> classes = classesOf(text);
    const auto count = [&](auto isCounted) {
        return static_cast<double>(std::ranges::count_if(classes, isCounted));
    };
    const double words = count([](WordClass c) { return c != WordClass::Boundary; });
    const double content = count([](WordClass c) { return c == WordClass::Content; });
    return (words - content + 2) / (words + 5);
}

} // namespace lacuna
