#include "core/probe/text_diff.h"

#include "core/probe/text_pieces.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace lacuna {
namespace {

constexpr std::uint64_t kMaxPairs = std::uint64_t{1} << 31;

using Symbols = std::vector<std::uint32_t>; ///< equal pieces have equal numbers, dense from 0
using Pairs = std::vector<std::pair<std::size_t, std::size_t>>; ///< matched positions, ascending

/// A window of a sequence, read from either end.
struct View {
    const std::uint32_t* begin = nullptr;
    std::size_t size = 0;
    bool reversed = false;

    [[nodiscard]] std::uint32_t operator[](std::size_t i) const
    {
        return begin[reversed ? size - 1 - i : i];
    }
};

/// Longest common subsequences of two sequences of symbols by divide and conquer.
class Matcher {
    using Mask = std::vector<std::uint64_t>; ///< a bit a column

public:
    Matcher(const Symbols& first, const Symbols& second, std::size_t symbolCount)
        : m_first(first), m_second(second), m_positions(symbolCount)
    {
    }

    [[nodiscard]] Pairs match()
    {
        match(0, m_first.size(), 0, m_second.size());
        return std::move(m_pairs);
    }

private:
    void match(std::size_t a, std::size_t aEnd, std::size_t b, std::size_t bEnd)
    {
        while (a < aEnd && b < bEnd && m_first[a] == m_second[b])
            m_pairs.emplace_back(a++, b++);
        std::size_t tail = 0;
        while (a < aEnd && b < bEnd && m_first[aEnd - 1] == m_second[bEnd - 1]) {
            --aEnd;
            --bEnd;
            ++tail;
        }
        if (a < aEnd && b < bEnd)
            divide(a, aEnd, b, bEnd);
        for (std::size_t i = 0; i < tail; ++i)
            m_pairs.emplace_back(aEnd + i, bEnd + i);
    }

    void divide(std::size_t a, std::size_t aEnd, std::size_t b, std::size_t bEnd)
    {
        if (aEnd - a == 1) {
            const auto* begin = m_second.data() + b;
            const auto* end = m_second.data() + bEnd;
            if (const auto* at = std::find(begin, end, m_first[a]); at != end)
                m_pairs.emplace_back(a, b + static_cast<std::size_t>(at - begin));
            return;
        }
        const std::size_t middle = a + (aEnd - a) / 2;
        const std::size_t width = bEnd - b;
        const std::vector<std::uint32_t> upper =
            lengths({m_first.data() + a, middle - a, false}, {m_second.data() + b, width, false});
        const std::vector<std::uint32_t> lower = lengths(
            {m_first.data() + middle, aEnd - middle, true}, {m_second.data() + b, width, true});
        std::size_t best = 0;
        for (std::size_t j = 1; j <= width; ++j)
            if (upper[j] + lower[width - j] > upper[best] + lower[width - best])
                best = j;
        match(a, middle, b, b + best);
        match(middle, aEnd, b + best, bEnd);
    }

    /// Length of the longest common subsequence of \p rows with each prefix of \p columns.
    std::vector<std::uint32_t> lengths(View rows, View columns)
    {
        const std::size_t words = (columns.size + 63) / 64;
        for (std::size_t j = 0; j < columns.size; ++j)
            m_positions[columns[j]].push_back(static_cast<std::uint32_t>(j));
        m_masks.clear();
        m_scratch.assign(words, 0);
        m_state.assign(words, ~std::uint64_t{0});
        for (std::size_t i = 0; i < rows.size; ++i)
            advance(rows[i]);
        for (std::size_t j = 0; j < columns.size; ++j)
            m_positions[columns[j]].clear();

        std::vector<std::uint32_t> row(columns.size + 1, 0);
        for (std::size_t j = 0; j < columns.size; ++j)
            row[j + 1] = row[j] + ((m_state[j / 64] >> (j % 64)) & 1 ? 0 : 1);
        return row;
    }

    void advance(std::uint32_t symbol)
    {
        const std::vector<std::uint32_t>& positions = m_positions[symbol];
        if (positions.empty())
            return;
        const std::size_t from = positions.front() / 64;
        // Of a frequent symbol (there are 64 at most) the mask is kept; a rare one's is made anew.
        if (positions.size() >= m_state.size()) {
            Mask& mask = m_masks[symbol];
            if (mask.empty()) {
                mask.assign(m_state.size(), 0);
                mark(mask, positions);
            }
            advance(mask, from);
            return;
        }
        mark(m_scratch, positions);
        advance(m_scratch, from);
        for (const std::uint32_t j : positions)
            m_scratch[j / 64] = 0;
    }

