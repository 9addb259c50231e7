#include "core/tokens/sentencepiece.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokens/tokenizer_settings.h"

#include <algorithm>
#include <utility>

namespace lacuna {
namespace {

namespace fs = std::filesystem;
using PieceType = SentencePieceModel::PieceType;

constexpr std::string_view kMark = "\xE2\x96\x81"; // "▁", a space inside a piece

std::string decodedPiece(const SentencePieceModel::Piece& piece)
{
    switch (piece.type) {
    case PieceType::Unknown:
    case PieceType::Control:
        return {};
    case PieceType::Byte:
        return {*byteOfPiece(piece.text)};
    default:
        return replaceAll(piece.text, kMark, " ");
    }
}

} // namespace

Result<std::shared_ptr<const SentencePieceTokenizer>>
SentencePieceTokenizer::load(const fs::path& modelFile)
{
    const Result<std::string> file = readTextFile(modelFile);
    if (!file)
        return file.error();
    const Result<SentencePieceModel> model = readSentencePieceModel(*file);
    if (!model)
        return model.error().at(modelFile.string());
    Result<SentencePieceRules> rules = readSentencePieceRules(modelFile.parent_path(), *model);
    if (!rules)
        return rules.error();
    Result<SentencePieceEncoder> encoder =
        SentencePieceEncoder::load(rules->legacy ? *file : withoutDummyPrefix(*file));
    if (!encoder)
        return encoder.error().at(modelFile.string());
    Result<std::string> hash = hashWithSettings("model " + sha256(*file) + "\n", rules->files);
    if (!hash)
        return hash.error();
    return std::shared_ptr<const SentencePieceTokenizer>(new SentencePieceTokenizer(
        *model, std::move(rules).value(), std::move(encoder).value(), std::move(hash).value()));
}

SentencePieceTokenizer::SentencePieceTokenizer(const SentencePieceModel& model,
                                               SentencePieceRules rules,
                                               SentencePieceEncoder encoder, std::string hash)
    : m_kind(model.kind), m_rules(std::move(rules)), m_encoder(std::move(encoder)),
      m_splitter(m_rules.addedTokens), m_hash(std::move(hash)), m_markId(model.find(kMark))
{
    m_dropsPrefix = m_rules.legacy ? model.addsDummyPrefix : m_rules.addPrefixSpace;
    for (const SentencePieceModel::Piece& piece : model.pieces)
        m_entries.push_back({.piece = piece.text,
                             .text = decodedPiece(piece),
                             .startsWithMark = piece.text.starts_with(kMark)});
    for (const AddedToken& token : m_rules.addedTokens) {
        const auto id = static_cast<std::size_t>(token.id);
        if (id >= m_entries.size())
            m_entries.resize(id + 1);
        m_entries[id] = {.piece = token.text,
                         .text = token.special ? std::string() : token.text,
                         .added = !token.special};
    }
    if (!m_rules.legacy) {
        std::vector<std::int64_t> ids;
        m_encoder.encode(m_rules.unknownToken, ids);
        m_unknownSize = ids.size();
    }
}

std::vector<std::int64_t> SentencePieceTokenizer::encode(std::string_view text,
                                                         EncodeOptions options) const
{
    std::vector<std::int64_t> ids;
    if (options.addBos && addsBos())
        ids.push_back(m_rules.bosId);
    if (text.empty())
        return ids;

    std::string prefixed;
    if (!m_rules.legacy) {
        prefixed = replaceAll(text, kMark, " ");
        if (m_rules.addPrefixSpace)
            prefixed.insert(0, kMark);
        text = prefixed;
    }
    const auto segments = options.parseSpecial
                              ? m_splitter.split(text)
                              : std::vector<AddedTokenSplitter::Segment>{{text, nullptr}};
    if (m_rules.legacy)
        encodeLegacy(segments, ids);
    else
        encodeSegments(segments, ids);
    return ids;
}

void SentencePieceTokenizer::encodeLegacy(const std::vector<AddedTokenSplitter::Segment>& segments,
                                          std::vector<std::int64_t>& ids) const
{
    for (const AddedTokenSplitter::Segment& segment : segments) {
        if (segment.token)
            ids.push_back(segment.token->id);
        else
            m_encoder.encode(segment.text, ids);
    }
}

void SentencePieceTokenizer::encodeSegments(
    const std::vector<AddedTokenSplitter::Segment>& segments, std::vector<std::int64_t>& ids) const
{
    const std::size_t start = ids.size();
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const AddedTokenSplitter::Segment& segment = segments[i];
        if (segment.token) {
            // A prefix space that stands alone before a special token belongs to no text.
            if (i == 1 && segment.token->special && ids.size() == start + 1 &&
                ids.back() == m_markId)
                ids.pop_back();
            ids.push_back(segment.token->id);
        } else if (segment.text.starts_with(' ') || segment.text.starts_with(kMark)) {
            // The library strips leading spaces of some models; behind the unknown token's text
            // they are not leading.
            std::vector<std::int64_t> shielded;
            m_encoder.encode(m_rules.unknownToken + std::string(segment.text), shielded);
            const std::size_t skipped = shielded.size() >= m_unknownSize ? m_unknownSize : 0;
            ids.insert(ids.end(), shielded.begin() + static_cast<std::ptrdiff_t>(skipped),
                       shielded.end());
        } else {
            m_encoder.encode(segment.text, ids);
        }
    }
}

std::string SentencePieceTokenizer::decode(const std::vector<std::int64_t>& ids) const
{
    std::string text;
    bool atPrefix = m_dropsPrefix;
    for (const std::int64_t id : ids) {
        if (id < 0 || id >= vocabularySize())
            continue;
        const Entry& entry = m_entries[static_cast<std::size_t>(id)];
        if (entry.text.empty())
            continue;
        text.append(entry.text, atPrefix && entry.startsWithMark ? 1 : 0);
        // The older behaviour put a prefix space behind every added token.
        atPrefix = m_dropsPrefix && m_rules.legacy && entry.added;
    }
    return text;
}

std::string SentencePieceTokenizer::piece(std::int64_t id) const
{
    if (id < 0 || id >= vocabularySize())
        return {};
    return m_entries[static_cast<std::size_t>(id)].piece;
}

std::string SentencePieceTokenizer::pieceText(std::int64_t id) const
{
    if (id < 0 || id >= vocabularySize())
        return {};
    const Entry& entry = m_entries[static_cast<std::size_t>(id)];
    return entry.text.empty() ? entry.piece : entry.text;
}

bool SentencePieceTokenizer::isSpecial(std::int64_t id) const
{
    if (id < 0 || id >= vocabularySize())
        return false;
    const Entry& entry = m_entries[static_cast<std::size_t>(id)];
    return entry.text.empty() && !entry.piece.empty();
}

std::int64_t SentencePieceTokenizer::vocabularySize() const
{
    return static_cast<std::int64_t>(m_entries.size());
}

std::string SentencePieceTokenizer::kind() const
{
    switch (m_kind) {
    case SentencePieceModel::Kind::Unigram:
        return "sentencepiece-unigram";
    case SentencePieceModel::Kind::Bpe:
        return "sentencepiece-bpe";
    case SentencePieceModel::Kind::Word:
        return "sentencepiece-word";
    case SentencePieceModel::Kind::Char:
        return "sentencepiece-char";
    }
    return {};
}

} // namespace lacuna
