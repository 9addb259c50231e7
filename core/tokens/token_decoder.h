#pragma once

#include "core/tokens/file_fields.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lacuna {

/// The "decoder" of a tokenizer.json: what pieces give in a decoded text. Immutable.
class TokenDecoder {
public:
    /// Pieces spell bytes in the byte alphabet.
    [[nodiscard]] static TokenDecoder byteLevel();
    /// Failures go to \p problem.
    [[nodiscard]] static TokenDecoder read(const Json* value, FileProblem& problem);

    [[nodiscard]] bool isByteLevel() const { return m_byteLevel; }
    /// What \p piece gives behind other pieces. Bytes of an incomplete character are kept, where
    /// the library would put U+FFFD, since a stream of tokens needs them.
    [[nodiscard]] std::string text(std::string_view piece) const;
    /// What it gives as the first of a text.
    [[nodiscard]] std::string textAtStart(std::string_view piece) const;
    /// What an added token gives that is not special.
    [[nodiscard]] std::string addedText(std::string_view piece) const;

    /// The text that is taken away from the start of a whole decoded text, up to so many times.
    [[nodiscard]] const std::string& stripped() const { return m_stripped; }
    [[nodiscard]] std::int64_t stripCount() const { return m_stripCount; }

private:
    void add(const Json& value, const std::string& key, FileProblem& problem);

    bool m_byteLevel = false;
    bool m_byteFallback = false;
    bool m_fused = false; // while reading: a Fuse has been met
    std::size_t m_steps = 0;
    std::vector<std::pair<std::string, std::string>> m_replaced;
    std::string m_markAtStart; // what the first piece loses; empty: nothing
    std::string m_stripped;
    std::int64_t m_stripCount = 0;
};

} // namespace lacuna
