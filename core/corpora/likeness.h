#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

/// Which texts are about the same, as far as their words tell.
namespace lacuna {

using WordSet = std::set<std::string, std::less<>>;

/// The words of \p text in lower case; what is no letter or digit of ASCII parts them, other
/// characters are theirs.
[[nodiscard]] WordSet wordsOf(std::string_view text);

/// Shared words by all words (Jaccard), 0 where there are none.
[[nodiscard]] double likeness(const WordSet& a, const WordSet& b);

} // namespace lacuna
