#pragma once

#include "core/base/result.h"
#include "core/probe/answer.h"
#include "core/store/records.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a run reports, in plain values. NLLs in nats a token, times in seconds.
namespace lacuna {

struct RunStarted {
    std::string uid;
    std::string folder;
    std::int64_t totalSteps = 0;
    std::int64_t firstStep = 0; ///< > 0: continued from a checkpoint
};

struct StateChanged {
    RunState state = RunState::Prepared;
};

/// Progress of a stretch without steps: loading, evaluating, caching.
struct PhaseProgress {
    std::string phase;
    double share = 0; ///< in [0, 1]
};

struct StepDone {
    std::int64_t step = 0; ///< from 1
    std::int64_t totalSteps = 0;
    std::int64_t epoch = 0;
    double learningRate = 0;
    double forgetLoss = 0; ///< unweighted forget term
    std::optional<double> retainLoss;
    double loss = 0;                 ///< weighted sum
    std::optional<double> forgetNll; ///< token mean of this batch
    std::optional<double> retainNll;
    double gradientNorm = 0;
    bool clipped = false;
    std::optional<double> gradientCosine;  ///< of the forget and the retain gradient
    std::optional<double> meanTokenWeight; ///< 1 is plain ascent
    std::optional<double> retainWeight;    ///< where a control moves it
    std::int64_t tokens = 0;               ///< forward and backward, prompt included
    double seconds = 0;
};

/// The curves that a step adds a point to, by the keys of the history.
[[nodiscard]] std::vector<SeriesPoint> seriesPoints(const StepDone& step);

/// Curves that are worked out at evaluations rather than at every step.
struct SeriesAdded {
    std::vector<SeriesPoint> points;
};

struct MetricValue {
    std::string set;
    std::string metric;
    double value = 0;
    std::int64_t count = 0;
};

struct EvaluationDone {
    std::int64_t step = 0;
    EvaluationPhase phase = EvaluationPhase::During;
    std::vector<MetricValue> values;
};

struct AnswerReady {
    std::uint64_t request = 0; ///< token of the probe request; 0: a pinned probe of the recipe
    std::int64_t step = 0;
    ModelRole role = ModelRole::Current;
    std::string prompt;
    std::string text;
    std::string tokens;   ///< JSON: pieces, log-probabilities, alternatives
    bool stopped = false; ///< by an end token, not by a limit or a command
    SentPrompt sent = {}; ///< how the prompt of a probe request was put
};

/// One more token of an answer to RunControl::probe().
struct AnswerToken {
    std::uint64_t request = 0;
    std::int64_t step = 0;
    ProbeAnswer::Token token;
    std::string text; ///< of the answer so far
};

struct LogLine {
    std::string text;
};

struct RunEnded {
    RunState state = RunState::Done;
    std::string reason;
    std::optional<Error> error;
    std::string uid;
    std::string folder;
    std::string summary; ///< JSON
};

using RunEvent = std::variant<RunStarted, StateChanged, PhaseProgress, StepDone, SeriesAdded,
                              EvaluationDone, AnswerReady, AnswerToken, LogLine, RunEnded>;

} // namespace lacuna
