#include "core/guardrails/catalog.h"

#include "core/base/text.h"
#include "core/corpora/corpus.h"
#include "core/guardrails/guardrail.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace lacuna {

GuardrailInfo inContextUnlearning();
GuardrailInfo guardrailPrompt();
GuardrailInfo outputFilter();
GuardrailInfo embeddingCorruption();

const Catalog<GuardrailInfo>& guardrails()
{
    static const Catalog<GuardrailInfo> catalog(
        "guardrail",
        {inContextUnlearning(), guardrailPrompt(), outputFilter(), embeddingCorruption()});
    return catalog;
}

Result<GuardrailSpec> readGuardrailSpec(const Json& object, const std::string& place)
{
    if (object.is_null())
        return GuardrailSpec();
    return readNamedParams(guardrails(), object, "the guardrail", place);
}

Result<GuardrailSpec> parseGuardrailSpec(const std::string& text, const std::string& place)
{
    if (trimmed(text).starts_with('{')) {
        const Result<Json> object = parseJson(text, place);
        return object ? readGuardrailSpec(*object, place) : object.error();
    }
    std::error_code ignored;
    if (!guardrails().find(text) && std::filesystem::is_regular_file(text, ignored)) {
        const Result<Json> object = readJsonFile(text);
        return object ? readGuardrailSpec(*object, text) : object.error();
    }
    return readGuardrailSpec(Json{{"id", text}}, place);
}

namespace {

Status checkCorpora(const GuardrailSpec& spec, bool hasForget, bool hasRetain)
{
    if (spec.id.empty())
        return {};
    const GuardrailInfo& info = **guardrails().find(spec.id);
    const auto missing = [&](const char* corpus) {
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the guardrail " + spec.id + " is made of a " + corpus +
                                " corpus, and none is given",
                     .remedy = std::string("name the ") + corpus +
                               " corpus, or choose a guardrail that needs none"};
    };
    if (info.forget == CorpusNeed::Required && !hasForget)
        return missing("forget");
    if (info.retain == CorpusNeed::Required && !hasRetain)
        return missing("retain");
    return {};
}

} // namespace

Status checkCorpora(const GuardrailRequest& request)
{
    return checkCorpora(request.spec, !request.forget.empty(), !request.retain.empty());
}

Result<GuardrailPtr> makeGuardrail(const GuardrailSpec& spec, const GuardrailContext& context)
{
    if (spec.id.empty())
        return GuardrailPtr();
    if (const Status status =
            checkCorpora(spec, context.forget != nullptr, context.retain != nullptr);
        !status)
        return status.error();
    return (*guardrails().find(spec.id))->make(spec.params, context);
}

Result<GuardrailPtr> loadGuardrail(const GuardrailRequest& request, GuardrailContext context)
{
    if (request.spec.id.empty())
        return GuardrailPtr();
    const GuardrailInfo& info = **guardrails().find(request.spec.id);
    std::optional<Corpus> forget;
    std::optional<Corpus> retain;
    const auto read = [](CorpusNeed need, const std::filesystem::path& path,
                         std::optional<Corpus>& corpus) -> Status {
        if (need == CorpusNeed::None || path.empty())
            return {};
        Result<Corpus> loaded = loadCorpus(path);
        if (!loaded)
            return loaded.error();
        corpus = std::move(loaded).value();
        return {};
    };
    if (const Status status = read(info.forget, request.forget, forget); !status)
        return status.error();
    if (const Status status = read(info.retain, request.retain, retain); !status)
        return status.error();
    context.forget = forget ? &*forget : nullptr;
    context.retain = retain ? &*retain : nullptr;
    return makeGuardrail(request.spec, context);
}

} // namespace lacuna
