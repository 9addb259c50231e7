#include "app/cli/commands/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/measured.h"
#include "app/cli/output.h"
#include "core/metrics/evaluation_log.h"
#include "core/run/model_evaluation.h"
#include "core/run/suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace lacuna {
namespace {

constexpr const char* kLikelihoodsStay =
    "likelihood metrics score text without the guardrail and are the bare model's";

std::string valueText(const Evaluation& evaluation)
{
    return evaluation.missing.empty() ? measuredText(evaluation.value) : "-";
}

std::string resultTable(const std::vector<Evaluation>& evaluations)
{
    TextTable table({{.title = "set"},
                     {.title = "metric"},
                     {.title = "value", .align = Align::Right},
                     {.title = "95 % interval"},
                     {.title = "samples", .align = Align::Right},
                     {.title = "variant"}});
    for (const Evaluation& evaluation : evaluations)
        table.addRow({evaluation.set, evaluation.metric, valueText(evaluation),
                      intervalText(evaluation.interval), std::to_string(evaluation.count),
                      evaluation.variant});
    std::string missing;
    for (const Evaluation& evaluation : evaluations)
        if (!evaluation.missing.empty())
            missing +=
                fmt::format("  {} {}: {}\n", evaluation.set, evaluation.metric, evaluation.missing);
    return table.text() + (missing.empty() ? "" : "\nNot measured\n" + missing);
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

/// The suite and where its sets come from.
Status readSuite(const Arguments& arguments, EvaluationRequest& request)
{
    request.spec.suite = arguments.text("suite").value_or(kDefaultSuite);
    request.spec.data = arguments.text("data").value_or("");
    for (const std::string& given : arguments.list("set")) {
        const auto equals = given.find('=');
        if (equals == std::string::npos || equals == 0)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "\"" + given + "\" is not of the form NAME=FILE",
                         .context = "--set"};
        request.spec.sets[given.substr(0, equals)].path = given.substr(equals + 1);
    }
    const Result<Suite> suite = findSuite(request.spec.suite);
    if (!suite)
        return suite.error().at("--suite");
    // Of a suite, the corpora are sets of that name: what is given goes before its own files.
    for (const auto& [name, corpus] :
         {std::pair{"forget", &request.forget}, std::pair{"retain", &request.retain},
          std::pair{"holdout", &request.holdout}})
        if (!corpus->empty() && std::ranges::count(suite->sets, name, &SuiteSet::name) > 0)
            request.spec.sets.try_emplace(name, *corpus);
    if (suite->sets.empty() && request.forget.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "there is nothing to measure the model on",
                     .context = "--forget",
                     .remedy = "give a forget corpus, or a suite with --suite and the folder of "
                               "its files with --data"};
    return {};
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
                              .reference = arguments.text("reference").value_or(""),
                              .original = arguments.text("original").value_or(""),
                              .forget = {arguments.text("forget").value_or("")},
                              .retain = {arguments.text("retain").value_or("")},
                              .holdout = {arguments.text("holdout").value_or("")},
                              .promptTemplate =
                                  arguments.text("template").value_or(kDefaultPromptFormat),
                              .device = arguments.text("device").value_or("auto"),
                              .precision = arguments.text("precision").value_or("float32"),
                              .maxLength = arguments.integer("max-length").value_or(512),
                              .keepTokens = arguments.flag("tokens"),
                              .guardrail = *guardrail};
    if (const Status status = readSuite(arguments, request); !status)
        return report(status.error());
    request.spec.generate = !arguments.flag("no-generation");
    // A suite says itself how many it wants of each set.
    request.spec.maxSamples = arguments.integer("max-samples")
                                  .value_or(request.spec.suite == kDefaultSuite ? 400 : 1 << 20);
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
        .options =
            {{.name = "forget", .value = "FILE", .help = "forget corpus"},
             {.name = "retain", .value = "FILE", .help = "retain corpus"},
             {.name = "holdout", .value = "FILE", .help = "never trained on"},
             {.name = "template",
              .value = "ID",
              .help = "prompt format, or model for the model's own chat template; default: "
                      "question-answer"},
             {.name = "suite",
              .value = "S",
              .help =
                  "what is measured on what: an id (see suites) or a file; default: all metrics "
                  "on the corpora given"},
             {.name = "data", .value = "FOLDER", .help = "where the suite's files lie"},
             {.name = "set",
              .value = "NAME=FILE",
              .help = "a set of the suite in place of its file",
              .repeatable = true},
             {.name = "reference",
              .value = "LOG|MODEL",
              .help = "a model trained without the forget set, or its saved log"},
             {.name = "original",
              .value = "LOG|MODEL",
              .help = "the model before unlearning, or its saved log"},
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
              .help = "of each corpus; default 400, of a suite's sets all that it asks for",
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
