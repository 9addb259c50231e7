#include "core/tokens/added_tokens.h"

#include "core/tokens/unicode.h"
#include "core/tokens/white_space.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace lacuna {
namespace {

unsigned char byteAt(std::string_view text, std::size_t i)
{
    return static_cast<unsigned char>(text[i]);
}

} // namespace

AddedTokenSplitter::AddedTokenSplitter(std::vector<AddedToken> tokens, WordEdge edge)
    : m_tokens(std::move(tokens)), m_edge(edge), m_firstByte(257, 0)
{
    std::sort(m_tokens.begin(), m_tokens.end(), [](const AddedToken& a, const AddedToken& b) {
        return std::tie(a.text, a.id) < std::tie(b.text, b.id);
    });
    for (const AddedToken& token : m_tokens)
        ++m_firstByte[byteAt(token.text, 0) + 1U];
    for (std::size_t i = 1; i < m_firstByte.size(); ++i)
        m_firstByte[i] += m_firstByte[i - 1];
}

bool AddedTokenSplitter::standsAlone(std::string_view text, std::size_t begin,
                                     std::size_t end) const
{
    if (m_edge == WordEdge::Space)
        return (begin == 0 || text[begin - 1] == ' ') && (end == text.size() || text[end] == ' ');
    return !endsWithWord(text.substr(0, begin)) && !startsWithWord(text.substr(end));
}

/// The token at \p at, or null and \p at moved to where the search goes on.
const AddedToken* AddedTokenSplitter::matchAt(std::string_view text, std::size_t& at) const
{
    const unsigned char first = byteAt(text, at);
    auto begin = m_tokens.begin() + static_cast<std::ptrdiff_t>(m_firstByte[first]);
    auto end = m_tokens.begin() + static_cast<std::ptrdiff_t>(m_firstByte[first + 1U]);
    const AddedToken* longest = nullptr;
    const AddedToken* longestAllowed = nullptr;
    // [begin, end) are the tokens that start with the next `size` bytes; the shortest sorts first.
    for (std::size_t size = 1; begin != end; ++size) {
        if (begin->text.size() == size) {
            longest = &*begin;
            if (!longest->singleWord || standsAlone(text, at, at + size))
                longestAllowed = longest;
            while (begin != end && begin->text.size() == size)
                ++begin;
        }
        if (at + size == text.size())
            break;
        const unsigned char next = byteAt(text, at + size);
        const auto isBelow = [size](const AddedToken& token, unsigned char byte) {
            return byteAt(token.text, size) < byte;
        };
        const auto isAbove = [size](unsigned char byte, const AddedToken& token) {
            return byte < byteAt(token.text, size);
        };
        begin = std::lower_bound(begin, end, next, isBelow);
        end = std::upper_bound(begin, end, next, isAbove);
    }
    // The library takes the longest or none, and does not look inside it.
    if (m_edge == WordEdge::NonCharacter && longest != longestAllowed) {
        at += longest->text.size();
        return nullptr;
    }
    if (!longestAllowed)
        ++at;
    return longestAllowed;
}

std::vector<AddedTokenSplitter::Segment> AddedTokenSplitter::split(std::string_view text) const
{
    std::vector<Segment> segments;
    std::size_t start = 0; // of the plain text not yet in a segment
    std::size_t at = 0;
    const auto addPlain = [&](std::size_t end, const AddedToken* next) {
        std::string_view plain = text.substr(start, end - start);
        if (!segments.empty() && segments.back().token->stripRight)
            plain = withoutLeadingSpace(plain);
        if (next && next->stripLeft)
            plain = withoutTrailingSpace(plain);
        if (!plain.empty())
            segments.push_back({plain, nullptr});
    };
    while (at < text.size() && !m_tokens.empty()) {
        const AddedToken* token = matchAt(text, at);
        if (!token)
            continue;
        addPlain(at, token);
        segments.push_back({{}, token});
        at += token->text.size();
        start = at;
    }
    addPlain(text.size(), nullptr);
    return segments;
}

} // namespace lacuna
