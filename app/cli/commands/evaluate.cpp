#include "app/cli/commands/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/metrics/evaluation_log.h"
#include "core/run/model_evaluation.h"

#include <fmt/format.h>

#include <unistd.h>

namespace lacuna {
namespace {

constexpr const char* kLikelihoodsStay =
    "likelihood metrics score text without the guardrail and are the bare model's";

std::string resultTable(const std::vector<Evaluation>& evaluations)
{
    TextTable table({{.title = "set"},
                     {.title = "metric"},
                     {.title = "value", .align = Align::Right},
                     {.title = "samples", .align = Align::Right},
                     {.title = "variant"}});
    for (const Evaluation& evaluation : evaluations)
        table.addRow({evaluation.set, evaluation.metric, fmt::format("{:.4f}", evaluation.value),
                      std::to_string(evaluation.count), evaluation.variant});
    return table.text();
}

/// What a guardrail's numbers are worth.
OrderedJson guardrailJson(const GuardrailSpec& spec, const ModelEvaluation& evaluation)
{
    return {{"spec", spec.toJson()},
            {"summary", evaluation.guardrail},
            {"evidence", kBehaviouralOnly},
            {"likelihoods", kLikelihoodsStay}};
}

std::string guardrailText(const GuardrailSpec& spec, const ModelEvaluation& evaluation)
{
    return fmt::format("\nguardrail {}, {}\n{}{}{}\n", spec.id, kBehaviouralOnly,
                       evaluation.guardrail, evaluation.guardrail.empty() ? "" : "\n",
                       kLikelihoodsStay);
}

int run(const Arguments& arguments)
{
    watchForInterrupt();
    Result<GuardrailSpec> guardrail = GuardrailSpec{};
    if (const auto given = arguments.text("guardrail"))
        guardrail = parseGuardrailSpec(*given, "--guardrail");
    if (!guardrail)
        return report(guardrail.error());
    EvaluationRequest request{.model = arguments.value("MODEL"),
                              .forget = {arguments.value("forget")},
                              .retain = {arguments.text("retain").value_or("")},
                              .holdout = {arguments.text("holdout").value_or("")},
                              .promptTemplate =
                                  arguments.text("template").value_or(kDefaultPromptFormat),
                              .device = arguments.text("device").value_or("auto"),
                              .precision = arguments.text("precision").value_or("float32"),
                              .maxLength = arguments.integer("max-length").value_or(512),
                              .keepTokens = arguments.flag("tokens"),
                              .guardrail = *guardrail};
    request.spec.suite = arguments.text("suite").value_or("default");
    if (request.spec.suite != "default")
        return report({.code = ErrorCode::NotFound,
                       .message = "there is no suite \"" + request.spec.suite + "\"",
                       .context = "--suite",
                       .remedy = "known ones: default"});
    request.spec.generate = !arguments.flag("no-generation");
    request.spec.maxSamples = arguments.integer("max-samples").value_or(400);
    request.spec.maxNewTokens = arguments.integer("max-new-tokens").value_or(200);
    StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
    const Result<ModelEvaluation> evaluation = evaluateModel(request, [&](double share) {
        status.show(fmt::format("evaluating {:.0f} %", 100 * share));
        return !isInterrupted();
    });
    status.finish();
    if (!evaluation)
        return report(evaluation.error());
    if (isInterrupted())
        return ExitInterrupted;
    OrderedJson log = evaluationsToLog(evaluation->evaluations);
    if (!guardrail->id.empty())
        log["guardrail"] = guardrailJson(*guardrail, *evaluation);
    if (const auto out = arguments.text("out"))
        if (const Status written = writeJsonFile(*out, log); !written)
            return report(written.error());
    if (arguments.flag("json"))
        JsonLines().write(log);
    else
        std::cout << resultTable(evaluation->evaluations)
                  << (guardrail->id.empty() ? "" : guardrailText(*guardrail, *evaluation));
    return ExitDone;
}

} // namespace

Command evaluateCommand()
{
    return {
        .name = "evaluate",
        .summary = "measure a model on corpora with every metric",
        .positionals = {{.name = "MODEL", .help = "model folder"}},
        .options = {{.name = "forget", .value = "FILE", .help = "forget corpus", .required = true},
                    {.name = "retain", .value = "FILE", .help = "retain corpus"},
                    {.name = "holdout", .value = "FILE", .help = "never trained on"},
                    {.name = "template",
                     .value = "ID",
                     .help = "prompt format, or model for the model's own chat template; default: "
                             "question-answer"},
                    {.name = "suite", .value = "S", .help = "set of metrics; default: default"},
                    {.name = "out",
                     .value = "FILE",
                     .help = "write the per-sample log in open-unlearning's shape"},
                    {.name = "tokens", .help = "keep the loss of each token in the log"},
                    {.name = "guardrail",
                     .value = "SPEC",
                     .help = "measure the answers from behind it too: an id (see guardrails), JSON "
                             "with its parameters, or a file of it"},
                    {.name = "no-generation", .help = "leave out metrics that need answers"},
                    {.name = "max-samples",
                     .value = "N",
                     .help = "of each corpus; default 400",
                     .type = ValueType::Integer,
                     .min = 1},
                    {.name = "max-new-tokens",
                     .value = "N",
                     .help = "of an answer; default 200",
                     .type = ValueType::Integer,
                     .min = 1},
                    {.name = "max-length",
                     .value = "N",
                     .help = "tokens of a sample; default 512",
                     .type = ValueType::Integer,
                     .min = 2},
                    {.name = "device", .value = "D", .help = "auto, cpu or cuda:N"},
                    {.name = "precision", .value = "P", .help = "auto, float32 or bfloat16"},
                    {.name = "json", .help = "the log on stdout instead of the table"}},
        .run = &run};
}

} // namespace lacuna
