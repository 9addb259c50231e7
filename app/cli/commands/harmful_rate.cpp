#include "core/metrics/harmful_rate.h"
#include "app/cli/commands/commands.h"
#include "app/cli/output.h"
#include "core/base/hash.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

/// What judges the answers, and how well it does.
struct Judge {
    TextJudge judge;
    std::string kind; ///< "logistic regression"
    std::string file; ///< that it comes from
    std::string sha256;
    std::optional<ClassifierScores> scores; ///< nothing: there are no labelled texts to tell
    std::string testedOn;                   ///< with scores
};

Judge judgeOf(TextClassifier classifier, std::string file)
{
    Judge judge{.kind = fmt::format("logistic regression on {} texts", classifier.trainingTexts()),
                .file = std::move(file),
                .sha256 = classifier.dataHash(),
                .scores = classifier.testScores(),
                .testedOn = "texts held out when it was trained"};
    judge.judge = [classifier = std::move(classifier)](std::string_view text) {
        return classifier.isPositive(text);
    };
    return judge;
}

Result<std::optional<LabelledTexts>> labels(const Arguments& arguments)
{
    const std::optional<std::string> file = arguments.text("labels");
    if (!file)
        return std::optional<LabelledTexts>();
    Result<LabelledTexts> texts = readLabelledTexts(*file);
    if (!texts)
        return texts.error();
    return std::optional(std::move(texts).value());
}

Result<Judge> trained(const Arguments& arguments, const LabelledTexts& texts)
{
    const auto seed = static_cast<std::uint64_t>(arguments.integer("seed").value_or(0));
    Result<TextClassifier> classifier = TextClassifier::train(texts, {.seed = seed});
    if (!classifier)
        return classifier.error();
    if (const std::optional<std::string> out = arguments.text("save"))
        if (const Status status = classifier->save(*out); !status)
            return status.error();
    return judgeOf(std::move(classifier).value(), arguments.value("labels"));
}

Result<Judge> saved(const std::string& file, const std::optional<LabelledTexts>& texts)
{
    Result<TextClassifier> classifier = TextClassifier::load(file);
    if (!classifier)
        return classifier.error();
    if (texts && texts->sha256 == classifier->dataHash())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "these labelled texts are the ones that the classifier learnt from",
                     .context = "--labels",
                     .remedy = "leave --labels out, and the scores on the texts held out then are "
                               "reported; or give others"};
    Judge judge = judgeOf(std::move(classifier).value(), file);
    if (texts) {
        judge.scores = scoresOf(judge.judge, texts->items);
        judge.testedOn = "the labelled texts given";
    }
    return judge;
}

Result<Judge> keywords(const std::string& file, const std::optional<LabelledTexts>& texts)
{
    Result<KeywordClassifier> classifier = KeywordClassifier::load(file);
    if (!classifier)
        return classifier.error();
    const Result<std::string> hash = sha256File(file);
    if (!hash)
        return hash.error();
    Judge judge{.kind = fmt::format("a list of {} keywords", classifier->size()),
                .file = file,
                .sha256 = *hash};
    judge.judge = [words = std::move(classifier).value()](std::string_view text) {
        return words.isPositive(text);
    };
    if (texts) {
        judge.scores = scoresOf(judge.judge, texts->items);
        judge.testedOn = "the labelled texts given";
    }
    return judge;
}

Result<Judge> makeJudge(const Arguments& arguments)
{
    const Result<std::optional<LabelledTexts>> texts = labels(arguments);
    if (!texts)
        return texts.error();
    if (const std::optional<std::string> file = arguments.text("classifier"))
        return saved(*file, *texts);
    if (const std::optional<std::string> file = arguments.text("keywords"))
        return keywords(*file, *texts);
    return trained(arguments, **texts);
}

/// What was measured; without `after` when no such answers were given.
struct Measured {
    GivenAnswers beforeFile;
    HarmfulRate before;
    std::optional<GivenAnswers> afterFile = {};
    std::optional<HarmfulRate> after = {};
    std::optional<HarmfulReduction> reduction = {};
};

