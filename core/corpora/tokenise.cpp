#include "core/corpora/tokenise.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace lacuna {
namespace {

constexpr std::int64_t kMaxBins = 32;

/// How many samples something happened to, and where first.
struct Tally {
    std::int64_t count = 0;
    std::int64_t firstRow = 0;

    void note(std::int64_t row)
    {
        if (count++ == 0)
            firstRow = row;
    }
};

std::int64_t length(const std::vector<std::int64_t>& ids)
{
    return static_cast<std::int64_t>(ids.size());
}

/// Marks everything from \p first on as scored, but never position 0, which nothing predicts.
void scoreFrom(ScoredSample& sample, std::int64_t first)
{
    sample.scored.assign(sample.ids.size(), 1);
    const auto unscored = std::min(std::max<std::int64_t>(first, 1), length(sample.ids));
    std::fill_n(sample.scored.begin(), unscored, std::uint8_t{0});
}

class CorpusTokeniser {
public:
    CorpusTokeniser(const Corpus& corpus, const Tokenizer& tokenizer,
                    const TokeniseOptions& options)
        : m_corpus(corpus), m_tokenizer(tokenizer), m_options(options)
    {
    }

    TokenisedCorpus run()
    {
        if (m_options.maxLength < 2) {
            report(Severity::Error, 0, {}, "max_length leaves no token to predict",
                   "set training.max_length to at least 2");
            return std::move(m_result);
        }
        for (m_source = 0; m_source < m_corpus.samples.size(); ++m_source)
            addRaw(m_corpus.samples[m_source]);
        summarise();
        return std::move(m_result);
    }

private:
    void addRaw(const RawSample& raw)
    {
        switch (raw.kind) {
        case SampleKind::QuestionAnswer:
            if (m_options.style)
                addChat({{"user", raw.prompt}, {"assistant", raw.answer}});
            else
                addAnswer(m_options.qaTemplate.prompt(raw.prompt),
                          raw.answer + m_options.qaTemplate.after, m_options.appendEos);
            break;
        case SampleKind::Chat:
            addChat(raw.messages);
            break;
        case SampleKind::Completion:
            addAnswer(raw.prompt, raw.answer, m_options.appendEos && !raw.continues);
            break;
        case SampleKind::Text:
            addWindows(raw.answer);
            break;
        case SampleKind::Tokens:
            addTokens(raw);
            break;
        }
    }

    void addAnswer(const std::string& prompt, const std::string& answer, bool appendEos)
    {
        ScoredSample sample;
        sample.ids = m_tokenizer.encode(prompt + answer);
        const std::vector<std::int64_t> promptIds =
            m_tokenizer.encode(withoutTrailingSpaces(prompt));
        const auto border =
            std::mismatch(promptIds.begin(), promptIds.end(), sample.ids.begin(), sample.ids.end());
        sample.promptLength = border.first - promptIds.begin();
        if (border.first != promptIds.end())
            m_merged.note(row());
        if (appendEos && m_tokenizer.eosId() >= 0) {
            sample.ids.push_back(m_tokenizer.eosId());
            sample.endsWithEos = true;
        }
        cut(sample);
        scoreFrom(sample, sample.promptLength);
        add(std::move(sample));
    }

