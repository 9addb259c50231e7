#pragma once

#include "core/base/result.h"
#include "core/corpora/corpus.h"
#include "core/corpora/passages.h"
#include "core/corpora/problem.h"
#include "core/corpora/tokenise.h"
#include "core/tokens/prompt_style.h"
#include "core/tokens/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// A stretch of a sample as the model reads it: a token, or the bytes of several that only together
/// spell a character.
struct PreviewPiece {
    /// With real spaces and line breaks, bytes that are no character as visibleBytes() shows them;
    /// a marker's name for a marker.
    std::string text;
    bool scored = false;  ///< the loss is computed on it
    bool special = false; ///< a marker such as those that begin and end a text or an answer
};

/// One sample that a preview shows.
struct PreviewSample {
    std::int64_t row = 0; ///< line, or item of a JSON array, from 1
    SampleKind kind = SampleKind::Text;
    std::string subject = {};
    std::string prompt = {};               ///< raw; empty for a text
    std::string answer = {};               ///< raw; the whole of a text without a tokenizer
    std::string chosen = {};               ///< raw; see RawSample
    std::vector<PreviewPiece> pieces = {}; ///< empty without a tokenizer
    std::int64_t tokens = 0;
    std::int64_t scoredTokens = 0;
    bool truncated = false;
};

/// What a corpus holds, in plain values, for a form to show before anything is started.
struct CorpusPreview {
    std::filesystem::path path;
    std::string format;          ///< id in corpusFormats(); empty when the file is no text
    std::string formatTitle;     ///< of that format
    std::int64_t usableRows = 0; ///< rows of the file that a run can train on
    std::int64_t samples = 0;    ///< as trained on: windows of texts with a tokenizer, or the rows
    std::int64_t pairs = 0;      ///< rows that are preference pairs
    ProblemList problems = {};   ///< of the file, then of its tokens
    std::int64_t maxLength = 0;  ///< tokens of a sample
    /// What questions and chats are written in; empty: nothing, since there is no tokenizer, or
    /// the template cannot be used.
    std::string promptTemplate = {};
    std::optional<Error> templateProblem = {};   ///< why raw texts are shown although there is one
    std::optional<LengthHistogram> lengths = {}; ///< nothing without a tokenizer
    std::int64_t tokens = 0;
    std::int64_t scoredTokens = 0;
    std::int64_t truncated = 0;
    std::optional<Error> tokenizerProblem = {}; ///< why a model folder was given and not used
    std::int64_t firstSample = 0;               ///< position of shown.front()
    std::vector<PreviewSample> shown = {};
};

/// Which samples, and how long they may be.
struct PreviewOptions {
    std::int64_t maxLength = 512;
    /// How previewCorpus() writes questions and chats: an id in promptFormats(), or kModelTemplate.
    std::string promptTemplate = kDefaultPromptFormat;
    PassageLengths passages = {};
    std::int64_t firstSample = 0; ///< brought into range
    std::int64_t count = 1;
};

/// \param tokenizer  null: raw texts and no lengths
/// \param style      of questions and chats; null: kDefaultPromptFormat
[[nodiscard]] CorpusPreview previewOf(const Corpus& corpus, const Tokenizer* tokenizer,
                                      const PreviewOptions& options,
                                      const std::shared_ptr<const PromptStyle>& style = {});

/// Reads \p path and shows it as the model of \p modelFolder would read it. An empty folder, or one
/// whose tokenizer cannot be loaded or whose template cannot be used, gives raw texts. An Error
/// only when the file cannot be read.
[[nodiscard]] Result<CorpusPreview> previewCorpus(const std::filesystem::path& path,
                                                  const std::filesystem::path& modelFolder,
                                                  const PreviewOptions& options);

} // namespace lacuna