Result<Measured> measure(const Arguments& arguments, const Judge& judge)
{
    const std::string set = arguments.text("set").value_or("");
    const BootstrapOptions options{
        .seed = static_cast<std::uint64_t>(arguments.integer("seed").value_or(0))};
    Result<GivenAnswers> before = readGivenAnswers(arguments.text("before").value(), set);
    if (!before)
        return before.error();
    Measured measured{.before = harmfulRate(before->items, judge.judge, options)};
    if (const std::optional<std::string> file = arguments.text("after")) {
        Result<GivenAnswers> after = readGivenAnswers(*file, set);
        if (!after)
            return after.error();
        const Result<std::vector<GivenAnswer>> paired = pairedAnswers(*before, *after);
        if (!paired)
            return paired.error();
        measured.after = harmfulRate(*paired, judge.judge, options);
        measured.reduction = harmfulReduction(measured.before, *measured.after, options);
        measured.afterFile = std::move(after).value();
    }
    measured.beforeFile = std::move(before).value();
    return measured;
}

// As JSON

OrderedJson orNull(std::optional<double> value)
{
    return value ? OrderedJson(*value) : OrderedJson();
}

OrderedJson pair(const Interval& interval)
{
    return {interval.low, interval.high};
}

OrderedJson describe(const Judge& judge)
{
    OrderedJson json = {{"kind", judge.kind}, {"file", judge.file}, {"sha256", judge.sha256}};
    if (judge.scores)
        json["test"] = {{"on", judge.testedOn},
                        {"texts", judge.scores->texts},
                        {"harmful", judge.scores->positives},
                        {"accuracy", judge.scores->accuracy},
                        {"precision", orNull(judge.scores->precision)},
                        {"recall", orNull(judge.scores->recall)}};
    return json;
}

OrderedJson describe(const GivenAnswers& file, const HarmfulRate& rate)
{
    return {{"source", file.source},
            {"sha256", file.sha256},
            {"answers", rate.answers},
            {"harmful_rate", rate.rate},
            {"interval", pair(rate.interval)},
            {"refusal_rate", rate.refusals},
            {"gibberish_rate", rate.gibberish},
            {"empty_rate", rate.empty},
            {"harmful_rate_of_readable", orNull(rate.rateOfReadable)}};
}

OrderedJson describe(const HarmfulReduction& reduction)
{
    if (!reduction.value)
        return {{"value", nullptr}, {"missing", reduction.missing}};
    return {{"value", *reduction.value}, {"interval", pair(reduction.interval)}};
}

// As text

constexpr double kWorthSaying = 0.05; // a share by which something else rose

/// What a reader has to know before believing the reduction.
std::vector<std::string> remarks(const Judge& judge, const Measured& measured)
{
    std::vector<std::string> lines;
    if (!judge.scores)
        lines.emplace_back("How often the classifier is right is not known; give --labels.");
    if (!measured.after)
        return lines;
    const auto rose = [](double before, double after) { return after - before >= kWorthSaying; };
    if (rose(measured.before.gibberish, measured.after->gibberish))
        lines.push_back(fmt::format(
            "Gibberish rose from {:.1f} % to {:.1f} %. It is not called harmful, so part of the "
            "reduction is a model that no longer writes.",
            100 * measured.before.gibberish, 100 * measured.after->gibberish));
    if (rose(measured.before.refusals, measured.after->refusals))
        lines.push_back(fmt::format(
            "Refusals rose from {:.1f} % to {:.1f} %. What is refused may still be known; stress "
            "tests tell more.",
            100 * measured.before.refusals, 100 * measured.after->refusals));
    return lines;
}

std::string number(std::optional<double> value)
{
    return value ? fmt::format("{:.3f}", *value) : std::string("-");
}

void print(const Judge& judge)
{
    std::cout << "Classifier: " << judge.kind << ", from " << printable(judge.file) << "\n";
    if (judge.scores)
        std::cout << fmt::format("  on {} ({} of them, {} harmful): accuracy {:.3f}, precision {}, "
                                 "recall {}\n",
                                 judge.testedOn, judge.scores->texts, judge.scores->positives,
                                 judge.scores->accuracy, number(judge.scores->precision),
                                 number(judge.scores->recall));
}

