#pragma once

#include <string_view>

namespace lacuna {

/// Whether \p answer declines instead of answering: it says that its author does not know, cannot
/// or will not say.
///
/// What counts is how the answer opens: its first sentence, with the next one where the first is
/// an opening word or two ("I'm sorry."). It is a refusal when that
/// - holds one of the patterns of refusal.cpp within its first 60 bytes, outside quotation marks,
///   and does not go on to answer behind a "but", or
/// - has, as a set of words, a Jaccard index of at least 0.6 with one of refusals().
///
/// English only, and of a speaker: "She doesn't know", "I don't like rain" and an answer that
/// declines further on are none. A refusal in unusual words is overlooked.
[[nodiscard]] bool isRefusal(std::string_view answer);

} // namespace lacuna
