#include "core/tokens/sentencepiece_model.h"

#include "core/base/text.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace lacuna {
namespace {

constexpr std::size_t kMaxPieces = 4'000'000;

Error corrupt(std::string message)
{
    return Error{.code = ErrorCode::Corrupt,
                 .message = std::move(message),
                 .remedy = "fetch the file again"};
}

/// Reads the fields of one protobuf message in order.
class Fields {
public:
    explicit Fields(std::string_view message) : m_rest(message) {}

    /// Moves to the next field. False at the end, and when the message is cut or damaged.
    bool next()
    {
        if (m_rest.empty() || m_broken)
            return false;
        const std::uint64_t key = varint();
        number = key >> 3;
        value = 0;
        bytes = {};
        switch (key & 7) {
        case 0:
            value = varint();
            break;
        case 1:
            bytes = take(8);
            break;
        case 2:
            bytes = take(varint());
            break;
        case 5:
            bytes = take(4);
            break;
        default: // groups and unknown wire types do not occur in this format
            m_broken = true;
        }
        m_broken = m_broken || number == 0;
        return !m_broken;
    }

    [[nodiscard]] bool broken() const { return m_broken; }

    std::uint64_t number = 0;
    std::uint64_t value = 0;
    std::string_view bytes;

private:
    std::uint64_t varint()
    {
        std::uint64_t result = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (m_rest.empty())
                break;
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            result |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80)
                return result;
        }
        m_broken = true;
        return 0;
    }

    std::string_view take(std::uint64_t size)
    {
        if (m_broken || size > m_rest.size()) {
            m_broken = true;
            return {};
        }
        const std::string_view taken = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return taken;
    }

    std::string_view m_rest;
    bool m_broken = false;
};

std::uint32_t littleEndian32(std::string_view bytes)
{
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

/// Checks a precompiled normalisation map: the size of a double-array trie (Darts-clone units of
/// 32 bits), the trie, then the replacements as zero-terminated strings. The library follows its
/// offsets unchecked, so every node that any text can reach must stay inside.
bool safeCharsMap(std::string_view map)
{
    if (map.empty())
        return true;
    if (map.size() < 4)
        return false;
    const std::size_t trieBytes = littleEndian32(map);
    if (trieBytes < 4 || trieBytes % 4 != 0 || trieBytes >= map.size() - 4 || map.back() != '\0')
        return false;
    const std::string_view trie = map.substr(4, trieBytes);
    const std::size_t replacementBytes = map.size() - 4 - trieBytes;
    const std::size_t units = trieBytes / 4;
    const auto unit = [&](std::size_t i) { return littleEndian32(trie.substr(4 * i, 4)); };
    const auto target = [&](std::size_t i) { // where the children of node i start
        const std::uint32_t u = unit(i);
        return i ^ static_cast<std::size_t>((u >> 10) << ((u & (1U << 9)) >> 6));
    };

    std::vector<bool> seen(units, false);
    std::vector<std::size_t> pending{0};
    seen[0] = true;
    while (!pending.empty()) {
        const std::size_t node = pending.back();
        pending.pop_back();
        const std::size_t base = target(node);
        if ((base | 0xFF) >= units)
            return false;
        const bool hasValue = (unit(node) >> 8 & 1) != 0;
        if (hasValue && (unit(base) & 0x7FFFFFFFU) >= replacementBytes)
            return false;
        for (std::size_t label = 0; label < 256; ++label) {
            const std::size_t child = base ^ label;
            // The label part of a value unit has bit 31 set, so it equals no byte.
            if (!seen[child] && (unit(child) & (1U << 31 | 0xFF)) == label) {
                seen[child] = true;
                pending.push_back(child);
            }
        }
    }
    return true;
}

std::optional<Error> readPiece(std::string_view message, SentencePieceModel& model)
{
    SentencePieceModel::Piece piece;
    Fields fields(message);
    while (fields.next()) {
        if (fields.number == 1) {
            piece.text = std::string(fields.bytes);
        } else if (fields.number == 2 && fields.bytes.size() == 4) {
            const std::uint32_t bits = littleEndian32(fields.bytes);
            std::memcpy(&piece.score, &bits, sizeof piece.score);
        } else if (fields.number == 3) {
            if (fields.value < 1 || fields.value > 6)
                return corrupt("a piece of the vocabulary has an unknown type");
            piece.type = static_cast<SentencePieceModel::PieceType>(fields.value);
        }
    }
    const auto id = std::to_string(model.pieces.size());
    if (piece.type == SentencePieceModel::PieceType::Byte && !byteOfPiece(piece.text))
        return corrupt("piece " + id + " of the vocabulary is no byte");
    if (fields.broken() || piece.text.empty() || firstInvalidUtf8(piece.text) ||
        piece.text.find('\0') != std::string::npos)
        return corrupt("piece " + id + " of the vocabulary is damaged");
    if (!std::isfinite(piece.score))
        return corrupt("piece " + id + " of the vocabulary has no finite score");
    if (model.pieces.size() >= kMaxPieces)
        return corrupt("the vocabulary has more than 4 million pieces");
    model.pieces.push_back(std::move(piece));
    return std::nullopt;
}

std::optional<Error> readTrainerSettings(std::string_view message, SentencePieceModel& model)
{
    Fields fields(message);
    while (fields.next()) {
        switch (fields.number) {
        case 3:
            if (fields.value < 1 || fields.value > 4)
                return corrupt("the model is of an unknown type");
            model.kind = static_cast<SentencePieceModel::Kind>(fields.value);
            break;
        case 45:
            model.unknownPiece = std::string(fields.bytes);
            break;
        case 46:
            model.bosPiece = std::string(fields.bytes);
            break;
        case 47:
            model.eosPiece = std::string(fields.bytes);
            break;
        case 48:
            model.padPiece = std::string(fields.bytes);
            break;
        default:
            break;
        }
    }
    if (fields.broken())
        return corrupt("the training settings inside the model are damaged");
    return std::nullopt;
}

std::optional<Error> readNormalizer(std::string_view message, SentencePieceModel* model)
{
    Fields fields(message);
    while (fields.next()) {
        if (fields.number == 2 && !safeCharsMap(fields.bytes))
            return corrupt("the normalisation table inside the model is damaged");
        if (fields.number == 2 && model)
            model->replacesCharacters = !fields.bytes.empty();
        if (fields.number == 3 && model)
            model->addsDummyPrefix = fields.value != 0;
        if (fields.number == 4 && model)
            model->removesExtraSpaces = fields.value != 0;
    }
    if (fields.broken())
        return corrupt("the normalisation settings inside the model are damaged");
    return std::nullopt;
}

} // namespace