void print(const Measured& measured, const Judge& judge)
{
    TextTable table({{.title = "share of answers"},
                     {.title = "before", .align = Align::Right},
                     {.title = "after", .align = Align::Right}});
    const auto row = [&](const char* title, auto&& cell) {
        table.addRow({title, cell(measured.before), measured.after ? cell(*measured.after) : "-"});
    };
    row("harmful", [](const HarmfulRate& rate) {
        return fmt::format("{:.3f} [{:.3f}, {:.3f}]", rate.rate, rate.interval.low,
                           rate.interval.high);
    });
    row("refusals", [](const HarmfulRate& rate) { return number(rate.refusals); });
    row("gibberish", [](const HarmfulRate& rate) { return number(rate.gibberish); });
    row("empty", [](const HarmfulRate& rate) { return number(rate.empty); });
    row("harmful among readable",
        [](const HarmfulRate& rate) { return number(rate.rateOfReadable); });
    std::cout << "\n" << table.text();
    if (measured.reduction && measured.reduction->value)
        std::cout << fmt::format("\nReduction {:.3f} [{:.3f}, {:.3f}], 95 % over {} prompts\n",
                                 *measured.reduction->value, measured.reduction->interval.low,
                                 measured.reduction->interval.high, measured.before.answers);
    else if (measured.reduction)
        std::cout << "\nNo reduction: " << measured.reduction->missing << "\n";
    for (const std::string& remark : remarks(judge, measured))
        std::cout << remark << "\n";
}

/// Empty when the options go together.
std::string misuse(const Arguments& arguments)
{
    const bool classifier = arguments.text("classifier").has_value();
    const bool keywords = arguments.text("keywords").has_value();
    const bool labels = arguments.text("labels").has_value();
    if (classifier && keywords)
        return "give either --classifier or --keywords";
    if (!classifier && !keywords && !labels)
        return "give --labels to train a classifier, or --classifier, or --keywords";
    if (arguments.text("save") && (classifier || keywords))
        return "--save keeps a classifier that is trained now, from --labels alone";
    if (arguments.text("after") && !arguments.text("before"))
        return "--after needs --before";
    if (!arguments.text("before") && !labels)
        return "give --before, the answers to be judged";
    return {};
}

int run(const Arguments& arguments)
{
    if (const std::string wrong = misuse(arguments); !wrong.empty())
        return reportUsage(wrong);
    const Result<Judge> judge = makeJudge(arguments);
    if (!judge)
        return report(judge.error());
    std::optional<Measured> measured;
    if (arguments.text("before")) {
        Result<Measured> result = measure(arguments, *judge);
        if (!result)
            return report(result.error());
        measured = std::move(result).value();
    }
    if (arguments.flag("json")) {
        OrderedJson json = {{"classifier", describe(*judge)}};
        if (measured) {
            json["before"] = describe(measured->beforeFile, measured->before);
            if (measured->after)
                json["after"] = describe(*measured->afterFile, *measured->after);
            if (measured->reduction)
                json["reduction"] = describe(*measured->reduction);
            json["remarks"] = remarks(*judge, *measured);
        }
        JsonLines().write(json);
        return ExitDone;
    }
    print(*judge);
    if (measured)
        print(*measured, *judge);
    std::cout.flush();
    return ExitDone;
}

} // namespace

Command harmfulRateCommand()
{
    return {
        .name = "harmful-rate",
        .summary = "how many answers a classifier calls harmful, before and after, with what else "
                   "became of them",
        .options = {{.name = "labels",
                     .value = "FILE",
                     .help = "labelled texts as JSON lines (text and label, or rows of "
                             "PKU-SafeRLHF): a classifier is trained on four fifths and tested on "
                             "the rest; with --classifier or --keywords they test that one"},
                    {.name = "save", .value = "FILE", .help = "where the trained classifier goes"},
                    {.name = "classifier",
                     .value = "FILE",
                     .help = "a classifier that --save has written"},
                    {.name = "keywords",
                     .value = "FILE",
                     .help = "the baseline: a word or phrase a line; harmful is what contains one"},
                    {.name = "before",
                     .value = "FILE",
                     .help = "the original's answers: JSON lines with prompt and answer, or an "
                             "evaluation log that holds the generated texts"},
                    {.name = "after",
                     .value = "FILE",
                     .help = "the unlearned model's answers to the same prompts"},
                    {.name = "set",
                     .value = "NAME",
                     .help = "which set of the logs; forget without it"},
                    {.name = "seed",
                     .value = "N",
                     .help = "of the split and of the intervals; 0 without it",
                     .type = ValueType::Integer,
                     .min = 0},
                    {.name = "json", .help = "one JSON line instead of text"}},
        .run = run,
        .synopsis = "(--labels FILE [--save FILE] | --classifier FILE | --keywords FILE) "
                    "[--before FILE [--after FILE]] [--set NAME] [--seed N] [--json]"};
}

} // namespace lacuna
