#include "core/corpora/overlap.h"

#include "core/base/text.h"
#include "core/corpora/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace lacuna {
namespace {

constexpr double kNear = 0.8;
constexpr std::size_t kShingle = 5;
constexpr std::size_t kShort = 10;          // words; below it the set of words is compared
constexpr std::size_t kLongParagraph = 200; // words
constexpr std::size_t kHeading = 5;         // words
constexpr std::size_t kExcerpt = 80;        // bytes

using Feature = std::size_t;

struct Passage {
    std::string text;
    std::int64_t row = 0;
};

/// Hashes of the lower-case words. Bytes of multi-byte characters count as letters.
std::vector<Feature> wordHashes(std::string_view text)
{
    std::vector<Feature> hashes;
    std::string word;
    const auto finish = [&] {
        if (!word.empty())
            hashes.push_back(std::hash<std::string>{}(word));
        word.clear();
    };
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter)
            word += static_cast<char>(c | 0x20);
        else if ((c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80)
            word += c;
        else
            finish();
    }
    finish();
    return hashes;
}

/// What is compared of a passage, sorted and without repetitions.
std::vector<Feature> features(std::string_view text)
{
    std::vector<Feature> words = wordHashes(text);
    std::vector<Feature> set;
    if (words.size() < kShort) {
        set = std::move(words);
    } else {
        for (std::size_t i = 0; i + kShingle <= words.size(); ++i) {
            Feature hash = kShingle;
            for (std::size_t j = i; j < i + kShingle; ++j)
                hash = hash * 0x9E3779B97F4A7C15ULL + words[j];
            set.push_back(hash);
        }
    }
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    return set;
}

void addParagraph(const std::string& paragraph, std::int64_t row, std::vector<Passage>& passages)
{
    const std::size_t words = wordHashes(paragraph).size();
    if (words < kHeading)
        return;
    if (words <= kLongParagraph) {
        passages.push_back({paragraph, row});
        return;
    }
    LineReader lines(paragraph);
    while (const auto line = lines.next())
        if (wordHashes(*line).size() >= kHeading)
            passages.push_back({std::string(*line), row + lines.row() - 1});
}

/// \param firstRow  row of the text's first line
/// \param rowsAreLines  whether a line of the text is a row of the file
void addText(const std::string& text, std::int64_t firstRow, bool rowsAreLines,
             std::vector<Passage>& passages)
{
    const std::size_t before = passages.size();
    std::string paragraph;
    std::int64_t start = 0;
    LineReader lines(text);
    while (const auto line = lines.next()) {
        if (trimmed(*line).empty()) {
            addParagraph(paragraph, firstRow + start, passages);
            paragraph.clear();
            continue;
        }
        if (paragraph.empty())
            start = lines.row() - 1;
        else
            paragraph += '\n';
        paragraph += *line;
    }
    addParagraph(paragraph, firstRow + start, passages);
    if (!rowsAreLines)
        for (std::size_t i = before; i < passages.size(); ++i)
            passages[i].row = firstRow;
}

std::vector<Passage> passagesOf(const Corpus& corpus)
{
    std::vector<Passage> passages;
    for (const RawSample& sample : corpus.samples) {
        if (sample.kind == SampleKind::Text)
            addText(sample.answer, sample.row, corpus.format == "text", passages);
        else if (sample.kind == SampleKind::Tokens)
            passages.push_back({fmt::format("{}", fmt::join(sample.inputIds, " ")), sample.row});
        else
            passages.push_back({sample.prompt + "\n" + sample.answer, sample.row});
    }
    return passages;
}

void addPair(OverlapReport& report, const Passage& first, const Passage& second, double similarity)
{
    if (report.pairs.size() >= OverlapReport::kShownPairs)
        return;
    std::string excerpt = first.text.substr(0, kExcerpt);
    excerpt.resize(completeUtf8Prefix(excerpt));
    report.pairs.push_back({first.row, second.row, similarity, std::move(excerpt)});
}

