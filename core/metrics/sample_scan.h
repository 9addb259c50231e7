#pragma once

#include "core/corpora/sample.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// How likely an answer is that the sample does not teach.
struct AnswerScore {
    OtherAnswerKind kind = OtherAnswerKind::Perturbed;
    double logProb = 0; ///< summed over its tokens, nats
    std::int64_t tokens = 0;
};

/// A multiple-choice question answered by letter.
struct LetterScores {
    std::vector<double> logProbs; ///< of each letter as the next word, nats
    std::size_t correct = 0;
};

/// What one forward pass, and one greedy generation where it was asked for, tell of a sample. All
/// metrics are computed from this, so that passes are shared.
struct SampleScan {
    std::int64_t index = 0;
    std::vector<float> logProbs; ///< of each scored token, nats, EOS included
    std::vector<bool> matches;   ///< argmax equals the token, teacher forced
    bool endsWithEos = false;    ///< the last scored token is EOS
    bool hasAnswer = false;      ///< `generated` and `reference` are set
    std::string generated;       ///< greedy continuation of the prompt
    std::string reference;       ///< the true answer
    std::vector<AnswerScore> others;
    std::optional<LetterScores> letters;
    // For membership inference, where it was asked for:
    /// Of each scored token: (log p - mean) / deviation, both over the vocabulary under the model's
    /// own distribution.
    std::vector<float> standardised;
    std::int64_t compressedBytes = 0; ///< of the scored text, by zlib; 0: not asked for
    std::optional<double> gradientNorm;
    /// Mean depth of its tokens at rank 1 (LensReading::meanDepth()), where it was asked for.
    std::optional<double> lensDepth;
};

} // namespace lacuna
