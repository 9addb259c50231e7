#pragma once

#include "core/base/enum_ids.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

enum class EvaluationPhase : std::uint8_t { Before, During, After, Standalone };

template <> struct EnumIds<EvaluationPhase> {
    static constexpr auto kIds =
        std::to_array<std::string_view>({"before", "during", "after", "standalone"});
};

/// Where a quantity lies with some confidence: a 95 % bootstrap interval unless said otherwise.
struct Interval {
    double low = 0;
    double high = 0;
};

struct SampleValue {
    std::int64_t sample = 0;
    double value = 0;       ///< one that is not finite comes back as NaN
    std::string extra = {}; ///< JSON, optional
};

/// One quantity of one model on one set, with what it is made of.
struct Evaluation {
    std::int64_t step = 0;
    EvaluationPhase phase = EvaluationPhase::During;
    std::string set;    ///< forget, retain, holdout, or another set of the suite; empty: of all
    std::string metric; ///< catalogue id
    std::string variant = {};
    double value = 0;                      ///< one that is not finite comes back as NaN
    std::int64_t count = 0;                ///< samples behind the value
    std::optional<Interval> interval = {}; ///< nothing: unknown
    /// Why there is no value, and how to get one, in a sentence; `value` is NaN then.
    std::string missing = {};
    std::vector<SampleValue> samples = {};
};

} // namespace lacuna
