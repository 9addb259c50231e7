#include "core/tokens/bpe_assembly.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace lacuna {
namespace {

/// Each place of a text is compared with as many bytes; published tokens have up to some tens.
constexpr std::size_t kMaxAddedBytes = 1024;

/// The added tokens of both places, checked against each other and against the vocabulary.
class AddedTokenMerger {
public:
    explicit AddedTokenMerger(const BpeModel& model) : m_model(model)
    {
        m_pieces.reserve(model.vocabulary().size());
        for (const auto& [piece, id] : model.vocabulary())
            m_pieces.emplace_back(id, piece);
        std::sort(m_pieces.begin(), m_pieces.end());
    }

    /// A token that is there already stays as it is.
    void add(const AddedToken& token, FileProblem& problem)
    {
        const std::string key = "added token \"" + token.text + "\"";
        const std::int64_t pieceId = m_model.find(token.text);
        const auto piece = std::lower_bound(m_pieces.begin(), m_pieces.end(),
                                            std::pair(token.id, std::string_view()));
        const auto sameId = m_byId.find(token.id);
        const auto sameText = m_ids.find(token.text);
        if (token.text.size() > kMaxAddedBytes)
            problem.unsupported(fmt::format("added token {}", token.id),
                                fmt::format("it is longer than {} bytes", kMaxAddedBytes));
        else if (pieceId >= 0 && pieceId != token.id)
            problem.corrupt(
                key, fmt::format("its id is {}, but the vocabulary's is {}", token.id, pieceId));
        else if (piece != m_pieces.end() && piece->first == token.id && piece->second != token.text)
            problem.corrupt(key, fmt::format("the id {} is also that of the piece \"{}\"", token.id,
                                             piece->second));
        else if (sameId != m_byId.end() && sameId->second != token.text)
            problem.corrupt(
                key, fmt::format("the id {} is also that of \"{}\"", token.id, sameId->second));
        else if (sameText != m_ids.end() && sameText->second != token.id)
            problem.corrupt(
                key, fmt::format("its id is {} here and {} elsewhere", token.id, sameText->second));
        else if (sameText == m_ids.end()) {
            m_byId.emplace(token.id, token.text);
            m_ids.emplace(token.text, token.id);
            m_tokens.push_back(token);
        }
    }

    [[nodiscard]] const std::vector<AddedToken>& tokens() const { return m_tokens; }

private:
    const BpeModel& m_model;
    std::vector<std::pair<std::int64_t, std::string_view>> m_pieces; // by id
    std::map<std::int64_t, std::string> m_byId;
    std::map<std::string, std::int64_t> m_ids;
    std::vector<AddedToken> m_tokens;
};

} // namespace

Result<std::shared_ptr<const BpeTokenizer>> assembleBpe(BpeSource source,
                                                        const TokenizerSettings& settings)
{
    FileProblem problem(source.file);
    AddedTokenMerger merger(source.model);
    for (const AddedToken& token : source.addedTokens)
        merger.add(token, problem);
    FileProblem besides(source.file.parent_path() / "tokenizer_config.json");
    for (const AddedToken& token : settings.addedTokens)
        merger.add(token, besides);

    SpecialTokens special(merger.tokens(),
                          [&](std::string_view piece) { return source.model.find(piece); });
    const auto named = [&](const char* key) {
        return special.add(settings.special(key, source.commonToken));
    };
    std::int64_t bosId = named("bos_token");
    std::int64_t eosId = named("eos_token");
    named("unk_token");
    special.add(settings.special("pad_token", {}));
    special.addOthers(settings);

    const bool addBos = settings.addBos.value_or(source.firstId >= 0);
    const bool addEos = settings.addEos.value_or(source.lastId >= 0);
    if (source.firstId >= 0 && (addBos || bosId < 0))
        bosId = source.firstId;
    if (eosId < 0)
        eosId = source.lastId;
    if (addEos && source.lastId >= 0 && eosId != source.lastId)
        problem.unsupported(
            "post_processor",
            fmt::format("it ends texts with the id {}, which is not the EOS token", source.lastId));
    if (problem.error())
        return *problem.error();
    if (besides.error())
        return *besides.error();

    Result<std::string> hash = hashWithSettings(source.hashHead, settings.files);
    if (!hash)
        return hash.error();
    if (settings.addPrefixSpace)
        source.preTokenizer.setPrefixSpace(*settings.addPrefixSpace);
    auto made = BpeTokenizer::make({.model = std::move(source.model),
                                    .normalizer = std::move(source.normalizer),
                                    .preTokenizer = std::move(source.preTokenizer),
                                    .decoder = std::move(source.decoder),
                                    .addedTokens = special.tokens(),
                                    .bosId = bosId,
                                    .eosId = eosId,
                                    .addBos = addBos,
                                    .addEos = addEos,
                                    .hash = std::move(hash).value()});
    if (!made)
        return made.error().at(source.file.string());
    return made;
}

} // namespace lacuna
