#include "core/tokens/bpe_tokenizer.h"

#include "core/base/text.h"
#include "core/tokens/byte_alphabet.h"

#include <algorithm>
#include <utility>

namespace lacuna {
namespace {

/// Workspaces kept for the next texts; more threads than that make new ones.
constexpr std::size_t kMaxIdle = 8;

std::vector<AddedToken> chosen(const std::vector<AddedToken>& tokens, bool normalized,
                               bool withSpecial)
{
    std::vector<AddedToken> result;
    for (const AddedToken& token : tokens)
        if (token.normalized == normalized && (withSpecial || !token.special))
            result.push_back(token);
    return result;
}

} // namespace

/// A workspace of the tokenizer, given back at the end.
class BpeTokenizer::Loan {
public:
    explicit Loan(const BpeTokenizer& tokenizer) : m_tokenizer(tokenizer)
    {
        {
            const std::lock_guard lock(m_tokenizer.m_mutex);
            if (!m_tokenizer.m_idle.empty()) {
                m_workspace = std::move(m_tokenizer.m_idle.back());
                m_tokenizer.m_idle.pop_back();
            }
        }
        if (!m_workspace)
            m_workspace = std::make_unique<Workspace>();
    }
    ~Loan()
    {
        const std::lock_guard lock(m_tokenizer.m_mutex);
        if (m_tokenizer.m_idle.size() < kMaxIdle)
            m_tokenizer.m_idle.push_back(std::move(m_workspace));
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    Workspace& operator*() { return *m_workspace; }

private:
    const BpeTokenizer& m_tokenizer;
    std::unique_ptr<Workspace> m_workspace;
};

Result<std::shared_ptr<const BpeTokenizer>> BpeTokenizer::make(Parts parts)
{
    const std::shared_ptr<BpeTokenizer> made(new BpeTokenizer(std::move(parts)));
    const std::vector<AddedToken>& tokens = made->m_parts.addedTokens;
    for (const auto& [splitter, withSpecial] :
         {std::pair(&made->m_normalized, true), std::pair(&made->m_normalizedPlain, false)}) {
        Result<AddedTokenSplitter> normalised =
            made->normalisedSplitter(chosen(tokens, true, withSpecial));
        if (!normalised)
            return normalised.error();
        *splitter = std::move(normalised).value();
    }
    return std::shared_ptr<const BpeTokenizer>(made);
}

Result<AddedTokenSplitter> BpeTokenizer::normalisedSplitter(std::vector<AddedToken> tokens) const
{
    std::size_t size = 0;
    for (const AddedToken& token : tokens)
        size += token.text.size();
    MatchBudget budget(size);
    for (AddedToken& token : tokens) {
        Result<std::string> text = m_parts.normalizer.apply(token.text, budget);
        if (!text)
            return text.error();
        token.text = std::move(text).value();
    }
    std::erase_if(tokens, [](const AddedToken& token) { return token.text.empty(); });
    return AddedTokenSplitter(std::move(tokens), WordEdge::NonCharacter);
}

BpeTokenizer::BpeTokenizer(Parts parts)
    : m_parts(std::move(parts)),
      m_exact(chosen(m_parts.addedTokens, false, true), WordEdge::NonCharacter)
{
    const auto note = [](std::vector<std::int32_t>& table, std::int64_t id, std::size_t index) {
        if (static_cast<std::size_t>(id) >= table.size())
            table.resize(static_cast<std::size_t>(id) + 1, -1);
        table[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(index);
    };
    const auto& vocabulary = m_parts.model.vocabulary();
    for (std::size_t i = 0; i < vocabulary.size(); ++i)
        note(m_pieceOf, vocabulary[i].second, i);
    for (std::size_t i = 0; i < m_parts.addedTokens.size(); ++i)
        note(m_addedOf, m_parts.addedTokens[i].id, i);
}

std::vector<std::int64_t> BpeTokenizer::encode(std::string_view text, EncodeOptions options) const
{
    std::vector<std::int64_t> ids;
    if (options.addBos && addsBos())
        ids.push_back(m_parts.bosId);
    std::string repaired;
    if (firstInvalidUtf8(text)) {
        repaired = validUtf8(text);
        text = repaired;
    }
    using Segments = std::vector<AddedTokenSplitter::Segment>;
    Loan workspace(*this);
    MatchBudget budget(text.size());
    std::string normalised;
    for (const auto& outer :
         options.parseSpecial ? m_exact.split(text) : Segments{{text, nullptr}}) {
        if (outer.token) {
            ids.push_back(outer.token->id);
            continue;
        }
        std::string_view plain = outer.text;
        if (!m_parts.normalizer.changesNothing()) {
            normalised = m_parts.normalizer.apply(plain, budget).value();
            plain = normalised;
        }
        // Tokens of the normalised text are stretches of text, such as runs of spaces.
        const AddedTokenSplitter& splitter =
            options.parseSpecial ? m_normalized : m_normalizedPlain;
        for (const auto& inner : splitter.split(plain)) {
            if (inner.token)
                ids.push_back(inner.token->id);
            else
                encodePlain(inner.text,
                            outer.text.data() == text.data() && inner.text.data() == plain.data(),
                            budget, *workspace, ids);
        }
    }
    return ids;
}

void BpeTokenizer::encodePlain(std::string_view text, bool atStart, MatchBudget& budget,
                               Workspace& workspace, std::vector<std::int64_t>& ids) const
{
    m_parts.preTokenizer.split(text, atStart, budget, workspace.words).value();
    const bool givesBytes = m_parts.preTokenizer.givesBytes();
    for (const std::string_view word : workspace.words.list) {
        if (workspace.cache.find(word, ids))
            continue;
        const std::size_t before = ids.size();
        std::string_view spelled = word;
        if (givesBytes) {
            workspace.spelled.clear();
            appendInByteAlphabet(word, workspace.spelled);
            spelled = workspace.spelled;
        }
        m_parts.model.encode(spelled, ids, workspace.model);
        workspace.cache.keep(word, ids.data() + before, ids.size() - before);
    }
}

const AddedToken* BpeTokenizer::added(std::int64_t id) const
{
    if (id < 0 || static_cast<std::size_t>(id) >= m_addedOf.size())
        return nullptr;
    const std::int32_t index = m_addedOf[static_cast<std::size_t>(id)];
    return index < 0 ? nullptr : &m_parts.addedTokens[static_cast<std::size_t>(index)];
}

std::string_view BpeTokenizer::vocabularyPiece(std::int64_t id) const
{
    if (id < 0 || static_cast<std::size_t>(id) >= m_pieceOf.size())
        return {};
    const std::int32_t index = m_pieceOf[static_cast<std::size_t>(id)];
    return index < 0 ? std::string_view()
                     : m_parts.model.vocabulary()[static_cast<std::size_t>(index)].first;
}

std::string BpeTokenizer::decode(const std::vector<std::int64_t>& ids) const
{
    std::string text;
    bool atStart = true;
    std::size_t stripped = 0;
    for (const std::int64_t id : ids) {
        const AddedToken* token = added(id);
        const std::string_view piece = token ? std::string_view() : vocabularyPiece(id);
        if (token ? token->special : piece.empty())
            continue;
        const TokenDecoder& decoder = m_parts.decoder;
        if (token)
            text += decoder.addedText(token->text);
        else
            text += atStart ? decoder.textAtStart(piece) : decoder.text(piece);
        atStart = false;
    }
    const std::string& strip = m_parts.decoder.stripped();
    for (std::int64_t i = 0; i < m_parts.decoder.stripCount() && !strip.empty() &&
                             std::string_view(text).substr(stripped).starts_with(strip);
         ++i)
        stripped += strip.size();
    return text.substr(stripped);
}

std::string BpeTokenizer::piece(std::int64_t id) const
{
    const AddedToken* token = added(id);
    return token ? token->text : std::string(vocabularyPiece(id));
}

std::string BpeTokenizer::pieceText(std::int64_t id) const
{
    const AddedToken* token = added(id);
    if (!token)
        return m_parts.decoder.text(vocabularyPiece(id));
    return token->special ? token->text : m_parts.decoder.addedText(token->text);
}

bool BpeTokenizer::isSpecial(std::int64_t id) const
{
    const AddedToken* token = added(id);
    return token && token->special;
}

std::int64_t BpeTokenizer::vocabularySize() const
{
    return static_cast<std::int64_t>(std::max(m_pieceOf.size(), m_addedOf.size()));
}

std::string BpeTokenizer::kind() const
{
    return m_parts.decoder.isByteLevel() ? "byte-bpe" : "bpe";
}

} // namespace lacuna
