#pragma once

#include "core/base/result.h"
#include "core/probe/answer.h"
#include "core/tokens/chat_template.h"
#include "core/tokens/prompt_style.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

/// How a question is put to a model that answers outside of a run.
namespace lacuna {

/// A question ready to be asked, and what the model gets to read.
struct Phrasing {
    ProbePrompt prompt;
    SentPrompt sent;
};

/// \p text as it stands.
[[nodiscard]] Phrasing rawPhrasing(const std::string& text);

/// The question \p text in \p style. A style that is an Error, or a template that refuses the
/// question, leaves it raw, with the reason in SentPrompt::problem.
[[nodiscard]] Phrasing phrase(const std::string& text, const Result<PromptStyle>& style);

/// The same in the style \p promptTemplate, an id in promptFormats() or kModelTemplate. Empty: that
/// of the run which left \p modelFolder, kDefaultPromptFormat where none did.
[[nodiscard]] Phrasing phrase(const std::string& text, const std::string& promptTemplate,
                              const std::filesystem::path& modelFolder);

/// \p phrasing behind \p guardrail, which is not null.
/// \return what keeps the guardrail from putting the question
[[nodiscard]] Result<Phrasing> behindGuardrail(Phrasing phrasing,
                                               std::shared_ptr<const Guardrail> guardrail);

/// What a model's folder tells of how to ask it.
struct AskedFolder {
    std::optional<std::string> trained = {}; ///< template of the run that left it; nothing: none
    ChatTemplate own = {};
    bool isAdapter = false;
};

/// Reads a few small files, and no weights. A folder that is not there tells nothing.
[[nodiscard]] AskedFolder askedFolder(const std::filesystem::path& modelFolder);

} // namespace lacuna
