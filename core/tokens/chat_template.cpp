#include "core/tokens/chat_template.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSpecialTokens = {"bos_token", "eos_token", "unk_token", "sep_token",
                                       "pad_token", "cls_token", "mask_token"};

bool isFile(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

/// A token as the settings give it: its text, or an object with it. Null for anything else.
OrderedJson tokenText(const Json& token)
{
    const Json* text = &token;
    if (token.is_object() && token.contains("content"))
        text = &token["content"];
    return text->is_string() ? OrderedJson(text->get<std::string>()) : OrderedJson();
}

/// Adds the special tokens of \p settings that \p variables does not have yet.
void addSpecialTokens(const Json& settings, OrderedJson& variables)
{
    if (!settings.is_object())
        return;
    for (const char* name : kSpecialTokens)
        if (settings.contains(name) && !variables.contains(name))
            if (OrderedJson text = tokenText(settings[name]); !text.is_null())
                variables[name] = std::move(text);
    constexpr const char* kOthers = "additional_special_tokens";
    if (!settings.contains(kOthers) || !settings[kOthers].is_array() || variables.contains(kOthers))
        return;
    OrderedJson list = OrderedJson::array();
    for (const Json& token : settings[kOthers])
        if (OrderedJson text = tokenText(token); !text.is_null())
            list.push_back(std::move(text));
    variables[kOthers] = std::move(list);
}

/// The template that the settings hold; nothing when they hold none.
Result<std::optional<std::string>> templateIn(const Json& settings, const std::string& file)
{
    if (!settings.is_object() || !settings.contains("chat_template") ||
        settings["chat_template"].is_null())
        return std::optional<std::string>();
    const Json& field = settings["chat_template"];
    if (field.is_string())
        return std::optional(field.get<std::string>());
    std::vector<std::string> names;
    if (field.is_array())
        for (const Json& entry : field) {
            if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string() ||
                !entry.contains("template") || !entry["template"].is_string())
                continue;
            if (entry["name"] == "default")
                return std::optional(entry["template"].get<std::string>());
            names.push_back(entry["name"].get<std::string>());
        }
    return Error{.code = ErrorCode::Unsupported,
                 .message = names.empty()
                                ? "the field chat_template is neither a text nor a list of "
                                  "templates with their names"
                                : "none of the chat templates is called default, only " +
                                      join(names, ", "),
                 .context = file,
                 .remedy = "put the template to use into chat_template.jinja"};
}

OrderedJson messagesJson(const ChatMessages& messages)
{
    OrderedJson list = OrderedJson::array();
    for (const ChatMessage& message : messages)
        list.push_back({{"role", message.role}, {"content", message.content}});
    return list;
}

} // namespace

ChatTemplate ChatTemplate::unusable(Error problem)
{
    ChatTemplate result;
    result.m_problem = std::move(problem);
    return result;
}

ChatTemplate ChatTemplate::fromText(std::string source, std::string file, OrderedJson variables)
{
    ChatTemplate result;
    Result<jinja::Template> parsed = jinja::Template::parse(source, file);
    result.m_source = std::move(source);
    result.m_file = std::move(file);
    result.m_variables = std::move(variables);
    if (!parsed) {
        result.m_problem = parsed.error();
        return result;
    }
    result.m_template = std::move(parsed).value();
    // A template that cannot put one question is of no use, whatever else it may render.
    const Result<std::string> tried = result.render({{"user", "Hello"}}, true);
    if (!tried)
        result.m_problem = tried.error();
    return result;
}

ChatTemplate ChatTemplate::read(const fs::path& folder)
{
    OrderedJson variables = OrderedJson::object();
    std::optional<std::string> source;
    std::string file;
    if (const fs::path path = folder / "chat_template.jinja"; isFile(path)) {
        Result<std::string> text = readTextFile(path);
        if (!text)
            return unusable(text.error());
        source = std::move(text).value();
        file = path.string();
    }
    for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) {
        const fs::path path = folder / name;
        if (!isFile(path))
            continue;
        const Result<Json> settings = readJsonFile(path);
        if (!settings)
            return unusable(settings.error());
        addSpecialTokens(*settings, variables);
        if (source)
            continue;
        Result<std::optional<std::string>> found = templateIn(*settings, path.string());
        if (!found)
            return unusable(found.error());
        source = std::move(found).value();
        file = path.string() + ", chat_template";
    }
    return source ? fromText(std::move(*source), std::move(file), std::move(variables))
                  : ChatTemplate();
}

ChatTemplate::State ChatTemplate::state() const
{
    return m_problem ? State::Unusable : m_template ? State::Usable : State::None;
}

Result<std::string> ChatTemplate::render(const ChatMessages& messages, bool addGenerationPrompt,
                                         const jinja::RenderOptions& options) const
{
    return render(OrderedJson{{"messages", messagesJson(messages)},
                              {"add_generation_prompt", addGenerationPrompt}},
                  options);
}

Result<std::string> ChatTemplate::render(const OrderedJson& variables,
                                         const jinja::RenderOptions& options) const
{
    if (m_problem)
        return *m_problem;
    if (!m_template)
        return Error{.code = ErrorCode::NotFound,
                     .message = "the model's folder has no chat template",
                     .remedy = "name one of the prompt formats: lacuna-cli formats"};
    // What the transformers library gives to every template.
    OrderedJson all = {{"messages", OrderedJson::array()},
                       {"tools", nullptr},
                       {"documents", nullptr},
                       {"add_generation_prompt", false}};
    all.update(m_variables);
    all.update(variables);
    return m_template->render(all, options);
}

std::string_view idOf(ChatTemplate::State state)
{
    constexpr std::array<std::string_view, 3> kIds = {"none", "usable", "unusable"};
    return kIds[static_cast<std::size_t>(state)];
}

} // namespace lacuna