/// Finds the most similar of a fixed list of feature sets.
///
/// Two sets with a Jaccard index of at least t share one of the first n - ceil(t n) + 1 features
/// of each, in any common order; with the rarest first, few candidates are left to compare.
class NearIndex {
public:
    explicit NearIndex(const std::vector<Passage>& passages)
    {
        for (const Passage& passage : passages)
            m_sets.push_back(features(passage.text));
        for (const auto& set : m_sets)
            for (const Feature feature : set)
                ++m_frequency[feature];
        for (std::size_t i = 0; i < m_sets.size(); ++i)
            for (const Feature feature : prefix(m_sets[i]))
                m_postings[feature].push_back(i);
    }

    /// Position and similarity of the best match; similarity 0 when none is near.
    [[nodiscard]] std::pair<std::size_t, double> nearest(const std::vector<Feature>& set) const
    {
        std::vector<std::size_t> candidates;
        for (const Feature feature : prefix(set))
            if (const auto found = m_postings.find(feature); found != m_postings.end())
                candidates.insert(candidates.end(), found->second.begin(), found->second.end());
        std::sort(candidates.begin(), candidates.end());
        candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

        std::pair<std::size_t, double> best{0, 0.0};
        for (const std::size_t candidate : candidates) {
            const double similarity = jaccard(set, m_sets[candidate]);
            if (similarity >= kNear && similarity > best.second)
                best = {candidate, similarity};
        }
        return best;
    }

private:
    static double jaccard(const std::vector<Feature>& a, const std::vector<Feature>& b)
    {
        std::size_t common = 0;
        for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
            if (*i == *j)
                ++common;
            const bool advanceBoth = *i == *j;
            const bool less = *i < *j;
            if (advanceBoth || less)
                ++i;
            if (advanceBoth || !less)
                ++j;
        }
        return static_cast<double>(common) / static_cast<double>(a.size() + b.size() - common);
    }

    [[nodiscard]] std::vector<Feature> prefix(const std::vector<Feature>& set) const
    {
        std::vector<std::pair<std::size_t, Feature>> byRarity;
        for (const Feature feature : set) {
            const auto found = m_frequency.find(feature);
            byRarity.emplace_back(found == m_frequency.end() ? 0 : found->second, feature);
        }
        std::sort(byRarity.begin(), byRarity.end());
        const auto needed =
            static_cast<std::size_t>(std::ceil(kNear * static_cast<double>(set.size())));
        std::vector<Feature> rarest;
        for (std::size_t i = 0; i < set.size() - needed + 1 && i < byRarity.size(); ++i)
            rarest.push_back(byRarity[i].second);
        return rarest;
    }

    std::vector<std::vector<Feature>> m_sets;
    std::unordered_map<Feature, std::size_t> m_frequency;
    std::unordered_map<Feature, std::vector<std::size_t>> m_postings;
};

} // namespace

OverlapReport duplicatesWithin(const Corpus& corpus)
{
    const std::vector<Passage> passages = passagesOf(corpus);
    OverlapReport report{.passages = static_cast<std::int64_t>(passages.size()), .pairs = {}};
    std::unordered_map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < passages.size(); ++i) {
        const auto [earlier, isNew] = seen.emplace(passages[i].text, i);
        if (isNew)
            continue;
        ++report.exact;
        addPair(report, passages[i], passages[earlier->second], 1);
    }
    return report;
}

OverlapReport overlapBetween(const Corpus& first, const Corpus& second)
{
    const std::vector<Passage> passages = passagesOf(first);
    const std::vector<Passage> others = passagesOf(second);
    std::unordered_map<std::string_view, std::size_t> exact;
    for (std::size_t i = 0; i < others.size(); ++i)
        exact.emplace(others[i].text, i);
    const NearIndex index(others);

    OverlapReport report{.passages = static_cast<std::int64_t>(passages.size()), .pairs = {}};
    for (const Passage& passage : passages) {
        if (const auto found = exact.find(passage.text); found != exact.end()) {
            ++report.exact;
            addPair(report, passage, others[found->second], 1);
            continue;
        }
        const auto [position, similarity] = index.nearest(features(passage.text));
        if (similarity > 0) {
            ++report.near;
            addPair(report, passage, others[position], similarity);
        }
    }
    return report;
}

} // namespace lacuna
