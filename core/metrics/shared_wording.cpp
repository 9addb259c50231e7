#include "core/metrics/shared_wording.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

namespace lacuna {
namespace {

using WordSet = std::set<std::string_view>;

/// Orders stretches of words of equal length.
struct StretchOrder {
    using Stretch = std::span<const std::string>;
    bool operator()(const Stretch& a, const Stretch& b) const
    {
        return std::ranges::lexicographical_compare(a, b);
    }
};

} // namespace

double wordSetJaccard(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    const WordSet left(a.begin(), a.end());
    const WordSet right(b.begin(), b.end());
    const auto shared =
        std::ranges::count_if(left, [&](std::string_view word) { return right.contains(word); });
    const double either =
        static_cast<double>(left.size() + right.size()) - static_cast<double>(shared);
    return either > 0 ? static_cast<double>(shared) / either : 0;
}

std::size_t longestSharedStretch(const std::vector<std::string>& a,
                                 const std::vector<std::string>& b)
{
    // row[j]: the stretch that ends with the word of a read last and with b's word j - 1.
    std::vector<std::size_t> row(b.size() + 1, 0);
    std::size_t longest = 0;
    for (const std::string& word : a)
        for (std::size_t j = b.size(); j > 0; --j) {
            row[j] = word == b[j - 1] ? row[j - 1] + 1 : 0;
            longest = std::max(longest, row[j]);
        }
    return longest;
}

double copiedGramsPerThousand(const std::vector<std::string>& text,
                              const std::vector<std::string>& source, std::size_t size)
{
    std::set<std::span<const std::string>, StretchOrder> known;
    for (std::size_t i = 0; i + size <= source.size(); ++i)
        known.insert(std::span(source).subspan(i, size));
    std::size_t copied = 0;
    for (std::size_t i = 0; i + size <= text.size(); ++i)
        if (known.contains(std::span(text).subspan(i, size)))
            ++copied;
    return text.empty() ? 0 : 1000 * static_cast<double>(copied) / static_cast<double>(text.size());
}

} // namespace lacuna
