#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

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
};

} // namespace lacuna
