#include "core/metrics/verbatim_memory.h"

#include "core/base/text.h"
#include "core/metrics/rouge.h"
#include "core/tokens/tokenizer.h"

#include <algorithm>
#include <vector>

namespace lacuna {
namespace {

/// The first \p most tokens of \p text, and in \p kept how many they are.
std::string firstTokens(const Tokenizer& tokenizer, std::string_view text, std::size_t most,
                        std::size_t& kept)
{
    std::vector<std::int64_t> ids = tokenizer.encode(text, {.addBos = false});
    kept = std::min(ids.size(), most);
    if (kept == ids.size())
        return std::string(text);
    ids.resize(kept);
    return validUtf8(tokenizer.decode(ids));
}

} // namespace

ContinuationPair verbMemTexts(const Tokenizer& tokenizer, std::string_view generated,
                              std::string_view reference, std::int64_t mostTokens)
{
    ContinuationPair pair;
    std::size_t kept = 0;
    pair.reference = firstTokens(tokenizer, reference, static_cast<std::size_t>(mostTokens), kept);
    std::size_t ignored = 0;
    pair.generated = firstTokens(tokenizer, generated, kept, ignored);
    return pair;
}

double verbMem(const Tokenizer& tokenizer, std::string_view generated, std::string_view reference,
               std::int64_t mostTokens)
{
    const ContinuationPair pair = verbMemTexts(tokenizer, generated, reference, mostTokens);
    return rougeL(rougeTokens(pair.reference, Stemming::Off),
                  rougeTokens(pair.generated, Stemming::Off))
        .f1;
}

} // namespace lacuna
