#include "app/cli/commands/run_watch.h"

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "core/base/overloaded.h"
#include "core/base/set_names.h"

#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <unistd.h>

namespace lacuna {
namespace {

volatile std::sig_atomic_t interrupts = 0;

Json finiteOrNull(double value)
{
    return std::isfinite(value) ? Json(value) : Json();
}

Json optionalNumber(const std::optional<double>& value)
{
    return value ? finiteOrNull(*value) : Json();
}

/// The table that a person reads while the run goes on, one row an evaluation.
class RunTable {
public:
    explicit RunTable(StatusLine& status) : m_status(status) {}

    void show(const RunEvent& event)
    {
        std::visit(Overloaded{[&](const RunStarted& e) { started(e); }, [&](const StateChanged&) {},
                              [&](const PhaseProgress& e) {
                                  m_status.show(fmt::format("{} {:.0f} %", e.phase, 100 * e.share));
                              },
                              [&](const StepDone& e) { step(e); }, [&](const SeriesAdded&) {},
                              [&](const EvaluationDone& e) { evaluation(e); },
                              [&](const AnswerReady& e) { answer(e); }, [&](const AnswerToken&) {},
                              [&](const LogLine& e) { m_status.print(e.text); },
                              [&](const RunEnded& e) { ended(e); }},
                   event);
    }

private:
    void started(const RunStarted& e)
    {
        m_status.print(fmt::format("Run {} of {} steps, in {}", e.uid, e.totalSteps, e.folder));
    }

    void step(const StepDone& e)
    {
        m_seconds += e.seconds;
        m_tokens += static_cast<double>(e.tokens);
        ++m_steps;
        const double left =
            static_cast<double>(e.totalSteps - e.step) * m_seconds / static_cast<double>(m_steps);
        m_status.show(fmt::format(
            "step {}/{}  forget {:.3f}{}  |gradient| {:.2f}  {:.0f} tokens/s  {:.0f} s left",
            e.step, e.totalSteps, e.forgetNll.value_or(e.forgetLoss),
            e.retainNll ? fmt::format("  retain {:.3f}", *e.retainNll) : "", e.gradientNorm,
            m_tokens / m_seconds, left));
    }

    void evaluation(const EvaluationDone& e)
    {
        if (!m_headed)
            m_status.print(tableHead(columns()));
        m_headed = true;
        const bool ofReference =
            !e.values.empty() && e.values.front().set.starts_with(kReferencePrefix);
        std::vector<std::string> cells = {std::to_string(e.step),
                                          ofReference ? "refer." : std::string(idOf(e.phase))};
        for (const char* set : {"forget", "retain"})
            for (const char* metric : {"nll", "probability", "extraction-strength", "rouge-l"})
                cells.push_back(
                    cell(e, std::string(ofReference ? kReferencePrefix : "") + set, metric));
        m_status.print(tableRow(columns(), cells));
    }

    static std::vector<Column> columns()
    {
        std::vector<Column> columns = {{.title = "step", .align = Align::Right, .width = 5},
                                       {.title = "phase", .width = 6}};
        for (const char* set : {"f.", "r."})
            for (const char* metric : {"NLL", "prob", "ES", "ROUGE"})
                columns.push_back(
                    {.title = std::string(set) + metric, .align = Align::Right, .width = 7});
        return columns;
    }

    static std::string cell(const EvaluationDone& e, const std::string& set,
                            const std::string& metric)
    {
        for (const MetricValue& value : e.values)
            if (value.set == set && value.metric == metric)
                return fmt::format("{:.3f}", value.value);
        return "";
    }

    void answer(const AnswerReady& e)
    {
        m_status.print(fmt::format("  {} {}: {}  ->  {}", idOf(e.role), e.step, printable(e.prompt),
                                   printable(e.text)));
    }

    void ended(const RunEnded& e)
    {
        m_status.finish();
        m_status.print(fmt::format("Run {} {}{}", e.uid, idOf(e.state),
                                   e.reason.empty() ? "" : ": " + e.reason));
    }

