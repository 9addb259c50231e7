#include "core/probe/answer.h"

#include "core/base/text.h"
#include "core/corpora/qa_template.h"
#include "core/models/decoder.h"
#include "core/tokens/tokenizer.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lacuna {

std::string ProbeAnswer::tokensJson() const
{
    nlohmann::json list = nlohmann::json::array();
    for (const Token& token : tokens) {
        nlohmann::json alternatives = nlohmann::json::array();
        for (const auto& [piece, logProb] : token.alternatives)
            alternatives.push_back({{"piece", piece}, {"log_prob", logProb}});
        list.push_back({{"id", token.id},
                        {"piece", token.piece},
                        {"log_prob", token.logProb},
                        {"alternatives", alternatives}});
    }
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ProbeAnswer answerPrompt(Decoder& decoder, const Tokenizer& tokenizer, const std::string& question,
                         GenerationOptions options, const std::function<bool()>& keepGoing)
{
    const std::vector<std::int64_t> prompt = tokenizer.encode(QaTemplate{}.openPrompt(question));
    const auto room = decoder.config().context - static_cast<std::int64_t>(prompt.size());
    options.maxNewTokens =
        std::clamp<std::int64_t>(options.maxNewTokens, 0, std::max<std::int64_t>(0, room));
    const auto generations =
        generate(decoder, {prompt}, options,
                 [&](std::size_t, const GeneratedToken&) { return keepGoing(); });
    const Generation& generation = generations.front();
    ProbeAnswer answer{.text = std::string(trimmed(validUtf8(tokenizer.decode(generation.ids())))),
                       .stopped = generation.stopped};
    for (const GeneratedToken& token : generation.tokens) {
        ProbeAnswer::Token out{
            .id = token.id, .piece = tokenizer.piece(token.id), .logProb = token.logProb};
        for (const auto& [id, logProb] : token.alternatives)
            out.alternatives.emplace_back(tokenizer.piece(id), logProb);
        answer.tokens.push_back(std::move(out));
    }
    return answer;
}

} // namespace lacuna
