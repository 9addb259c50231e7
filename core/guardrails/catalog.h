#pragma once

#include "core/base/catalog.h"
#include "core/base/named_params.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The catalogue of guardrails: what keeps a model from answering without changing it. Free of
/// torch.
namespace lacuna {

struct Corpus;
class Decoder;
class Guardrail;
class PromptStyle;
class Tokenizer;

using GuardrailPtr = std::shared_ptr<const Guardrail>;

/// What has to be said wherever a guardrail stands before a model.
inline constexpr const char* kBehaviouralOnly =
    "behavioural only: weights unchanged, knowledge still present";

/// What a guardrail acts on.
enum class GuardrailPlace : std::uint8_t {
    Question,   ///< what the model is asked
    Embeddings, ///< how the model reads it
    Answer,     ///< what is seen of what it says
};

enum class CorpusNeed : std::uint8_t {
    None,
    Fallback, ///< read where a parameter is left empty
    Required,
};

/// What a guardrail is made of.
struct GuardrailContext {
    Decoder& decoder;
    const Tokenizer& tokenizer;
    const PromptStyle& style; ///< that questions are usually put in
    const Corpus* forget = nullptr;
    const Corpus* retain = nullptr;
    std::function<bool()> proceed = {}; ///< false: no guardrail is wanted any more
};

struct GuardrailInfo {
    std::string id;
    std::string title;
    std::string source;      ///< citation
    std::string explanation; ///< for a newcomer: what it does, and what it leaves open
    GuardrailPlace place = GuardrailPlace::Question;
    CorpusNeed forget = CorpusNeed::None;
    CorpusNeed retain = CorpusNeed::None;
    std::vector<ParamSpec> params;
    /// The corpora that are required are there. Null when \p proceed said no.
    std::function<Result<GuardrailPtr>(const ParamSet&, const GuardrailContext&)> make;
};

const Catalog<GuardrailInfo>& guardrails();

/// {"id": "eco", "sigma": 10}, checked.
using GuardrailSpec = NamedParams;

/// \param object  null: none
[[nodiscard]] Result<GuardrailSpec> readGuardrailSpec(const Json& object, const std::string& place);
/// What a person gives: an id, the JSON object itself, or a file that holds one.
[[nodiscard]] Result<GuardrailSpec> parseGuardrailSpec(const std::string& text,
                                                       const std::string& place);

/// A guardrail and the corpora to make it of; empty: not given.
struct GuardrailRequest {
    GuardrailSpec spec;
    std::filesystem::path forget = {};
    std::filesystem::path retain = {};
};

/// Whether the corpora that it requires are named; InvalidArgument with the one that is not.
[[nodiscard]] Status checkCorpora(const GuardrailRequest& request);

/// \return null when \p spec is none or context.proceed said no; InvalidArgument for a corpus that
///         is missing, and for a parameter that does not fit the model
[[nodiscard]] Result<GuardrailPtr> makeGuardrail(const GuardrailSpec& spec,
                                                 const GuardrailContext& context);

/// The same with the corpora read from their files, as far as the entry reads any.
[[nodiscard]] Result<GuardrailPtr> loadGuardrail(const GuardrailRequest& request,
                                                 GuardrailContext context);

} // namespace lacuna
