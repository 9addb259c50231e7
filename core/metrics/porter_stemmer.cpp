#include "core/metrics/porter_stemmer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace lacuna {
namespace {

/// 'c' or 'v' for each letter; y is a vowel after a consonant.
std::string shape(std::string_view word)
{
    std::string letters;
    letters.reserve(word.size());
    for (const char letter : word) {
        const bool vowel = letter == 'y'
                               ? letters.ends_with('c')
                               : std::string_view("aeiou").find(letter) != std::string::npos;
        letters += vowel ? 'v' : 'c';
    }
    return letters;
}

/// Porter's m: how many times a run of vowels is followed by a consonant.
std::size_t measure(std::string_view stem)
{
    const std::string letters = shape(stem);
    std::size_t count = 0;
    for (std::size_t i = 1; i < letters.size(); ++i)
        count += letters[i - 1] == 'v' && letters[i] == 'c' ? 1 : 0;
    return count;
}

bool always(std::string_view /*stem*/)
{
    return true;
}

bool hasMeasure(std::string_view stem)
{
    return measure(stem) > 0;
}

bool isLong(std::string_view stem)
{
    return measure(stem) > 1;
}

bool hasVowel(std::string_view stem)
{
    return shape(stem).find('v') != std::string::npos;
}

bool endsDouble(std::string_view word)
{
    return word.size() >= 2 && word.back() == word[word.size() - 2] && shape(word).ends_with('c');
}

/// Porter's *o, consonant, vowel, consonant other than w, x, y; and NLTK's words of two letters.
bool endsShort(std::string_view word)
{
    const std::string letters = shape(word);
    if (letters.size() == 2)
        return letters == "vc";
    return letters.ends_with("cvc") &&
           std::string_view("wxy").find(word.back()) == std::string::npos;
}

struct Rule {
    std::string_view suffix;
    std::string_view replacement;
    bool (*applies)(std::string_view stem); ///< asked with the word less its suffix
};

/// The first rule whose suffix fits decides, also when its condition then leaves the word alone.
std::string applyFirst(std::span<const Rule> rules, std::string_view word)
{
    for (const Rule& rule : rules) {
        if (!word.ends_with(rule.suffix))
            continue;
        const std::string_view stem = word.substr(0, word.size() - rule.suffix.size());
        if (rule.applies(stem))
            return std::string(stem).append(rule.replacement);
        break;
    }
    return std::string(word);
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kIrregular = {{
    {"sky", "sky"},
    {"skies", "sky"},
    {"dying", "die"},
    {"lying", "lie"},
    {"tying", "tie"},
    {"news", "news"},
    {"inning", "inning"},
    {"innings", "inning"},
    {"outing", "outing"},
    {"outings", "outing"},
    {"canning", "canning"},
    {"cannings", "canning"},
    {"howe", "howe"},
    {"proceed", "proceed"},
    {"exceed", "exceed"},
    {"succeed", "succeed"},
}};

constexpr std::array<Rule, 4> kPlurals = {{
    {"sses", "ss", always},
    {"ies", "i", always},
    {"ss", "ss", always},
    {"s", "", always},
}};

/// What "-ed" and "-ing" leave behind.
constexpr std::array<Rule, 3> kRestored = {{
    {"at", "ate", always},
    {"bl", "ble", always},
    {"iz", "ize", always},
}};

constexpr std::array<Rule, 22> kDoubleSuffixes = {{
    {"ational", "ate", hasMeasure},
    {"tional", "tion", hasMeasure},
    {"enci", "ence", hasMeasure},
    {"anci", "ance", hasMeasure},
    {"izer", "ize", hasMeasure},
    {"bli", "ble", hasMeasure},
    {"alli", "al", hasMeasure},
    {"entli", "ent", hasMeasure},
    {"eli", "e", hasMeasure},
    {"ousli", "ous", hasMeasure},
    {"ization", "ize", hasMeasure},
    {"ation", "ate", hasMeasure},
    {"ator", "ate", hasMeasure},
    {"alism", "al", hasMeasure},
    {"iveness", "ive", hasMeasure},
    {"fulness", "ful", hasMeasure},
    {"ousness", "ous", hasMeasure},
    {"aliti", "al", hasMeasure},
    {"iviti", "ive", hasMeasure},
    {"biliti", "ble", hasMeasure},
    {"fulli", "ful", hasMeasure},
    // The l counts as part of the stem, so that "geologi" is long enough.
    {"logi", "log", [](std::string_view stem) { return hasMeasure(std::string(stem) + 'l'); }},
}};

constexpr std::array<Rule, 7> kSingleSuffixes = {{
    {"icate", "ic", hasMeasure},
    {"ative", "", hasMeasure},
    {"alize", "al", hasMeasure},
    {"iciti", "ic", hasMeasure},
    {"ical", "ic", hasMeasure},
    {"ful", "", hasMeasure},
    {"ness", "", hasMeasure},
}};

bool isLongBeforeIon(std::string_view stem)
{
    return isLong(stem) && (stem.ends_with('s') || stem.ends_with('t'));
}

constexpr std::array<Rule, 19> kLastSuffixes = {{
    {"al", "", isLong},    {"ance", "", isLong}, {"ence", "", isLong}, {"er", "", isLong},
    {"ic", "", isLong},    {"able", "", isLong}, {"ible", "", isLong}, {"ant", "", isLong},
    {"ement", "", isLong}, {"ment", "", isLong}, {"ent", "", isLong},  {"ion", "", isLongBeforeIon},
    {"ou", "", isLong},    {"ism", "", isLong},  {"ate", "", isLong},  {"iti", "", isLong},
    {"ous", "", isLong},   {"ive", "", isLong},  {"ize", "", isLong},
}};

std::string withoutPlural(std::string_view word)
{
    if (word.size() == 4 && word.ends_with("ies"))
        return std::string(word.substr(0, 3));
    return applyFirst(kPlurals, word);
}

std::string withoutPast(std::string_view word)
{
    if (word.ends_with("ied"))
        return std::string(word.substr(0, word.size() - (word.size() == 4 ? 1 : 2)));
    if (word.ends_with("eed"))
        return std::string(
            hasMeasure(word.substr(0, word.size() - 3)) ? word.substr(0, word.size() - 1) : word);
    const std::size_t suffix = word.ends_with("ed") ? 2 : word.ends_with("ing") ? 3 : 0;
    const std::string_view stem = word.substr(0, word.size() - suffix);
    if (suffix == 0 || !hasVowel(stem))
        return std::string(word);
    std::string restored = applyFirst(kRestored, stem);
    if (restored.size() != stem.size())
        return restored;
    if (endsDouble(stem)) {
        if (std::string_view("lsz").find(stem.back()) == std::string_view::npos)
            restored.pop_back();
    } else if (measure(stem) == 1 && endsShort(stem)) {
        restored += 'e';
    }
    return restored;
}

std::string withoutDoubleSuffix(std::string_view word)
{
    // "-alli" goes first and the rest is looked at again: "nationalli" to "national" to "nation".
    if (word.ends_with("alli") && hasMeasure(word.substr(0, word.size() - 4)))
        word.remove_suffix(2);
    return applyFirst(kDoubleSuffixes, word);
}

std::string withoutFinalE(std::string_view word)
{
    if (!word.ends_with('e'))
        return std::string(word);
    const std::string_view stem = word.substr(0, word.size() - 1);
    const std::size_t count = measure(stem);
    return std::string(count > 1 || (count == 1 && !endsShort(stem)) ? stem : word);
}

} // namespace

std::string porterStem(std::string_view text)
{
    std::string word(text);
    for (char& letter : word)
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
    for (const auto& [irregular, stem] : kIrregular)
        if (word == irregular)
            return std::string(stem);
    if (word.size() <= 2)
        return word;

    word = withoutPast(withoutPlural(word));
    // NLTK asks for a consonant before the y and a letter before that one: "by" stays.
    if (word.ends_with('y') && word.size() > 2 && shape(word)[word.size() - 2] == 'c')
        word.back() = 'i';
    word = withoutDoubleSuffix(word);
    word = applyFirst(kSingleSuffixes, word);
    word = applyFirst(kLastSuffixes, word);
    word = withoutFinalE(word);
    if (word.ends_with("ll") && isLong(std::string_view(word).substr(0, word.size() - 1)))
        word.pop_back();
    return word;
}

} // namespace lacuna