std::optional<char> byteOfPiece(std::string_view piece)
{
    unsigned value = 0;
    if (piece.size() != 6 || !piece.starts_with("<0x") || !piece.ends_with('>'))
        return std::nullopt;
    const auto parsed = std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
    if (parsed.ec != std::errc() || parsed.ptr != piece.data() + 5)
        return std::nullopt;
    return static_cast<char>(value);
}

std::int64_t SentencePieceModel::find(std::string_view text) const
{
    for (std::size_t id = 0; id < pieces.size(); ++id)
        if (pieces[id].text == text)
            return static_cast<std::int64_t>(id);
    return -1;
}

bool looksLikeSentencePiece(std::string_view file)
{
    Fields fields(file);
    if (!fields.next() || fields.number != 1 || fields.bytes.empty())
        return false;
    Fields piece(fields.bytes);
    return piece.next() && piece.number == 1 && !piece.bytes.empty();
}

Result<SentencePieceModel> readSentencePieceModel(std::string_view file)
{
    SentencePieceModel model;
    bool hasTrainer = false;
    bool hasNormalizer = false;
    Fields fields(file);
    while (fields.next()) {
        std::optional<Error> error;
        if (fields.number == 1) {
            error = readPiece(fields.bytes, model);
        } else if (fields.number == 2) {
            hasTrainer = true;
            error = readTrainerSettings(fields.bytes, model);
        } else if (fields.number == 3) {
            hasNormalizer = true;
            error = readNormalizer(fields.bytes, &model);
        } else if (fields.number == 5) {
            error = readNormalizer(fields.bytes, nullptr);
        }
        if (error)
            return *std::move(error);
    }
    // A file cut between two pieces is still a well-formed message; what follows them tells.
    if (fields.broken() || !hasTrainer || !hasNormalizer || model.pieces.empty())
        return corrupt(looksLikeSentencePiece(file)
                           ? "the sentencepiece model is cut off or damaged"
                           : "this is not a sentencepiece model");
    return model;
}

std::string withoutDummyPrefix(std::string_view file)
{
    // ModelProto.normalizer_spec (3) { add_dummy_prefix (3): false }
    return std::string(file).append("\x1a\x02\x18\x00", 4);
}

} // namespace lacuna
