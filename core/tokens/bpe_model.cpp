#include "core/tokens/bpe_model.h"

#include "core/tokens/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace lacuna {
namespace {

using Symbol = BpeModel::Workspace::Symbol;
using Candidate = BpeModel::Workspace::Candidate;

/// Orders the queue: its top is the merge of lowest rank, of equals the leftmost.
bool goesLater(const Candidate& a, const Candidate& b)
{
    return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
}

Error corrupt(std::string key, std::string message)
{
    return Error{
        .code = ErrorCode::Corrupt, .message = std::move(message), .context = std::move(key)};
}

void addSymbol(std::int64_t id, std::vector<Symbol>& symbols)
{
    const auto at = static_cast<std::int32_t>(symbols.size());
    if (at > 0)
        symbols.back().next = at;
    symbols.push_back({static_cast<std::uint32_t>(id), at - 1, -1, false});
}

} // namespace

Result<BpeModel> BpeModel::make(BpeDescription description, std::int64_t idLimit)
{
    BpeModel model(std::move(description));
    if (const Status indexed = model.indexVocabulary(idLimit); !indexed)
        return indexed.error();
    if (const Status indexed = model.indexMerges(); !indexed)
        return indexed.error();
    return model;
}

Status BpeModel::indexVocabulary(std::int64_t idLimit)
{
    auto& vocabulary = m_description.vocabulary;
    if (!std::is_sorted(vocabulary.begin(), vocabulary.end())) // as it comes from a JSON object
        std::sort(vocabulary.begin(), vocabulary.end());
    std::vector<bool> taken(static_cast<std::size_t>(idLimit), false);
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
        const auto& [piece, id] = vocabulary[i];
        if (i > 0 && piece == vocabulary[i - 1].first)
            return corrupt("vocab." + piece, "the piece is there twice");
        if (id < 0 || id >= idLimit)
            return corrupt("vocab." + piece, fmt::format("the id {} is out of range", id));
        if (taken[static_cast<std::size_t>(id)])
            return corrupt("vocab." + piece, fmt::format("two pieces have the id {}", id));
        taken[static_cast<std::size_t>(id)] = true;
    }

    m_characters.fill(-1);
    for (std::size_t c = 0; c < m_characters.size(); ++c) {
        std::string text;
        if (c < 0x80)
            text = {static_cast<char>(c)};
        else
            text = {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
        m_characters[c] = find(text);
    }
    m_bytes.fill(-1);
    if (m_description.byteFallback)
        for (std::size_t byte = 0; byte < m_bytes.size(); ++byte)
            m_bytes[byte] = find(fmt::format("<0x{:02X}>", byte));
    if (!m_description.unknownPiece.empty()) {
        m_unknown = find(m_description.unknownPiece);
        if (m_unknown < 0)
            return corrupt("unk_token",
                           "\"" + m_description.unknownPiece + "\" is not in the vocabulary");
    }
    return {};
}

Status BpeModel::indexMerges()
{
    struct Pair {
        std::uint32_t left;
        Merge merge;
    };
    std::vector<Pair> pairs;
    pairs.reserve(m_description.merges.size());
    const std::string& prefix = m_description.wordPrefix;
    std::string joined;
    std::uint32_t largestLeft = 0;
    for (std::size_t rank = 0; rank < m_description.merges.size(); ++rank) {
        const auto& [left, right] = m_description.merges[rank];
        const auto lacks = [&](const std::string& piece) {
            return corrupt(fmt::format("merges[{}]", rank),
                           "\"" + piece + "\" is not in the vocabulary");
        };
        const std::int64_t leftId = find(left);
        if (leftId < 0)
            return lacks(left);
        const std::int64_t rightId = find(right);
        if (rightId < 0)
            return lacks(right);
        joined = left;
        joined.append(right, std::min(prefix.size(), right.size()));
        const std::int64_t merged = find(joined);
        if (merged < 0)
            return lacks(joined);
        largestLeft = std::max(largestLeft, static_cast<std::uint32_t>(leftId));
        pairs.push_back({static_cast<std::uint32_t>(leftId),
                         {static_cast<std::uint32_t>(rightId), static_cast<std::uint32_t>(rank),
                          static_cast<std::uint32_t>(merged)}});
    }
    m_description.merges = {};
    // Of a pair that is there twice the library keeps the later one, which sorts first.
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
        if (a.left != b.left)
            return a.left < b.left;
        return a.merge.right != b.merge.right ? a.merge.right < b.merge.right
                                              : a.merge.rank > b.merge.rank;
    });
    pairs.erase(std::unique(pairs.begin(), pairs.end(),
                            [](const Pair& a, const Pair& b) {
                                return a.left == b.left && a.merge.right == b.merge.right;
                            }),
                pairs.end());
    m_firstMerge.assign(std::size_t{largestLeft} + 2, 0);
    m_merges.reserve(pairs.size());
    for (const Pair& pair : pairs) {
        ++m_firstMerge[pair.left + std::size_t{1}];
        m_merges.push_back(pair.merge);
    }
    for (std::size_t i = 1; i < m_firstMerge.size(); ++i)
        m_firstMerge[i] += m_firstMerge[i - 1];
    return {};
}

