#include "core/tokens/prompt_style.h"

#include "core/tokens/white_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lacuna {
namespace {

Error refusal(std::string message, std::string remedy)
{
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = std::move(message),
                 .context = "messages",
                 .remedy = std::move(remedy)};
}

ChatMessages firstOf(const ChatMessages& messages, std::size_t count)
{
    return {messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// System message or not, then questions and answers in turn: all that a format can write.
Status checkTurns(const ChatMessages& messages)
{
    const std::size_t first = !messages.empty() && messages.front().role == "system" ? 1 : 0;
    for (std::size_t i = first; i < messages.size(); ++i) {
        const char* expected = (i - first) % 2 == 0 ? "user" : "assistant";
        if (messages[i].role != expected)
            return refusal(fmt::format("message {} is of the role \"{}\" where \"{}\" has its turn",
                                       i + 1, messages[i].role, expected),
                           "let questions and answers alternate, or use the template \"model\"");
    }
    return {};
}

} // namespace

PromptStyle::PromptStyle() : PromptStyle(*promptFormats().find(kDefaultPromptFormat).value()) {}

PromptStyle::PromptStyle(const PromptFormat& format) : m_id(format.id), m_format(&format) {}

Result<PromptStyle> PromptStyle::find(const std::string& id, const std::filesystem::path& folder)
{
    if (id != kModelTemplate) {
        const Result<const PromptFormat*> format = promptFormats().find(id);
        if (!format)
            return format.error();
        return PromptStyle(**format);
    }
    if (folder.empty())
        return Error{.code = ErrorCode::NotFound,
                     .message = "there is no model's folder yet to take a chat template from",
                     .remedy = "name one of the prompt formats: lacuna-cli formats"};
    PromptStyle style;
    style.m_id = kModelTemplate;
    style.m_format = nullptr;
    style.m_template = std::make_shared<const ChatTemplate>(ChatTemplate::read(folder));
    switch (style.m_template->state()) {
    case ChatTemplate::State::Usable:
        return style;
    case ChatTemplate::State::Unusable:
        return style.m_template->problem();
    case ChatTemplate::State::None:
        break;
    }
    return Error{.code = ErrorCode::NotFound,
                 .message = "the folder has no chat template",
                 .context = folder.string(),
                 .remedy = "name one of the prompt formats: lacuna-cli formats"};
}

OrderedJson PromptStyle::toJson() const
{
    if (m_template)
        return {{"id", m_id}, {"source", m_template->source()}};
    return {{"id", m_id},
            {"system", m_format->system},
            {"system_before", m_format->systemBefore},
            {"system_after", m_format->systemAfter},
            {"before", m_format->userBefore},
            {"between", m_format->answerBefore},
            {"end", m_format->end}};
}

Result<RenderedPrompt> PromptStyle::prompt(const ChatMessages& messages) const
{
    if (m_template) {
        Result<std::string> text = m_template->render(messages, true);
        if (!text)
            return text.error();
        return RenderedPrompt{.text = std::move(text).value(), .addBos = false};
    }
    // The answer to come takes no part: only where it starts is asked for.
    ChatMessages answered = messages;
    answered.push_back({"assistant", ""});
    const Result<RenderedChat> chat = renderFormat(answered, {});
    if (!chat)
        return chat.error();
    // Spaces at the end belong to the first word of the answer.
    std::string text = chat->text.substr(0, chat->answers.back().begin);
    text.erase(text.find_last_not_of(' ') + 1);
    return RenderedPrompt{.text = std::move(text)};
}

Result<RenderedChat> PromptStyle::render(const ChatMessages& messages, const std::string& eos) const
{
    if (std::none_of(messages.begin(), messages.end(),
                     [](const ChatMessage& message) { return message.role == "assistant"; }))
        return refusal("the conversation has no answer", "end it with what the assistant says");
    return m_template ? renderTemplate(messages) : renderFormat(messages, eos);
}

Result<std::string> PromptStyle::opening(const ChatMessages& messages) const
{
    const bool given = !messages.empty() && messages.front().role == "system";
    const std::string& system = given ? messages.front().content : m_format->system;
    if (given && !m_format->hasSystem())
        return refusal(fmt::format("the format {} has no place for a system message", m_id),
                       "leave the system message out or name another template");
    return system.empty() ? std::string() : m_format->systemBefore + system + m_format->systemAfter;
}

Result<RenderedChat> PromptStyle::renderFormat(const ChatMessages& messages,
                                               const std::string& eos) const
{
    if (const Status status = checkTurns(messages); !status)
        return status.error();
    const Result<std::string> system = opening(messages);
    if (!system)
        return system.error();
    RenderedChat chat{.text = m_format->systemInQuestion ? std::string() : *system};
    bool first = true;
    for (const ChatMessage& message : messages) {
        if (message.role == "user") {
            if (!first) // an answer came before
                chat.text += (m_format->end.empty() ? eos : "") + m_format->between;
            // EOS in the text belongs to the answer that it ends.
            if (!first && m_format->end.empty())
                chat.answers.back().end += eos.size();
            chat.text += m_format->userBefore;
            if (first && m_format->systemInQuestion)
                chat.text += *system;
            chat.text += message.content + m_format->answerBefore;
            first = false;
        } else if (message.role == "assistant") {
            const std::size_t begin = chat.text.size();
            chat.text += message.content + m_format->end;
            chat.answers.push_back({.begin = begin, .end = chat.text.size()});
        }
    }
    chat.text.resize(chat.answers.empty() ? 0 : chat.answers.back().end);
    // An answer that another question follows has its EOS in the text.
    chat.appendEos = m_format->end.empty() && messages.back().role == "assistant";
    return chat;
}

Result<RenderedChat> PromptStyle::renderTemplate(const ChatMessages& messages) const
{
    const Result<std::string> whole = m_template->render(messages, false);
    if (!whole)
        return whole.error();
    RenderedChat chat{.addBos = false};
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (messages[i].role != "assistant")
            continue;
        const Result<std::string> asked = m_template->render(firstOf(messages, i), true);
        if (!asked)
            return asked.error();
        const Result<std::string> answered = m_template->render(firstOf(messages, i + 1), false);
        if (!answered)
            return answered.error();
        if (!answered->starts_with(*asked))
            return refusal(
                fmt::format("the chat template writes what precedes message {} otherwise once it "
                            "is there, so that the answer's start is not known",
                            i + 1),
                "name one of the prompt formats instead: lacuna-cli formats");
        const std::string_view told = withoutTrailingSpace(*answered);
        if (!whole->starts_with(told))
            return refusal(
                fmt::format("the chat template writes message {} otherwise once more has been "
                            "said, so that what to score is not known",
                            i + 1),
                "make a row of each answer, with what precedes it, or name a prompt format");
        chat.answers.push_back(
            {.begin = asked->size(), .end = std::max(asked->size(), told.size())});
    }
    chat.text = whole->substr(0, chat.answers.back().end);
    return chat;
}

std::string PromptStyle::endMarker() const
{
    if (!m_template)
        return m_format->end;
    const std::string answer = "word";
    const Result<RenderedChat> chat = renderTemplate({{"user", "Hello"}, {"assistant", answer}});
    if (!chat)
        return {};
    const std::size_t at = chat->text.rfind(answer);
    return at == std::string::npos ? std::string() : chat->text.substr(at + answer.size());
}

std::vector<std::int64_t> PromptStyle::stopIds(const Tokenizer& tokenizer) const
{
    const std::string marker = endMarker();
    const std::string_view text = withoutLeadingSpace(withoutTrailingSpace(marker));
    if (text.empty())
        return {};
    std::vector<std::int64_t> ids = tokenizer.encode(text, {.addBos = false});
    return ids.size() == 1 ? ids : std::vector<std::int64_t>();
}

} // namespace lacuna
