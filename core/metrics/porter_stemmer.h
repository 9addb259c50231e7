#pragma once

#include <string>
#include <string_view>

namespace lacuna {

/// Stem of an English word by Porter's algorithm with the changes that NLTK makes by default, which
/// is what published ROUGE numbers use: a list of irregular words, kinder rules for short ones
/// ("ties" to "tie"), and words of up to two letters left alone.
///
/// \param word  ASCII letters are lowered; every other byte counts as a consonant
/// Source: Porter 1980, "An algorithm for suffix stripping", and NLTK's documented departures
[[nodiscard]] std::string porterStem(std::string_view word);

} // namespace lacuna