    void addChat(const ChatMessages& messages)
    {
        const std::int64_t eos = m_tokenizer.eosId();
        const PromptStyle& style = m_options.style ? *m_options.style : m_defaultStyle;
        const Result<RenderedChat> chat =
            style.render(messages, eos >= 0 ? m_tokenizer.piece(eos) : std::string());
        if (!chat) {
            report(Severity::Error, row(), chat.error().context, chat.error().message,
                   chat.error().remedy);
            return;
        }
        const std::string_view text = chat->text;
        const EncodeOptions encoding{.addBos = chat->addBos};
        ScoredSample sample;
        sample.ids = m_tokenizer.encode(text, encoding);
        sample.scored.assign(sample.ids.size(), 0);
        bool merged = false;
        // The token that the text reaches with its first \p bytes.
        const auto tokenAt = [&](std::string_view before) {
            const std::vector<std::int64_t> ids = m_tokenizer.encode(before, encoding);
            const auto border =
                std::mismatch(ids.begin(), ids.end(), sample.ids.begin(), sample.ids.end());
            merged = merged || border.first != ids.end();
            return border.first - ids.begin();
        };
        sample.promptLength = length(sample.ids);
        for (const RenderedChat::Span& answer : chat->answers) {
            const std::int64_t begin = tokenAt(withoutTrailingSpaces(text.substr(0, answer.begin)));
            const std::int64_t end = answer.end == text.size()
                                         ? length(sample.ids)
                                         : tokenAt(text.substr(0, answer.end));
            sample.promptLength = std::min(sample.promptLength, begin);
            if (begin < end)
                std::fill(sample.scored.begin() + begin, sample.scored.begin() + end,
                          std::uint8_t{1});
        }
        if (merged)
            m_merged.note(row());
        if (chat->appendEos && m_options.appendEos && eos >= 0) {
            sample.ids.push_back(eos);
            sample.scored.push_back(1);
        }
        if (sample.ids.empty()) {
            m_empty.note(row());
            return;
        }
        sample.scored.front() = 0;
        sample.endsWithEos = sample.scored.back() != 0 && sample.ids.back() == eos;
        cut(sample);
        sample.scored.resize(sample.ids.size());
        add(std::move(sample));
    }

    void addWindows(const std::string& text)
    {
        const std::vector<std::int64_t> ids = m_tokenizer.encode(text, {.addBos = false});
        const bool bos = m_tokenizer.addsBos();
        const std::int64_t step = m_options.maxLength - (bos ? 1 : 0);
        for (std::int64_t begin = 0; begin < length(ids); begin += step) {
            const std::int64_t end = std::min(begin + step, length(ids));
            if (begin > 0 && end - begin < m_options.minLastWindow) {
                m_result.droppedTokens += end - begin;
                break;
            }
            ScoredSample sample;
            sample.ids.assign(ids.begin() + begin, ids.begin() + end);
            if (bos)
                sample.ids.insert(sample.ids.begin(), m_tokenizer.bosId());
            sample.promptLength = bos ? 1 : 0;
            scoreFrom(sample, sample.promptLength);
            add(std::move(sample));
        }
        if (ids.empty())
            m_empty.note(row());
    }

    void addTokens(const RawSample& raw)
    {
        const std::int64_t size = m_tokenizer.vocabularySize();
        const auto foreign = std::find_if(raw.inputIds.begin(), raw.inputIds.end(),
                                          [size](std::int64_t id) { return id < 0 || id >= size; });
        if (foreign != raw.inputIds.end()) {
            report(Severity::Error, row(), "input_ids",
                   fmt::format("token {} is outside the vocabulary of {} tokens", *foreign, size),
                   "tokenise the corpus with this model's tokenizer");
            return;
        }
        ScoredSample sample;
        sample.ids = raw.inputIds;
        for (const std::int64_t label : raw.labels)
            sample.scored.push_back(label >= 0 ? 1 : 0);
        sample.promptLength =
            std::find(sample.scored.begin(), sample.scored.end(), 1) - sample.scored.begin();
        sample.scored.front() = 0;
        sample.endsWithEos = sample.scored.back() != 0 && sample.ids.back() == m_tokenizer.eosId();
        cut(sample);
        sample.scored.resize(sample.ids.size());
        add(std::move(sample));
    }

    void cut(ScoredSample& sample)
    {
        if (length(sample.ids) <= m_options.maxLength)
            return;
        sample.ids.resize(static_cast<std::size_t>(m_options.maxLength));
        sample.promptLength = std::min(sample.promptLength, m_options.maxLength);
        sample.truncated = true;
        sample.endsWithEos = false;
        m_truncated.note(row());
    }

    void add(ScoredSample sample)
    {
        const std::int64_t scored = sample.scoredCount();
        if (scored == 0) {
            m_empty.note(row());
            return;
        }
        sample.index = static_cast<std::int64_t>(m_result.samples.size());
        sample.source = static_cast<std::int64_t>(m_source);
        if (m_result.samples.empty() || m_result.samples.back().source != sample.source)
            ++m_result.usedRows;
        m_result.tokens += length(sample.ids);
        m_result.scoredTokens += scored;
        m_lengths.push_back(length(sample.ids));
        m_result.samples.push_back(std::move(sample));
    }

