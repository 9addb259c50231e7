#pragma once

#include "core/base/text.h"
#include "core/tokens/tokenizer.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// The text behind a prompt as its tokens come. Decoded together with the prompt, because how the
/// first token reads (with or without its space) depends on what stands before it.
class Continuation {
public:
    Continuation(const Tokenizer& tokenizer, const std::vector<std::int64_t>& prompt)
        : m_tokenizer(tokenizer), m_ids(prompt), m_begin(tokenizer.decode(prompt).size()),
          m_given(m_begin)
    {
    }

    /// What \p id adds, up to the last whole character.
    std::string add(std::int64_t id)
    {
        m_ids.push_back(id);
        m_text = m_tokenizer.decode(m_ids);
        return take(completeUtf8Prefix(m_text));
    }
    /// What was held back for want of the rest of a character.
    std::string finish() { return take(m_text.size()); }
    [[nodiscard]] std::string text() const { return part(m_begin, m_text.size()); }
    /// Everything that add() has given.
    [[nodiscard]] std::string soFar() const { return part(m_begin, m_given); }

private:
    std::string take(std::size_t end)
    {
        if (end <= m_given)
            return {};
        std::string added = part(m_given, end);
        m_given = end;
        return added;
    }
    [[nodiscard]] std::string part(std::size_t begin, std::size_t end) const
    {
        if (begin >= end || begin >= m_text.size())
            return {};
        return validUtf8(std::string_view(m_text).substr(begin, end - begin));
    }

    const Tokenizer& m_tokenizer;
    std::vector<std::int64_t> m_ids;
    std::string m_text;
    std::size_t m_begin;
    std::size_t m_given;
};

} // namespace lacuna
