#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/tokens/chat_message.h"
#include "core/tokens/jinja/template.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lacuna {

/// How a model's makers write a conversation as one text: the Jinja template in its folder, with
/// the special tokens that it may name. Immutable; any thread may render it.
class ChatTemplate {
public:
    enum class State : std::uint8_t {
        None,    ///< the folder has none: prompts go to the model as they are
        Usable,  ///< it renders a question
        Unusable ///< there is one, and problem() keeps it from being used: the same
    };

    /// None.
    ChatTemplate() = default;

    /// chat_template.jinja, else `chat_template` in tokenizer_config.json: a text, or a list of
    /// named ones of which "default" is taken. Never fails: what is wrong is the state's reason.
    [[nodiscard]] static ChatTemplate read(const std::filesystem::path& folder);

    /// \param variables  beside the conversation: special tokens, what a caller sets
    [[nodiscard]] static ChatTemplate fromText(std::string source, std::string file,
                                               OrderedJson variables = OrderedJson::object());

    [[nodiscard]] State state() const;
    /// Why it cannot be used, with file and line; of an unusable one only.
    [[nodiscard]] const Error& problem() const { return m_problem.value(); }
    [[nodiscard]] const std::string& source() const { return m_source; }
    [[nodiscard]] const std::string& file() const { return m_file; }

    /// \param addGenerationPrompt  end with what stands before an answer
    /// \return NotFound without a template, problem() for one that cannot be used, InvalidArgument
    ///         where the template refuses the conversation (Gemma's does with a system message)
    [[nodiscard]] Result<std::string> render(const ChatMessages& messages, bool addGenerationPrompt,
                                             const jinja::RenderOptions& options = {}) const;
    /// The same of a conversation with more to its messages than role and content. Members of
    /// \p variables replace the template's own: "messages", "add_generation_prompt", "tools".
    [[nodiscard]] Result<std::string> render(const OrderedJson& variables,
                                             const jinja::RenderOptions& options = {}) const;

private:
    [[nodiscard]] static ChatTemplate unusable(Error problem);

    std::string m_source;
    std::string m_file;
    OrderedJson m_variables;
    std::optional<jinja::Template> m_template;
    std::optional<Error> m_problem;
};

/// "none", "usable", "unusable".
[[nodiscard]] std::string_view idOf(ChatTemplate::State state);

} // namespace lacuna
