#pragma once

#include "core/base/result.h"
#include "core/tokens/prompt_style.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace lacuna {

class EmbeddingChange;

/// What stands between a person and a model whose weights stay as they are (unlearning reference
/// 2.26 and 2.27). It changes what the model is asked, how it reads that, or what of its answer is
/// seen, and what it does not concern it leaves alone to the bit. Immutable; any thread may call
/// it. Made for one model, which it does not outlive.
class Guardrail {
public:
    /// What may be seen of an answer.
    struct Sight {
        std::size_t bytes = 0; ///< of its beginning
        bool refused = false;  ///< none of it: refusal() stands in its place
    };

    virtual ~Guardrail() = default;

    /// What it does about \p question, in a sentence.
    [[nodiscard]] virtual std::string note(const std::string& question) const = 0;
    /// What it was made of and how well that went, in a sentence; empty: nothing to tell.
    [[nodiscard]] virtual std::string summary() const { return {}; }

    /// How \p messages, which end with a question, are put to the model. A raw prompt does not come
    /// by here.
    [[nodiscard]] virtual Result<RenderedPrompt> prompt(const PromptStyle& style,
                                                        const ChatMessages& messages) const
    {
        return style.prompt(messages);
    }
    /// Whether a raw prompt gets around it.
    [[nodiscard]] virtual bool actsOnQuestionsOnly() const { return false; }

    /// How the embeddings of the prompt are changed that asks \p question, or is it; null: not.
    [[nodiscard]] virtual std::shared_ptr<const EmbeddingChange>
    change(const std::string& /*question*/) const
    {
        return nullptr;
    }

    /// Whether look() may refuse.
    [[nodiscard]] virtual bool watchesAnswers() const { return false; }
    /// \param answer  well-formed UTF-8
    /// \param whole   nothing more comes; otherwise what may yet become a refused text is held back
    [[nodiscard]] virtual Sight look(std::string_view answer, bool /*whole*/) const
    {
        return {.bytes = answer.size()};
    }
    [[nodiscard]] virtual std::string refusal() const { return {}; }

    /// \p answer, which is whole, as it is seen.
    [[nodiscard]] std::string seen(std::string answer) const
    {
        return look(answer, true).refused ? refusal() : answer;
    }
};

} // namespace lacuna
