#include "core/corpora/preview.h"

#include "core/base/text.h"
#include "core/corpora/alternates.h"
#include "core/corpora/catalog.h"
#include "core/models/adapter_files.h"
#include "core/tokens/catalog.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace lacuna {
namespace {

std::string markerName(const Tokenizer& tokenizer, std::int64_t id)
{
    std::string name = visibleBytes(tokenizer.pieceText(id));
    return name.empty() ? (id == tokenizer.eosId() ? "</s>" : "<s>") : name;
}

/// Whether a character begun at the end of \p text goes on in \p next.
bool sharesCharacter(std::string_view text, std::string_view next)
{
    return completeUtf8Prefix(text) < text.size() && !next.empty() &&
           (static_cast<unsigned char>(next.front()) & 0xC0) == 0x80;
}

std::vector<PreviewPiece> piecesOf(const ScoredSample& sample, const Tokenizer& tokenizer)
{
    std::vector<PreviewPiece> pieces;
    for (std::size_t t = 0; t < sample.ids.size(); ++t) {
        const std::int64_t id = sample.ids[t];
        const bool scored = sample.scored[t] != 0;
        if (id == tokenizer.bosId() || id == tokenizer.eosId() || tokenizer.isSpecial(id)) {
            pieces.push_back(
                {.text = markerName(tokenizer, id), .scored = scored, .special = true});
            continue;
        }
        std::string text = tokenizer.pieceText(id);
        if (!pieces.empty() && !pieces.back().special && pieces.back().scored == scored &&
            sharesCharacter(pieces.back().text, text))
            pieces.back().text += text;
        else
            pieces.push_back({.text = std::move(text), .scored = scored});
    }
    for (PreviewPiece& piece : pieces)
        piece.text = visibleBytes(piece.text);
    return pieces;
}

PreviewSample rawSample(const RawSample& raw)
{
    return {.row = raw.row,
            .kind = raw.kind,
            .subject = raw.subject,
            .prompt = raw.prompt,
            .answer = raw.answer,
            .chosen = raw.chosen};
}

/// Sets CorpusPreview::firstSample and \return one behind the last that is shown.
std::int64_t placeWindow(CorpusPreview& preview, const PreviewOptions& options)
{
    preview.firstSample = std::clamp<std::int64_t>(options.firstSample, 0,
                                                   std::max<std::int64_t>(preview.samples - 1, 0));
    return std::min(preview.samples,
                    preview.firstSample + std::max<std::int64_t>(options.count, 0));
}

void showTokenised(CorpusPreview& preview, const Corpus& corpus, const Tokenizer& tokenizer,
                   const PreviewOptions& options, const std::shared_ptr<const PromptStyle>& style)
{
    const TokenisedCorpus tokenised =
        inspectTokens(corpus, tokenizer, {.maxLength = options.maxLength, .style = style});
    preview.promptTemplate = style ? style->id() : kDefaultPromptFormat;
    preview.samples = static_cast<std::int64_t>(tokenised.samples.size());
    preview.usableRows = tokenised.usedRows;
    preview.lengths = tokenised.lengths;
    preview.tokens = tokenised.tokens;
    preview.scoredTokens = tokenised.scoredTokens;
    preview.truncated = tokenised.truncated;
    for (const auto* list : {&tokenised.problems.errors(), &tokenised.problems.warnings()})
        for (const Problem& problem : *list)
            preview.problems.add(problem);
    const std::int64_t end = placeWindow(preview, options);
    for (std::int64_t i = preview.firstSample; i < end; ++i) {
        const ScoredSample& sample = tokenised.samples[static_cast<std::size_t>(i)];
        PreviewSample shown = rawSample(corpus.samples[static_cast<std::size_t>(sample.source)]);
        if (shown.kind == SampleKind::Text)
            shown.answer.clear(); // a window of it is in the pieces
        shown.pieces = piecesOf(sample, tokenizer);
        shown.tokens = static_cast<std::int64_t>(sample.ids.size());
        shown.scoredTokens = sample.scoredCount();
        shown.truncated = sample.truncated;
        preview.shown.push_back(std::move(shown));
    }
}

} // namespace

CorpusPreview previewOf(const Corpus& corpus, const Tokenizer* tokenizer,
                        const PreviewOptions& options,
                        const std::shared_ptr<const PromptStyle>& style)
{
    CorpusPreview preview{.path = corpus.path,
                          .format = corpus.format,
                          .usableRows = static_cast<std::int64_t>(corpus.samples.size()),
                          .pairs = pairCount(corpus),
                          .problems = corpus.problems,
                          .maxLength = options.maxLength};
    if (const auto format = corpusFormats().find(corpus.format))
        preview.formatTitle = (*format)->title;
    if (corpus.samples.empty())
        return preview;
    if (tokenizer) {
        showTokenised(preview, corpus, *tokenizer, options, style);
        return preview;
    }
    preview.samples = preview.usableRows;
    const std::int64_t end = placeWindow(preview, options);
    for (std::int64_t i = preview.firstSample; i < end; ++i)
        preview.shown.push_back(rawSample(corpus.samples[static_cast<std::size_t>(i)]));
    return preview;
}

Result<CorpusPreview> previewCorpus(const std::filesystem::path& path,
                                    const std::filesystem::path& modelFolder,
                                    const PreviewOptions& options)
{
    Result<Corpus> corpus = inspectCorpus(path);
    if (!corpus)
        return corpus.error();
    if (options.passages.cuts())
        if (const Status status = cutPassages(*corpus, options.passages); !status)
            return status.error();
    if (modelFolder.empty())
        return previewOf(*corpus, nullptr, options);
    const std::filesystem::path folder = tokenizerFolder(modelFolder);
    const Result<std::shared_ptr<const Tokenizer>> tokenizer = loadTokenizer(folder);
    if (!tokenizer) {
        CorpusPreview preview = previewOf(*corpus, nullptr, options);
        preview.tokenizerProblem = tokenizer.error();
        return preview;
    }
    const Result<PromptStyle> style = PromptStyle::find(options.promptTemplate, folder);
    if (!style) {
        CorpusPreview preview = previewOf(*corpus, nullptr, options);
        preview.templateProblem = style.error();
        return preview;
    }
    // As a run does it: the default stays with questions and answers alone.
    return previewOf(*corpus, tokenizer->get(), options,
                     style->isDefault() ? nullptr : std::make_shared<const PromptStyle>(*style));
}

} // namespace lacuna
