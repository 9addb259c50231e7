#pragma once

#include "core/attacks/attack.h"
#include "core/tokens/chat_message.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// A question as an attack puts it, with the answer that is hoped for.
struct AskedQuestion {
    ChatMessages messages;    ///< end with the question
    std::string answer;       ///< the truth, which is scored
    std::string opening = {}; ///< put into the model's mouth before the answer; ends with a space
};

/// The question of \p raw and what was said before it; nothing for texts, completions and token
/// ids, which are no questions.
[[nodiscard]] std::optional<AskedQuestion> questionOf(const RawSample& raw);

/// \p asked as tokens, scored and cut as tokenise() does it, with the index and source of \p of.
/// \return InvalidArgument, with the row, for a question that leaves no room for the answer, or
///         that the style cannot write
[[nodiscard]] Result<ScoredSample> askedSample(const AttackTarget& target,
                                               const AskedQuestion& asked, const ScoredSample& of);

/// How the question of one item is put; nothing: the item is left out.
using Putting = std::function<Result<std::optional<AskedQuestion>>(const ScoredSample& sample,
                                                                   const AskedQuestion& plain)>;

/// Asks every measured question as \p put says. Without `measured` when cancelled.
/// \param share  of the attack that is done when it begins
/// \return InvalidArgument when nothing is left to ask; \p nothing says why that is
[[nodiscard]] Result<AttackedSetting> askAll(const AttackTarget& target, std::string label,
                                             Json values, const Putting& put,
                                             const std::string& nothing, double share = 0);

inline constexpr const char* kNoQuestions =
    "the forget set holds no questions that could be put in another way";

} // namespace lacuna