    void summarise()
    {
        m_result.lengths = lengthHistogram(std::move(m_lengths));
        m_result.truncated = m_truncated.count;
        m_result.zeroScored = m_empty.count;
        m_result.mergedBorders = m_merged.count;
        warn(m_truncated,
             fmt::format("are longer than {} tokens and were cut", m_options.maxLength),
             "raise training.max_length to keep their ends");
        warn(m_empty, "have no scored token and were left out",
             "raise training.max_length or shorten the prompts");
        warn(m_merged, "have a token that spans the border of prompt and answer; it is scored",
             "let the answer start with a space or the prompt end with one");
        if (m_result.samples.empty() && m_result.problems.errorCount() == 0)
            report(Severity::Error, 0, {}, "no sample has a token to score",
                   "raise training.max_length or shorten the prompts");
    }

    void warn(const Tally& tally, const std::string& what, std::string remedy)
    {
        if (tally.count > 0)
            report(Severity::Warning, tally.firstRow, {},
                   fmt::format("{} of {} samples {}", tally.count, m_corpus.samples.size(), what),
                   std::move(remedy));
    }

    void report(Severity severity, std::int64_t row, std::string field, std::string message,
                std::string remedy)
    {
        m_result.problems.add({.severity = severity,
                               .code = ErrorCode::InvalidArgument,
                               .file = m_corpus.path.string(),
                               .row = row,
                               .field = std::move(field),
                               .message = std::move(message),
                               .remedy = std::move(remedy)});
    }

    [[nodiscard]] std::int64_t row() const { return m_corpus.samples[m_source].row; }

    const Corpus& m_corpus;
    const Tokenizer& m_tokenizer;
    const TokeniseOptions& m_options;
    PromptStyle m_defaultStyle;
    TokenisedCorpus m_result;
    std::size_t m_source = 0; ///< the raw sample at work
    std::vector<std::int64_t> m_lengths;
    Tally m_truncated;
    Tally m_empty;
    Tally m_merged;
};

} // namespace

std::string_view withoutTrailingSpaces(std::string_view prompt)
{
    const std::size_t last = prompt.find_last_not_of(' ');
    return prompt.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string QaTemplate::openPrompt(std::string_view question) const
{
    return std::string(withoutTrailingSpaces(prompt(question)));
}

LengthHistogram lengthHistogram(std::vector<std::int64_t> lengths)
{
    LengthHistogram histogram;
    if (lengths.empty())
        return histogram;
    std::sort(lengths.begin(), lengths.end());
    histogram.shortest = lengths.front();
    histogram.median = lengths[lengths.size() / 2];
    histogram.longest = lengths.back();
    histogram.mean =
        std::accumulate(lengths.begin(), lengths.end(), 0.0) / static_cast<double>(lengths.size());
    while (histogram.binWidth * kMaxBins < histogram.longest)
        histogram.binWidth *= 2;
    const auto bin = [&](std::int64_t value) {
        return static_cast<std::size_t>(std::max<std::int64_t>(value - 1, 0) / histogram.binWidth);
    };
    histogram.counts.assign(bin(histogram.longest) + 1, 0);
    for (const std::int64_t value : lengths)
        ++histogram.counts[bin(value)];
    return histogram;
}

TokenisedCorpus inspectTokens(const Corpus& corpus, const Tokenizer& tokenizer,
                              const TokeniseOptions& options)
{
    return CorpusTokeniser(corpus, tokenizer, options).run();
}

Result<TokenisedCorpus> tokenise(const Corpus& corpus, const Tokenizer& tokenizer,
                                 const TokeniseOptions& options, InvalidRows invalidRows)
{
    TokenisedCorpus tokenised = inspectTokens(corpus, tokenizer, options);
    if (invalidRows == InvalidRows::LeaveOut && !tokenised.samples.empty())
        return tokenised;
    if (const Status status = tokenised.problems.status(); !status)
        return status.error();
    return tokenised;
}

} // namespace lacuna