    static void mark(Mask& mask, const std::vector<std::uint32_t>& positions)
    {
        for (const std::uint32_t j : positions)
            mask[j / 64] |= std::uint64_t{1} << (j % 64);
    }

    /// state = (state + (state & mask)) | (state & ~mask), one long integer.
    void advance(const Mask& mask, std::size_t from)
    {
        std::uint64_t carry = 0;
        for (std::size_t w = from; w < m_state.size(); ++w) {
            const std::uint64_t state = m_state[w];
            const std::uint64_t partial = state + (state & mask[w]);
            const std::uint64_t sum = partial + carry;
            carry = (partial < state ? 1U : 0U) | (sum < partial ? 1U : 0U);
            m_state[w] = sum | (state & ~mask[w]);
        }
    }

    const Symbols& m_first;
    const Symbols& m_second;
    std::vector<std::vector<std::uint32_t>> m_positions; ///< by symbol; empty between calls
    std::unordered_map<std::uint32_t, Mask> m_masks;     ///< by frequent symbol
    Mask m_scratch;                                      ///< zero between calls
    std::vector<std::uint64_t> m_state;
    Pairs m_pairs;
};

Pairs sharedEnds(const Symbols& first, const Symbols& second)
{
    const std::size_t least = std::min(first.size(), second.size());
    std::size_t head = 0;
    while (head < least && first[head] == second[head])
        ++head;
    std::size_t tail = 0;
    while (tail < least - head &&
           first[first.size() - 1 - tail] == second[second.size() - 1 - tail])
        ++tail;
    Pairs pairs;
    for (std::size_t i = 0; i < head; ++i)
        pairs.emplace_back(i, i);
    for (std::size_t i = tail; i > 0; --i)
        pairs.emplace_back(first.size() - i, second.size() - i);
    return pairs;
}

Pairs matches(const std::vector<std::string_view>& first,
              const std::vector<std::string_view>& second)
{
    std::unordered_map<std::string_view, std::uint32_t> numbers;
    const auto numbered = [&numbers](const std::vector<std::string_view>& pieces) {
        Symbols symbols;
        symbols.reserve(pieces.size());
        for (const std::string_view piece : pieces)
            symbols.push_back(numbers.try_emplace(piece, static_cast<std::uint32_t>(numbers.size()))
                                  .first->second);
        return symbols;
    };
    const Symbols a = numbered(first);
    const Symbols b = numbered(second);
    if (static_cast<std::uint64_t>(a.size()) * b.size() > kMaxPairs)
        return sharedEnds(a, b);
    return Matcher(a, b, numbers.size()).match();
}

/// matches(), with the sequences in an order of their own, so that ties fall the same way whichever
/// comes first.
Pairs mirroredMatches(const std::vector<std::string_view>& first,
                      const std::vector<std::string_view>& second)
{
    if (!(second < first))
        return matches(first, second);
    Pairs pairs = matches(second, first);
    for (auto& [a, b] : pairs)
        std::swap(a, b);
    return pairs;
}

/// Appends to the last run where \p run continues it.
void add(std::vector<DiffRun>& runs, const DiffRun& run)
{
    if (run.count == 0)
        return;
    if (!runs.empty() && runs.back().kind == run.kind)
        runs.back().count += run.count;
    else
        runs.push_back(run);
}

/// The runs around \p pairs. What stands between two pairs is handed to \p gap with its bounds.
template <class Gap> std::vector<DiffRun> runsAround(const Pairs& pairs, std::size_t firstSize,
                                                     std::size_t secondSize, Gap gap)
{
    std::vector<DiffRun> runs;
    std::size_t a = 0;
    std::size_t b = 0;
    for (const auto& [nextA, nextB] : pairs) {
        gap(runs, a, nextA, b, nextB);
        add(runs, {DiffKind::Equal, nextA, nextB, 1});
        a = nextA + 1;
        b = nextB + 1;
    }
    gap(runs, a, firstSize, b, secondSize);
    return runs;
}

void addChange(std::vector<DiffRun>& runs, std::size_t a, std::size_t aEnd, std::size_t b,
               std::size_t bEnd)
{
    add(runs, {DiffKind::OnlyFirst, a, b, aEnd - a});
    add(runs, {DiffKind::OnlySecond, aEnd, b, bEnd - b});
}

/// Runs whose words are matched by words alone. White space counts as equal where it stands beside
/// something equal in both texts.
std::vector<DiffRun> diffWords(const std::vector<std::string_view>& first,
                               const std::vector<std::string_view>& second)
{
    using Places = std::vector<std::size_t>;
    const auto wordsOf = [](const std::vector<std::string_view>& pieces, Places& places) {
        std::vector<std::string_view> words;
        for (std::size_t i = 0; i < pieces.size(); ++i)
            if (!isSpacePiece(pieces[i])) {
                words.push_back(pieces[i]);
                places.push_back(i);
            }
        return words;
    };
    Places firstPlaces;
    Places secondPlaces;
    const auto firstWords = wordsOf(first, firstPlaces);
    const auto secondWords = wordsOf(second, secondPlaces);
    Pairs pairs = mirroredMatches(firstWords, secondWords);
    for (auto& [a, b] : pairs) {
        a = firstPlaces[a];
        b = secondPlaces[b];
    }
    const auto gap = [&](std::vector<DiffRun>& runs, std::size_t a, std::size_t aEnd, std::size_t b,
                         std::size_t bEnd) {
        for (; a < aEnd && b < bEnd && first[a] == second[b]; ++a, ++b)
            add(runs, {DiffKind::Equal, a, b, 1});
        std::size_t tail = 0;
        while (aEnd - tail > a && bEnd - tail > b &&
               first[aEnd - 1 - tail] == second[bEnd - 1 - tail])
            ++tail;
        addChange(runs, a, aEnd - tail, b, bEnd - tail);
        add(runs, {DiffKind::Equal, aEnd - tail, bEnd - tail, tail});
    };
    return runsAround(pairs, first.size(), second.size(), gap);
}

std::vector<std::string_view> splitText(std::string_view text, DiffUnit unit)
{
    return unit == DiffUnit::Word ? splitWords(text) : splitCharacters(text);
}

} // namespace

