#include "core/corpora/passages.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace lacuna {
namespace {

constexpr const char* kPlainText = "text"; ///< format whose rows are the lines of the text

bool isSpace(char c)
{
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// Where each word begins, in order.
std::vector<std::size_t> wordStarts(std::string_view text)
{
    std::vector<std::size_t> starts;
    bool inWord = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool space = isSpace(text[i]);
        if (!space && !inWord)
            starts.push_back(i);
        inWord = !space;
    }
    return starts;
}

std::string_view withoutSpacesBehind(std::string_view text)
{
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

void cut(const RawSample& whole, const PassageLengths& lengths, bool rowsAreLines,
         std::vector<RawSample>& passages)
{
    const std::string_view text = whole.answer;
    const std::vector<std::size_t> starts = wordStarts(text);
    const auto prompt = static_cast<std::size_t>(lengths.promptWords);
    const auto both = prompt + static_cast<std::size_t>(lengths.answerWords);
    const std::size_t least = both - static_cast<std::size_t>(lengths.answerWords) / 2;
    std::int64_t row = whole.row;
    std::size_t counted = 0; // lines up to there are in `row`
    for (std::size_t word = 0; word + least <= starts.size(); word += both) {
        const std::size_t begin = starts[word];
        const std::size_t end = word + both < starts.size() ? starts[word + both] : text.size();
        // White space goes with the word behind it, as tokenizers keep it.
        const std::string_view given =
            withoutSpacesBehind(text.substr(begin, starts[word + prompt] - begin));
        const std::string_view rest =
            withoutSpacesBehind(text.substr(begin + given.size(), end - begin - given.size()));
        if (rowsAreLines)
            row += std::ranges::count(text.substr(counted, begin - counted), '\n');
        counted = begin;
        passages.push_back({.kind = SampleKind::Completion,
                            .prompt = std::string(given),
                            .answer = std::string(rest),
                            .subject = whole.subject,
                            .continues = end < text.size(),
                            .row = row});
    }
}

} // namespace

Status cutPassages(Corpus& corpus, const PassageLengths& lengths)
{
    std::vector<RawSample> passages;
    for (RawSample& sample : corpus.samples)
        if (sample.kind == SampleKind::Text)
            cut(sample, lengths, corpus.format == kPlainText, passages);
        else
            passages.push_back(std::move(sample));
    corpus.samples = std::move(passages);
    if (!corpus.samples.empty())
        return {};
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "no text has as many words as one passage",
                 .context = corpus.path.string(),
                 .remedy = "lower prompt_words and answer_words, or give a longer text"};
}

} // namespace lacuna