    StatusLine& m_status;
    bool m_headed = false;
    double m_seconds = 0;
    double m_tokens = 0;
    std::int64_t m_steps = 0;
};

int exitCodeOf(const RunEnded& end)
{
    if (end.error)
        return report(*end.error);
    return interrupts > 0 || end.state == RunState::Interrupted ? ExitInterrupted : ExitDone;
}

} // namespace

OrderedJson eventJson(const RunEvent& event)
{
    return std::visit(
        Overloaded{[](const RunStarted& e) -> OrderedJson {
                       return {{"event", "started"},
                               {"uid", e.uid},
                               {"folder", e.folder},
                               {"total_steps", e.totalSteps}};
                   },
                   [](const StateChanged& e) -> OrderedJson {
                       return {{"event", "state"}, {"state", idOf(e.state)}};
                   },
                   [](const PhaseProgress& e) -> OrderedJson {
                       return {{"event", "progress"}, {"phase", e.phase}, {"share", e.share}};
                   },
                   [](const StepDone& e) -> OrderedJson {
                       return {{"event", "step"},
                               {"step", e.step},
                               {"total_steps", e.totalSteps},
                               {"epoch", e.epoch},
                               {"learning_rate", e.learningRate},
                               {"forget_loss", finiteOrNull(e.forgetLoss)},
                               {"retain_loss", optionalNumber(e.retainLoss)},
                               {"loss", finiteOrNull(e.loss)},
                               {"forget_nll", optionalNumber(e.forgetNll)},
                               {"retain_nll", optionalNumber(e.retainNll)},
                               {"gradient_norm", finiteOrNull(e.gradientNorm)},
                               {"clipped", e.clipped},
                               {"gradient_cosine", optionalNumber(e.gradientCosine)},
                               {"mean_token_weight", optionalNumber(e.meanTokenWeight)},
                               {"retain_weight", optionalNumber(e.retainWeight)},
                               {"tokens", e.tokens},
                               {"seconds", e.seconds}};
                   },
                   [](const SeriesAdded& e) -> OrderedJson {
                       OrderedJson points = OrderedJson::array();
                       for (const SeriesPoint& point : e.points)
                           points.push_back({{"key", point.key},
                                             {"step", point.step},
                                             {"value", finiteOrNull(point.value)}});
                       return {{"event", "series"}, {"points", points}};
                   },
                   [](const EvaluationDone& e) -> OrderedJson {
                       OrderedJson values = OrderedJson::array();
                       for (const MetricValue& value : e.values)
                           values.push_back({{"set", value.set},
                                             {"metric", value.metric},
                                             {"value", finiteOrNull(value.value)},
                                             {"count", value.count}});
                       return {{"event", "evaluation"},
                               {"step", e.step},
                               {"phase", idOf(e.phase)},
                               {"values", values}};
                   },
                   [](const AnswerReady& e) -> OrderedJson {
                       return {{"event", "answer"},
                               {"step", e.step},
                               {"role", idOf(e.role)},
                               {"prompt", e.prompt},
                               {"text", e.text}};
                   },
                   [](const AnswerToken& e) -> OrderedJson {
                       return {{"event", "answer_token"},
                               {"request", e.request},
                               {"step", e.step},
                               {"text", e.text}};
                   },
                   [](const LogLine& e) -> OrderedJson {
                       return {{"event", "log"}, {"text", e.text}};
                   },
                   [](const RunEnded& e) -> OrderedJson {
                       OrderedJson json = {{"event", "ended"},   {"state", idOf(e.state)},
                                           {"reason", e.reason}, {"uid", e.uid},
                                           {"folder", e.folder}, {"error", nullptr},
                                           {"summary", nullptr}};
                       if (e.error)
                           json["error"] = {{"code", errorCodeName(e.error->code)},
                                            {"text", e.error->text()}};
                       if (!e.summary.empty())
                           json["summary"] = OrderedJson::parse(e.summary);
                       return json;
                   }},
        event);
}

int watchRun(RunThread& run)
{
    struct sigaction action = {};
    action.sa_handler = [](int) { interrupts = interrupts + 1; };
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);

    JsonLines lines;
    StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
    RunTable table(status);
    int seen = 0;
    while (true) {
        static_cast<void>(run.mailbox().wait(std::chrono::milliseconds(100)));
        if (interrupts > seen) {
            seen = interrupts;
            run.control().stop(seen == 1 ? StopKind::Keep : StopKind::Now);
            status.print(seen == 1 ? "Stopping and keeping; Ctrl-C again stops at once."
                                   : "Stopping at once.");
        }
        for (const RunEvent& event : run.mailbox().drain()) {
            if (!std::holds_alternative<PhaseProgress>(event))
                lines.write(eventJson(event));
            table.show(event);
            if (const auto* end = std::get_if<RunEnded>(&event))
                return exitCodeOf(*end);
        }
    }
}

} // namespace lacuna