std::vector<DiffRun> diffPieces(const std::vector<std::string_view>& first,
                                const std::vector<std::string_view>& second)
{
    return runsAround(mirroredMatches(first, second), first.size(), second.size(), addChange);
}

ComparableParts comparableParts(std::string_view first, std::string_view second, DiffUnit unit)
{
    const auto firstPieces = splitText(first, unit);
    const auto secondPieces = splitText(second, unit);
    const std::size_t least = std::min(firstPieces.size(), secondPieces.size());
    const auto end = [](std::string_view text, const std::vector<std::string_view>& pieces,
                        std::size_t count) {
        return count < pieces.size() ? static_cast<std::size_t>(pieces[count].data() - text.data())
                                     : text.size();
    };
    const std::size_t count = least > 0 ? least - 1 : 0;
    return {end(first, firstPieces, count), end(second, secondPieces, count)};
}

TextDiff diffTexts(std::string_view first, std::string_view second, DiffUnit unit)
{
    const bool byWord = unit == DiffUnit::Word;
    const auto firstPieces = splitText(first, unit);
    const auto secondPieces = splitText(second, unit);
    TextDiff diff;
    for (const DiffRun& run :
         byWord ? diffWords(firstPieces, secondPieces) : diffPieces(firstPieces, secondPieces)) {
        const bool ofSecond = run.kind == DiffKind::OnlySecond;
        const auto& pieces = ofSecond ? secondPieces : firstPieces;
        const std::size_t begin = ofSecond ? run.second : run.first;
        std::string text;
        for (std::size_t i = begin; i < begin + run.count; ++i)
            text += pieces[i];
        diff.runs.push_back({run.kind, std::move(text)});
    }
    if (!diff.runs.empty() && diff.runs.front().kind == DiffKind::Equal) {
        if (diff.runs.size() > 1)
            diff.divergence = diff.runs.front().text.size();
    } else if (!diff.runs.empty()) {
        diff.divergence = 0;
    }
    return diff;
}

} // namespace lacuna
