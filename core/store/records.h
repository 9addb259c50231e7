#pragma once

#include "core/base/enum_ids.h"
#include "core/base/evaluation.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

using RunId = std::int64_t;

enum class RunState : std::uint8_t {
    Prepared,
    Baseline,
    Caching,
    Running,
    Paused,
    FinalEvaluation,
    Done,
    Stopped,
    Discarded,
    Failed,
    Interrupted, ///< its process went away without a word
};
/// Guarded is the original behind a guardrail. It answers on screen; runs record no such answers.
enum class ModelRole : std::uint8_t { Original, Current, Reference, Guarded };
enum class InterruptionKind : std::uint8_t { Paused, Resumed, Killed, Recovered };
enum class RequestKind : std::uint8_t { Stop, Pause, Resume, Discard };

/// The ids by which enumerators stand in the file and on the command line, in their order.
template <> struct EnumIds<RunState> {
    static constexpr auto kIds = std::to_array<std::string_view>(
        {"prepared", "baseline", "caching", "running", "paused", "final-evaluation", "done",
         "stopped", "discarded", "failed", "interrupted"});
};
template <> struct EnumIds<ModelRole> {
    static constexpr auto kIds =
        std::to_array<std::string_view>({"original", "current", "reference", "guarded"});
};
template <> struct EnumIds<InterruptionKind> {
    static constexpr auto kIds =
        std::to_array<std::string_view>({"paused", "resumed", "killed", "recovered"});
};
template <> struct EnumIds<RequestKind> {
    static constexpr auto kIds =
        std::to_array<std::string_view>({"stop", "pause", "resume", "discard"});
};

/// Done, stopped, discarded, failed, interrupted: no process works on the run.
[[nodiscard]] bool isEnded(RunState state);

/// "2026-03-01T14:05:09.250Z"
[[nodiscard]] std::string utcText(std::chrono::system_clock::time_point time);
[[nodiscard]] std::string utcNow();

/// 12 lower-case hexadecimal digits that name a run everywhere: in the file, in folder names and on
/// the command line.
[[nodiscard]] std::string runUid(std::chrono::system_clock::time_point created, std::int64_t pid,
                                 std::uint64_t counter);
/// One made now by this process. Any thread may call it.
[[nodiscard]] std::string newRunUid();

struct HashedPath {
    std::string path;
    std::string sha256 = {};
};

/// A row of the history. Texts called JSON hold one document; where one is optional, an empty text
/// means none.
struct Run {
    RunId id = 0;
    std::string uid = {};
    std::string name = {};
    std::string folder = {};
    RunState state = RunState::Prepared;
    std::string recipe = {}; ///< JSON, complete: the run can be repeated from it
    std::string method = {}; ///< catalogue id
    HashedPath model = {};
    HashedPath forget = {};
    HashedPath retain = {};
    HashedPath holdout = {};
    std::int64_t seed = 0;
    std::string device = {};
    std::int64_t threads = 0;
    std::string precision = {};
    std::string programVersion = {};
    std::string machine = {};         ///< JSON, optional
    std::optional<RunId> parent = {}; ///< the run whose result this one started from
    std::string group = {};           ///< sweep or sequence of requests; empty: none
    std::string note = {};
    std::vector<std::string> tags = {}; ///< sorted
    std::string createdAt = {};
    std::string startedAt = {}; ///< empty: not yet
    std::string endedAt = {};   ///< empty: not yet
    std::int64_t step = 0;
    std::int64_t totalSteps = 0;
    std::string stopReason = {};
    std::string error = {};
    std::optional<std::int64_t> pid = {}; ///< the process that works on it
    std::string summary = {};             ///< JSON, optional
};

enum class RunSort : std::uint8_t { Created, Ended, Name, Method, State, Step };

struct RunFilter {
    /// Words that must all occur, ASCII letters in either case, in name, method, note, group, tags
    /// or uid.
    std::string text = {};
    std::vector<RunState> states = {}; ///< empty: any
    std::string tag = {};              ///< empty: any
    std::string group = {};            ///< empty: any
    RunSort sort = RunSort::Created;
    bool descending = true;
    std::optional<std::int64_t> limit = {};
};

struct SeriesPoint {
    std::int64_t step = 0;
    std::string key;  ///< "forget_nll"
    double value = 0; ///< one that is not finite comes back as NaN
};

/// One curve, steps ascending.
struct Series {
    std::vector<std::int64_t> steps;
    std::vector<double> values;
};
using SeriesByKey = std::map<std::string, Series>;

/// One quantity of a run before and after it; NaN: not measured, or not finite.
struct EvaluationChange {
    RunId run = 0;
    std::string set;
    std::string metric;
    std::string variant = {};
    double before = 0;
    double after = 0;
};

struct Answer {
    std::int64_t step = 0;
    std::string prompt;
    ModelRole role = ModelRole::Current;
    std::string text;
    std::string tokens = {}; ///< JSON, optional: pieces and log-probabilities
};

/// What one setting of an attack brought out of one model: a row of the stress battery. Values are
/// means over the items of the set; NaN where there is none.
struct StressResult {
    std::string time = {};     ///< empty: now. The rows of one battery share it
    std::string attack = {};   ///< catalogue id
    std::string settings = {}; ///< JSON: the parameters, and "setting" where there are several
    ModelRole role = ModelRole::Current;
    std::string set = "forget";
    std::string metric = {};               ///< catalogue id
    double before = 0;                     ///< without the attack, of the same items
    double value = 0;                      ///< under it
    double worst = 0;                      ///< of any one item under it
    std::optional<Interval> interval = {}; ///< of `value`
    std::int64_t count = 0;                ///< items
    /// Why the attack has no numbers, in a sentence.
    std::string missing = {};
    std::string detail = {}; ///< JSON, optional; see core/run/stress_results.h
};

struct Interruption {
    std::string time = {}; ///< empty: now
    std::int64_t step = 0;
    InterruptionKind kind = InterruptionKind::Paused;
    std::string note = {};
};

/// A file that a run left behind.
struct Artefact {
    std::string kind; ///< model, checkpoint, manifest, ...
    std::string path;
    std::optional<std::int64_t> step = {};
    std::int64_t bytes = 0;
    std::string sha256 = {};
};

/// What another process asks of the one that works on a run.
struct Request {
    std::int64_t id = 0;
    RequestKind kind = RequestKind::Stop;
    std::string time = {};
};

/// How a run ended.
struct RunEnd {
    RunState state = RunState::Done;
    std::string stopReason = {};
    std::string error = {};
    std::string summary = {}; ///< JSON, optional
};

} // namespace lacuna
