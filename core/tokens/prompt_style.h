#pragma once

#include "core/base/result.h"
#include "core/tokens/chat_message.h"
#include "core/tokens/chat_template.h"
#include "core/tokens/prompt_format.h"
#include "core/tokens/tokenizer.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lacuna {

/// What a model is to continue with its answer.
struct RenderedPrompt {
    std::string text;
    bool addBos = true; ///< the tokenizer's own, if it adds one; a chat template writes it itself
};

/// A conversation as one text.
struct RenderedChat {
    struct Span {
        std::size_t begin = 0; ///< byte
        std::size_t end = 0;   ///< one behind the last
    };
    std::string text;               ///< ends where the last answer does
    std::vector<Span> answers = {}; ///< what the assistant says, each with the marker that ends it
    bool addBos = true;
    bool appendEos = false; ///< the last answer ends with the tokenizer's EOS, not in the text
};

/// How one model is asked: a format of the catalogue, or the chat template of its folder.
/// Immutable; any thread may call it.
class PromptStyle {
public:
    /// kDefaultPromptFormat.
    PromptStyle();

    /// \param id      in promptFormats(), or kModelTemplate
    /// \param folder  of the model, or its tokenizer: where the chat template lies
    /// \return NotFound for another id or a folder without a template, the template's problem when
    ///         it cannot be used
    [[nodiscard]] static Result<PromptStyle> find(const std::string& id,
                                                  const std::filesystem::path& folder);

    [[nodiscard]] const std::string& id() const { return m_id; }
    [[nodiscard]] bool isDefault() const { return m_id == kDefaultPromptFormat; }
    /// What is kept with a run: the texts of the format, or the template's source.
    [[nodiscard]] OrderedJson toJson() const;

    /// \param messages  end with a question
    [[nodiscard]] Result<RenderedPrompt> prompt(const ChatMessages& messages) const;

    /// The answers are found by rendering the conversation up to each of them, with and without
    /// it. White space behind an answer's end marker belongs to no answer.
    /// \param eos  as the tokenizer spells it, for formats whose answers end with it
    /// \return InvalidArgument for a conversation that cannot be written so, and where a template
    ///         writes an answer otherwise once it has been given, or more has been said
    [[nodiscard]] Result<RenderedChat> render(const ChatMessages& messages,
                                              const std::string& eos) const;

    /// The token that ends an answer in this style, beside the tokenizer's EOS; none where the
    /// tokenizer has no single token for it.
    [[nodiscard]] std::vector<std::int64_t> stopIds(const Tokenizer& tokenizer) const;

private:
    explicit PromptStyle(const PromptFormat& format);

    [[nodiscard]] Result<std::string> opening(const ChatMessages& messages) const;
    [[nodiscard]] Result<RenderedChat> renderFormat(const ChatMessages& messages,
                                                    const std::string& eos) const;
    [[nodiscard]] Result<RenderedChat> renderTemplate(const ChatMessages& messages) const;
    [[nodiscard]] std::string endMarker() const;

    std::string m_id;
    const PromptFormat* m_format = nullptr; ///< of the catalogue; null: m_template
    std::shared_ptr<const ChatTemplate> m_template;
};

} // namespace lacuna