std::int64_t BpeModel::find(std::string_view text) const
{
    const auto& vocabulary = m_description.vocabulary;
    const auto found = std::lower_bound(
        vocabulary.begin(), vocabulary.end(), text,
        [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
    return found != vocabulary.end() && found->first == text ? found->second : -1;
}

const BpeModel::Merge* BpeModel::mergeOf(std::uint32_t left, std::uint32_t right) const
{
    if (left + std::size_t{1} >= m_firstMerge.size())
        return nullptr;
    const auto begin = m_merges.begin() + static_cast<std::ptrdiff_t>(m_firstMerge[left]);
    const auto end =
        m_merges.begin() + static_cast<std::ptrdiff_t>(m_firstMerge[left + std::size_t{1}]);
    const auto found =
        std::lower_bound(begin, end, right, [](const Merge& merge, std::uint32_t wanted) {
            return merge.right < wanted;
        });
    return found != end && found->right == right ? &*found : nullptr;
}

bool BpeModel::addBytes(std::string_view text, std::vector<Symbol>& symbols) const
{
    const auto idOf = [&](char byte) { return m_bytes[static_cast<unsigned char>(byte)]; };
    if (!std::all_of(text.begin(), text.end(), [&](char byte) { return idOf(byte) >= 0; }))
        return false;
    for (const char byte : text)
        addSymbol(idOf(byte), symbols);
    return true;
}

/// The first symbols of \p word. An unknown one waits until the next known character, so that
/// neighbours can fuse; byte pieces overtake it, as they do in the library.
void BpeModel::spell(std::string_view word, std::vector<Symbol>& symbols) const
{
    const bool decorated = !m_description.wordPrefix.empty() || !m_description.wordSuffix.empty();
    bool unknownWaits = false;
    std::string buffer;
    for (std::size_t at = 0, size = 0; at < word.size(); at += size) {
        size = characterSize(word.substr(at));
        std::string_view text = word.substr(at, size);
        std::int64_t id = -1;
        if (decorated) {
            buffer = at > 0 ? m_description.wordPrefix : std::string();
            buffer += text;
            if (at + size >= word.size())
                buffer += m_description.wordSuffix;
            text = buffer;
            id = find(text);
        } else {
            const auto first = static_cast<unsigned char>(text[0]);
            const std::size_t code =
                size == 1   ? first
                : size == 2 ? (first & 0x1FU) << 6 | (static_cast<unsigned char>(text[1]) & 0x3FU)
                            : m_characters.size();
            id = code < m_characters.size() ? m_characters[code] : find(text);
        }
        if (id >= 0) {
            if (std::exchange(unknownWaits, false))
                addSymbol(m_unknown, symbols);
            addSymbol(id, symbols);
        } else if (!(m_description.byteFallback && addBytes(text, symbols)) && m_unknown >= 0) {
            if (unknownWaits && !m_description.fuseUnknown)
                addSymbol(m_unknown, symbols);
            unknownWaits = true;
        }
    }
    if (unknownWaits)
        addSymbol(m_unknown, symbols);
}

void BpeModel::merge(Workspace& workspace) const
{
    std::vector<Symbol>& symbols = workspace.symbols;
    std::vector<Candidate>& queue = workspace.queue;
    const auto symbol = [&](std::int32_t at) -> Symbol& {
        return symbols[static_cast<std::size_t>(at)];
    };
    const auto candidate = [&](std::int32_t at) {
        const Symbol& left = symbol(at);
        if (const Merge* merge = mergeOf(left.id, symbol(left.next).id))
            queue.push_back({merge->rank, at, merge->merged});
        else
            return false;
        return true;
    };
    queue.clear();
    for (std::int32_t at = 0; symbol(at).next >= 0; ++at)
        candidate(at);
    std::make_heap(queue.begin(), queue.end(), goesLater);
    while (!queue.empty()) {
        std::pop_heap(queue.begin(), queue.end(), goesLater);
        const Candidate top = queue.back();
        queue.pop_back();
        Symbol& left = symbol(top.at);
        if (left.removed || left.next < 0)
            continue;
        Symbol& right = symbol(left.next);
        // Its symbols may have become others since the candidate was found.
        const Merge* now = mergeOf(left.id, right.id);
        if (!now || now->merged != top.merged)
            continue;
        left.id = top.merged;
        left.next = right.next;
        right.removed = true;
        if (left.next >= 0)
            symbol(left.next).previous = top.at;
        if (left.previous >= 0 && candidate(left.previous))
            std::push_heap(queue.begin(), queue.end(), goesLater);
        if (left.next >= 0 && candidate(top.at))
            std::push_heap(queue.begin(), queue.end(), goesLater);
    }
}

void BpeModel::encode(std::string_view word, std::vector<std::int64_t>& ids,
                      Workspace& workspace) const
{
    if (m_description.ignoreMerges) {
        if (const std::int64_t id = find(word); id >= 0) {
            ids.push_back(id);
            return;
        }
    }
    workspace.symbols.clear();
    spell(word, workspace.symbols);
    if (workspace.symbols.empty())
        return;
    merge(workspace);
    for (std::int32_t at = 0; at >= 0; at = workspace.symbols[static_cast<std::size_t>(at)].next)
        ids.push_back(workspace.symbols[static_cast<std::size_t>(at)].id);
}

} // namespace lacuna
