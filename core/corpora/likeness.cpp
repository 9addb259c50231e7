#include "core/corpora/likeness.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace lacuna {

WordSet wordsOf(std::string_view text)
{
    WordSet words;
    std::string word;
    const auto end = [&] {
        if (!word.empty())
            words.insert(std::exchange(word, {}));
    };
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || std::isalnum(byte))
            word += static_cast<char>(std::tolower(byte));
        else
            end();
    }
    end();
    return words;
}

double likeness(const WordSet& a, const WordSet& b)
{
    const auto shared = static_cast<double>(
        std::ranges::count_if(a, [&](const std::string& word) { return b.contains(word); }));
    const double all = static_cast<double>(a.size() + b.size()) - shared;
    return all > 0 ? shared / all : 0;
}

} // namespace lacuna
