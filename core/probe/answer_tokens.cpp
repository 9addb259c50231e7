#include "core/probe/answer_tokens.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokens/sentencepiece_model.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <optional>

namespace lacuna {
namespace {

float logProbOf(const Json& entry)
{
    const auto found = entry.find("log_prob");
    return found != entry.end() && found->is_number() ? found->get<float>()
                                                      : std::numeric_limits<float>::quiet_NaN();
}

bool isPiece(const Json& entry)
{
    return entry.is_object() && entry.contains("piece") && entry["piece"].is_string();
}

/// Answers of the first release hold pieces alone, in sentencepiece's spelling.
std::string textOf(const Json& entry)
{
    if (const auto found = entry.find("text"); found != entry.end() && found->is_string())
        return found->get<std::string>();
    const auto piece = entry["piece"].get<std::string>();
    if (const std::optional<char> byte = byteOfPiece(piece))
        return visibleBytes({&*byte, 1});
    return replaceAll(piece, "▁", " ");
}

} // namespace

Result<std::vector<ProbeAnswer::Token>> readAnswerTokens(std::string_view json)
{
    std::vector<ProbeAnswer::Token> tokens;
    if (json.empty())
        return tokens;
    const Result<Json> document = parseJson(json, "tokens of an answer");
    if (!document)
        return document.error();
    const Error wrong{.code = ErrorCode::Corrupt,
                      .message = "the tokens of an answer are not a list of pieces",
                      .context = "tokens of an answer"};
    if (!document->is_array())
        return wrong;
    for (const Json& entry : *document) {
        if (!isPiece(entry))
            return wrong;
        ProbeAnswer::Token token{.id = wholeNumber(entry.value("id", Json(0))).value_or(0),
                                 .piece = entry["piece"].get<std::string>(),
                                 .text = textOf(entry),
                                 .logProb = logProbOf(entry)};
        for (const Json& alternative : entry.value("alternatives", Json::array())) {
            if (!isPiece(alternative))
                return wrong;
            token.alternatives.push_back({.piece = alternative["piece"].get<std::string>(),
                                          .text = textOf(alternative),
                                          .logProb = logProbOf(alternative)});
        }
        tokens.push_back(std::move(token));
    }
    return tokens;
}

} // namespace lacuna
