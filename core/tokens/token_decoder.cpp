#include "core/tokens/token_decoder.h"

#include "core/base/text.h"
#include "core/tokens/byte_alphabet.h"
#include "core/tokens/sentencepiece_model.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

constexpr std::size_t kMaxSteps = 16;
/// Replacements make pieces longer, one after another; published decoders put in one space.
constexpr std::size_t kMaxReplacements = 2;
constexpr std::size_t kMaxReplacement = 8; ///< bytes

} // namespace

TokenDecoder TokenDecoder::byteLevel()
{
    TokenDecoder decoder;
    decoder.m_byteLevel = true;
    return decoder;
}

TokenDecoder TokenDecoder::read(const Json* value, FileProblem& problem)
{
    TokenDecoder decoder;
    if (value)
        decoder.add(*value, "decoder", problem);
    else
        problem.unsupported("decoder", "a tokenizer without a decoder is not supported");
    if (decoder.m_byteLevel &&
        (decoder.m_byteFallback || decoder.m_stripCount != 0 || !decoder.m_replaced.empty()))
        problem.unsupported("decoder", R"("ByteLevel" beside other decoders is not supported)");
    return decoder;
}

void TokenDecoder::add(const Json& value, const std::string& key, FileProblem& problem)
{
    FileFields fields(value, key, problem);
    const std::string type = fields.text("type");
    if (++m_steps > kMaxSteps)
        fields.unsupported("type", "the decoder has too many steps");
    // These see one piece at a time, a Strip the whole text.
    if (m_fused && type != "Strip")
        fields.unsupported("type", "\"" + type + R"(" after "Fuse" is not supported)");
    if (type == "Sequence") {
        const Json* list = fields.child("decoders");
        if (!list || !list->is_array())
            return fields.corrupt("decoders", "this must be a list");
        for (std::size_t i = 0; i < list->size() && !problem.error(); ++i)
            add((*list)[i], key + ".decoders[" + std::to_string(i) + "]", problem);
    } else if (type == "ByteLevel") {
        m_byteLevel = true;
        fields.ignore({"add_prefix_space", "trim_offsets", "use_regex"}); // none changes decoding
    } else if (type == "Replace") {
        const Json* pattern = fields.child("pattern");
        const bool isText = pattern && pattern->is_object() && pattern->size() == 1 &&
                            pattern->begin()->is_string() &&
                            !pattern->begin()->get_ref<const std::string&>().empty();
        const std::string content = fields.text("content");
        if (!isText)
            fields.corrupt("pattern", "this must be an object with a \"String\"");
        else if (pattern->begin().key() != "String")
            fields.unsupported("pattern", "only a \"String\" is supported here");
        else if (content.size() > kMaxReplacement || m_replaced.size() >= kMaxReplacements)
            fields.unsupported("content", "the decoder replaces too much");
        else
            m_replaced.emplace_back(pattern->begin()->get<std::string>(), content);
    } else if (type == "ByteFallback") {
        m_byteFallback = true;
    } else if (type == "Fuse") {
        m_fused = true;
    } else if (type == "Strip") {
        m_stripped = fields.text("content");
        m_stripCount = fields.integer("start", 0);
        if (fields.integer("stop", 0) != 0)
            fields.unsupported("stop", "stripping the end of a text is not supported");
        if (!m_fused)
            fields.unsupported("type", R"("Strip" before "Fuse" is not supported)");
    } else if (type == "Metaspace") {
        m_markAtStart = fields.text("replacement");
        if (m_markAtStart.empty())
            return fields.corrupt("replacement", "this must be a character");
        m_replaced.emplace_back(m_markAtStart, " ");
        const bool adds = fields.flag("add_prefix_space", true);
        if (fields.text("prepend_scheme", adds ? "always" : "never") == "never")
            m_markAtStart.clear();
        fields.ignore({"split", "str_rep"});
    } else {
        return fields.unsupported("type", "the decoder \"" + type + "\" is not supported");
    }
    fields.finish();
}

std::string TokenDecoder::text(std::string_view piece) const
{
    if (m_byteLevel)
        return bytesOfAlphabet(piece).value_or(std::string(piece));
    std::string result(piece);
    for (const auto& [from, to] : m_replaced)
        result = replaceAll(result, from, to);
    if (m_byteFallback)
        if (const std::optional<char> byte = byteOfPiece(result))
            return {*byte};
    return result;
}

std::string TokenDecoder::textAtStart(std::string_view piece) const
{
    return m_markAtStart.empty() ? text(piece) : text(replaceAll(piece, m_markAtStart, ""));
}

std::string TokenDecoder::addedText(std::string_view piece) const
{
    // Its text is what was found; a letter of the byte alphabet in it is a letter.
    return m_byteLevel ? std::string(piece) : text(piece);
}

} // namespace lacuna
