#include "core/probe/phrasing.h"

#include "core/base/json.h"
#include "core/guardrails/guardrail.h"
#include "core/models/adapter_files.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace lacuna {
namespace {

/// A run's folder holds manifest.json beside the folders of its model and adapter.
std::optional<std::string> trainedTemplate(const std::filesystem::path& modelFolder)
{
    const std::filesystem::path folder = modelFolder.lexically_normal();
    // "…/model/" has an empty last part.
    const std::filesystem::path run =
        folder.has_filename() ? folder.parent_path() : folder.parent_path().parent_path();
    const std::filesystem::path file = run / "manifest.json";
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
        return std::nullopt;
    const Result<Json> manifest = readJsonFile(file);
    if (!manifest || !manifest->is_object() || !manifest->contains("recipe"))
        return std::nullopt;
    const Json& recipe = (*manifest)["recipe"];
    if (!recipe.is_object())
        return std::nullopt;
    // Recipes of the first release name none.
    const auto found = recipe.find("template");
    return found != recipe.end() && found->is_string() ? found->get<std::string>()
                                                       : std::string(kDefaultPromptFormat);
}

} // namespace

Phrasing rawPhrasing(const std::string& text)
{
    return {.prompt = {.text = text, .raw = true}, .sent = {.text = text}};
}

Phrasing phrase(const std::string& text, const Result<PromptStyle>& style)
{
    const auto unusable = [&text](const Error& problem) {
        Phrasing raw = rawPhrasing(text);
        raw.sent.problem = problem;
        return raw;
    };
    if (!style)
        return unusable(style.error());
    Result<RenderedPrompt> rendered = style->prompt({{"user", text}});
    if (!rendered)
        return unusable(rendered.error());
    return {.prompt = {.text = text, .style = std::make_shared<const PromptStyle>(*style)},
            .sent = {.text = std::move(rendered->text), .promptTemplate = style->id()}};
}

Phrasing phrase(const std::string& text, const std::string& promptTemplate,
                const std::filesystem::path& modelFolder)
{
    const std::string id = promptTemplate.empty()
                               ? trainedTemplate(modelFolder).value_or(kDefaultPromptFormat)
                               : promptTemplate;
    return phrase(text, PromptStyle::find(id, tokenizerFolder(modelFolder)));
}

Result<Phrasing> behindGuardrail(Phrasing phrasing, std::shared_ptr<const Guardrail> guardrail)
{
    ProbePrompt& prompt = phrasing.prompt;
    phrasing.sent.bypassed = prompt.raw && guardrail->actsOnQuestionsOnly();
    if (!phrasing.sent.bypassed)
        phrasing.sent.guardrail = guardrail->note(prompt.text);
    if (!prompt.raw) {
        Result<RenderedPrompt> rendered = guardrail->prompt(
            prompt.style ? *prompt.style : PromptStyle(), {{"user", prompt.text}});
        if (!rendered)
            return rendered.error();
        phrasing.sent.text = std::move(rendered->text);
    }
    prompt.guardrail = std::move(guardrail);
    return phrasing;
}

AskedFolder askedFolder(const std::filesystem::path& modelFolder)
{
    return {.trained = trainedTemplate(modelFolder),
            .own = ChatTemplate::read(tokenizerFolder(modelFolder)),
            .isAdapter = isAdapterFolder(modelFolder)};
}

} // namespace lacuna
