#include "core/tokens/sentencepiece_rules.h"

#include "core/tokens/tokenizer_settings.h"

#include <array>
#include <utility>

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// Added ids far above the vocabulary would make every table as large; none is published so.
constexpr std::int64_t kMaxAdded = 1'000'000;

/// Classes that move the ids of the .model file to make room for tokens of their own.
constexpr std::array<std::string_view, 10> kOwnNumbering = {
    "XLMRoberta", "MBart", "Camembert", "Barthez", "Pegasus",
    "XGLM",       "Nllb",  "PLBart",    "M2M100",  "Marian"};

} // namespace

Result<SentencePieceRules> readSentencePieceRules(const fs::path& folder,
                                                  const SentencePieceModel& model)
{
    Result<TokenizerSettings> settings =
        readTokenizerSettings(folder, static_cast<std::int64_t>(model.pieces.size()) + kMaxAdded);
    if (!settings)
        return settings.error();
    const std::string& className = settings->className;
    for (const std::string_view other : kOwnNumbering)
        if (className.starts_with(other))
            return Error{.code = ErrorCode::Unsupported,
                         .message = className + " renumbers its pieces, which is not supported",
                         .context =
                             (folder / "tokenizer_config.json").string() + ": tokenizer_class"};

    SentencePieceRules rules;
    rules.addBos =
        settings->addBos.value_or(className.empty() || className.starts_with("PreTrained") ||
                                  className.find("Llama") != std::string::npos ||
                                  className.find("Gemma") != std::string::npos);
    rules.addEos = settings->addEos.value_or(rules.addEos);
    rules.legacy = settings->legacy.value_or(rules.legacy);
    rules.addPrefixSpace = settings->addPrefixSpace.value_or(rules.addPrefixSpace);

    SpecialTokens special(settings->addedTokens,
                          [&](std::string_view piece) { return model.find(piece); });
    rules.bosId = special.add(settings->special("bos_token", model.bosPiece));
    rules.eosId = special.add(settings->special("eos_token", model.eosPiece));
    rules.unknownToken = settings->special("unk_token", model.unknownPiece);
    if (rules.unknownToken.empty())
        rules.unknownToken = model.unknownPiece;
    special.add(rules.unknownToken);
    special.add(settings->special("pad_token", model.padPiece));
    special.addOthers(*settings);
    rules.addedTokens = special.tokens();
    rules.files = std::move(settings->files);
    return rules;
}

} // namespace lacuna
