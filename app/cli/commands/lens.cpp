#include "app/cli/commands/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/probe/answer_lens.h"
#include "core/tokens/prompt_format.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

namespace lacuna {
namespace {

/// A model and what the lens shows of it.
struct Seen {
    std::string model;
    AnswerLens lens;
};

/// A column for each token of the answer, a row for each block: probability and rank, or what the
/// block would say.
std::string gridOf(const AnswerLens& lens, bool says)
{
    std::vector<Column> columns = {{.title = "block", .align = Align::Right}};
    for (const AnswerLens::Token& token : lens.tokens)
        columns.push_back({.title = printable(visibleSpace(token.text)), .align = Align::Right});
    TextTable table(columns);
    for (std::int64_t layer = 0; layer < lens.reading.layers; ++layer) {
        std::vector<std::string> cells = {std::to_string(layer)};
        for (std::size_t token = 0; token < lens.tokens.size(); ++token) {
            const std::size_t at = lens.reading.at(layer, token);
            cells.push_back(says ? visibleSpace(lens.likeliest[at].text)
                                 : fmt::format("{:.1f} % #{}",
                                               100 * lens.reading.probability(layer, token),
                                               lens.reading.ranks[at]));
        }
        table.addRow(std::move(cells));
    }
    return table.text();
}

std::string depthText(const LensReading& reading, std::int64_t rank)
{
    std::vector<std::string> firsts;
    for (std::size_t token = 0; token < reading.tokens.size(); ++token) {
        const auto first = reading.firstWithin(token, rank);
        firsts.push_back(first ? std::to_string(*first) : "never");
    }
    return fmt::format("first block with rank <= {}: {}\ndepth of the answer: {:.3f} of the "
                       "blocks come before it (1: it is never there)\n",
                       rank, join(firsts, ", "), reading.meanDepth(rank).value());
}

std::string textOf(const std::vector<Seen>& all, std::int64_t rank)
{
    std::string text;
    for (const auto& [model, lens] : all)
        text += fmt::format("{}{}\nprobability and rank of each token of the answer behind each "
                            "block\n{}\nwhat each block would say\n{}\n{}",
                            text.empty() ? "" : "\n", printable(model), gridOf(lens, false),
                            gridOf(lens, true), depthText(lens.reading, rank));
    return text;
}

OrderedJson tokenJson(const AnswerLens::Token& token)
{
    return {{"id", token.id}, {"piece", token.piece}, {"text", token.text}};
}

OrderedJson describe(const Seen& seen, std::int64_t rank)
{
    const LensReading& reading = seen.lens.reading;
    OrderedJson tokens = OrderedJson::array();
    for (std::size_t t = 0; t < seen.lens.tokens.size(); ++t) {
        OrderedJson token = tokenJson(seen.lens.tokens[t]);
        const auto first = reading.firstWithin(t, rank);
        token["first_block"] = first ? OrderedJson(*first) : OrderedJson();
        tokens.push_back(std::move(token));
    }
    OrderedJson blocks = OrderedJson::array();
    for (std::int64_t layer = 0; layer < reading.layers; ++layer) {
        OrderedJson probabilities = OrderedJson::array();
        OrderedJson ranks = OrderedJson::array();
        OrderedJson says = OrderedJson::array();
        for (std::size_t t = 0; t < seen.lens.tokens.size(); ++t) {
            const std::size_t at = reading.at(layer, t);
            probabilities.push_back(reading.probability(layer, t));
            ranks.push_back(reading.ranks[at]);
            says.push_back(tokenJson(seen.lens.likeliest[at]));
        }
        blocks.push_back(
            {{"block", layer}, {"probabilities", probabilities}, {"ranks", ranks}, {"says", says}});
    }
    return {{"model", seen.model},
            {"rank", rank},
            {"depth", reading.meanDepth(rank).value()},
            {"tokens", tokens},
            {"blocks", blocks}};
}

std::string templateOf(const Arguments& arguments)
{
    return arguments.text("template")
        .value_or(arguments.flag("question") ? kDefaultPromptFormat : "");
}

int run(const Arguments& arguments)
{
    if (arguments.flag("question") && arguments.text("template"))
        return reportUsage("give one of --question and --template");
    std::vector<std::string> models = {arguments.value("MODEL")};
    if (const auto other = arguments.text("compare"))
        models.push_back(*other);
    watchForInterrupt();
    StatusLine status(std::cerr, terminalWidth(STDERR_FILENO));
    std::vector<Seen> all;
    for (const std::string& model : models) {
        Result<std::optional<AnswerLens>> lens =
            lensOfAnswer({.model = model,
                          .prompt = arguments.value("prompt"),
                          .answer = arguments.value("answer"),
                          .promptTemplate = templateOf(arguments),
                          .device = arguments.text("device").value_or("auto"),
                          .precision = arguments.text("precision").value_or("float32")},
                         [&](double share) {
                             status.show(fmt::format("{} {:.0f} %", model, 100 * share));
                             return !isInterrupted();
                         });
        if (!lens)
            return report(lens.error());
        if (!*lens)
            return ExitInterrupted;
        all.push_back({model, std::move(**lens)});
    }
    status.finish();
    const std::int64_t rank = arguments.integer("top").value_or(1);
    if (!arguments.flag("json")) {
        std::cout << textOf(all, rank);
        return ExitDone;
    }
    JsonLines lines;
    for (const Seen& seen : all)
        lines.write(describe(seen, rank));
    return ExitDone;
}

} // namespace

Command lensCommand()
{
    return {.name = "lens",
            .summary = "behind which block a model would say an answer (logit lens)",
            .positionals = {{.name = "MODEL", .help = "model folder"}},
            .options = {{.name = "prompt", .value = "P", .help = "the question", .required = true},
                        {.name = "answer",
                         .value = "A",
                         .help = "what to look for; it need not be what the model says",
                         .required = true},
                        {.name = "question",
                         .help = "put both into the template of question and answer corpora; "
                                 "without it they are one text"},
                        {.name = "template",
                         .value = "ID",
                         .help = "put both into this prompt format (see formats), or model for the "
                                 "model's own chat template"},
                        {.name = "compare",
                         .value = "MODEL",
                         .help = "a second model, such as the original"},
                        {.name = "top",
                         .value = "K",
                         .help = "a token counts as known where it is among the K likeliest; "
                                 "default 1",
                         .type = ValueType::Integer,
                         .min = 1},
                        {.name = "device", .value = "D", .help = "auto, cpu or cuda:N"},
                        {.name = "precision",
                         .value = "P",
                         .help = "auto, float32 or bfloat16; default float32"},
                        {.name = "json", .help = "a JSON line for each model"}},
            .run = &run};
}

} // namespace lacuna
