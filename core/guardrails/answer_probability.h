#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace lacuna {

class Decoder;
class EmbeddingChange;

struct PromptedAnswer {
    std::vector<std::int64_t> prompt;
    std::vector<std::int64_t> answer; ///< not empty
};

/// Mean over \p items of exp(mean log p of the answer's tokens), where the model reads each prompt
/// through the change that \p changeOf gives for its position.
[[nodiscard]] double answerProbability(
    Decoder& decoder, const std::vector<PromptedAnswer>& items,
    const std::function<std::shared_ptr<const EmbeddingChange>(std::size_t)>& changeOf);

} // namespace lacuna
