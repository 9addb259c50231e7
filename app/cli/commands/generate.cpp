#include "app/cli/commands/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/probe/text_generation.h"
#include "core/tokens/prompt_format.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace lacuna {
namespace {

/// Text on its way to stdout. A terminal obeys control characters, and a model may have learned
/// any: there, all but line feeds are written as escapes.
class TextOutput {
public:
    /// False once nobody reads any more.
    bool write(std::string_view text)
    {
        const std::string shown = m_toTerminal ? harmless(text) : std::string(text);
        m_open = m_open && std::fwrite(shown.data(), 1, shown.size(), stdout) == shown.size() &&
                 std::fflush(stdout) == 0;
        return m_open;
    }

private:
    static std::string harmless(std::string_view text)
    {
        std::vector<std::string> lines = split(text, '\n');
        for (std::string& line : lines)
            line = printable(line);
        return join(lines, "\n");
    }

    bool m_toTerminal = ::isatty(STDOUT_FILENO) != 0;
    bool m_open = true;
};

OrderedJson describe(const TextRequest& request, const GeneratedText& generated)
{
    std::vector<std::int64_t> ids;
    OrderedJson tokens = OrderedJson::array();
    for (const GeneratedText::Token& token : generated.tokens) {
        ids.push_back(token.id);
        OrderedJson alternatives = OrderedJson::array();
        for (const GeneratedText::Alternative& other : token.alternatives)
            alternatives.push_back({{"id", other.id},
                                    {"piece", other.piece},
                                    {"text", other.text},
                                    {"log_prob", other.logProb}});
        tokens.push_back({{"id", token.id},
                          {"piece", token.piece},
                          {"text", token.text},
                          {"log_prob", token.logProb},
                          {"alternatives", alternatives}});
    }
    OrderedJson json = {{"model", request.model.string()},
                        {"prompt", generated.prompt},
                        {"prompt_ids", generated.promptIds},
                        {"text", generated.text},
                        {"ids", ids},
                        {"tokens", tokens},
                        {"ending", idOf(generated.ending)},
                        {"device", generated.device},
                        {"precision", generated.precision}};
    if (!request.guardrail.spec.id.empty())
        json["guardrail"] = {{"spec", request.guardrail.spec.toJson()},
                             {"bypassed", generated.bypassed},
                             {"note", generated.guardrail},
                             {"evidence", kBehaviouralOnly}};
    return json;
}

/// What stands before the model, and that it is there all the same.
std::string guardrailText(const TextRequest& request, const GeneratedText& generated)
{
    return fmt::format("guardrail {}: {}\n{}\n", request.guardrail.spec.id,
                       generated.bypassed
                           ? "bypassed, since it acts on questions and this is a raw prompt; ask "
                             "with --question, --chat or --template"
                           : generated.guardrail,
                       kBehaviouralOnly);
}

/// Each token with its probability and those of the likeliest others.
std::string tokenTable(const GeneratedText& generated)
{
    TextTable table({{.title = "token"},
                     {.title = "probability", .align = Align::Right},
                     {.title = "likeliest"}});
    for (const GeneratedText::Token& token : generated.tokens) {
        std::vector<std::string> others;
        for (const GeneratedText::Alternative& other : token.alternatives)
            others.push_back(fmt::format("{} {:.1f} %", visibleSpace(other.text),
                                         std::exp(other.logProb) * 100));
        table.addRow({visibleSpace(token.text),
                      fmt::format("{:.1f} %", std::exp(token.logProb) * 100), join(others, "  ")});
    }
    return table.text();
}

std::string summary(const GeneratedText& generated)
{
    const double decoding = generated.totalSeconds - generated.promptSeconds;
    const auto count = generated.tokens.size();
    std::string text = fmt::format("{} tokens after a prompt of {}, ended by {}", count,
                                   generated.promptIds.size(), idOf(generated.ending));
    if (count > 1 && decoding > 0)
        text +=
            fmt::format("; {:.0f} tokens/s, {} on {}", static_cast<double>(count - 1) / decoding,
                        generated.precision, generated.device);
    return text;
}

/// The template that the options name; empty: none.
std::string templateOf(const Arguments& arguments)
{
    if (arguments.flag("chat"))
        return kModelTemplate;
    return arguments.text("template")
        .value_or(arguments.flag("question") ? kDefaultPromptFormat : "");
}

int run(const Arguments& arguments)
{
    const int named = (arguments.flag("question") ? 1 : 0) + (arguments.flag("chat") ? 1 : 0) +
                      (arguments.text("template") ? 1 : 0);
    if (named > 1)
        return reportUsage("give one of --question, --chat and --template");
    if (named == 0 && arguments.text("system"))
        return reportUsage("--system needs --chat or --template");
    const std::string& prompt = arguments.value("prompt");
    if (firstInvalidUtf8(prompt))
        return report({.code = ErrorCode::InvalidArgument,
                       .message = "the prompt is not UTF-8",
                       .context = "--prompt"});
    const bool json = arguments.flag("json");
    Result<GuardrailSpec> guardrail = GuardrailSpec{};
    if (const auto given = arguments.text("guardrail"))
        guardrail = parseGuardrailSpec(*given, "--guardrail");
    if (!guardrail)
        return report(guardrail.error());
    const TextRequest request{
        .model = arguments.value("MODEL"),
        .prompt = prompt,
        .promptTemplate = templateOf(arguments),
        .system = arguments.text("system").value_or(""),
        .device = arguments.text("device").value_or("auto"),
        .precision = arguments.text("precision").value_or("auto"),
        .options = {.maxNewTokens = arguments.integer("max-new-tokens").value_or(128),
                    .temperature = arguments.number("temperature").value_or(0),
                    .topP = arguments.number("top-p").value_or(1),
                    .seed = static_cast<std::uint64_t>(arguments.integer("seed").value_or(0)),
                    .alternatives = arguments.integer("top-k-shown").value_or(0)},
        .guardrail = {.spec = *guardrail,
                      .forget = arguments.text("forget").value_or(""),
                      .retain = arguments.text("retain").value_or("")}};

    watchForInterrupt();
    TextOutput out;
    const auto onText = [&](std::string_view text) { return json || out.write(text); };
    const Result<GeneratedText> generated =
        generateText(request, onText, [] { return isInterrupted(); });
    if (!generated)
        return report(generated.error());
    if (json) {
        JsonLines().write(describe(request, *generated));
    } else {
        out.write("\n");
        if (request.options.alternatives > 0)
            std::cerr << tokenTable(*generated);
        std::cerr << summary(*generated) << "\n";
        if (!guardrail->id.empty())
            std::cerr << guardrailText(request, *generated);
    }
    return isInterrupted() ? ExitInterrupted : ExitDone;
}

} // namespace

Command generateCommand()
{
    return {
        .name = "generate",
        .summary = "continues a prompt: greedily, or by sampling with a seed; Ctrl-C keeps what "
                   "is there",
        .positionals = {{.name = "MODEL", .help = "a model's folder"}},
        .options =
            {{.name = "prompt", .value = "P", .help = "the text to continue", .required = true},
             {.name = "question",
              .help = "P is a question: put it into the template of question and answer corpora"},
             {.name = "chat", .help = "P is a question: put it into the model's chat template"},
             {.name = "template",
              .value = "ID",
              .help = "P is a question: put it into this prompt format (see formats)"},
             {.name = "system", .value = "S", .help = "the system message before the question"},
             {.name = "max-new-tokens",
              .value = "N",
              .help = "128 without it",
              .type = ValueType::Integer,
              .min = 1,
              .max = 1 << 20},
             {.name = "temperature",
              .value = "T",
              .help = "0, which it is without this: always the likeliest token",
              .type = ValueType::Number,
              .min = 0,
              .max = 100},
             {.name = "top-p",
              .value = "P",
              .help = "sample from the likeliest tokens that together reach this probability",
              .type = ValueType::Number,
              .min = 1e-6,
              .max = 1},
             {.name = "seed",
              .value = "S",
              .help = "of the sampling; 0 without it",
              .type = ValueType::Integer,
              .min = 0},
             {.name = "precision", .value = "TYPE", .help = "auto, float32, bfloat16 or float64"},
             {.name = "device", .value = "DEVICE", .help = "auto, cpu or cuda:N"},
             {.name = "guardrail",
              .value = "SPEC",
              .help = "what stands before the model: an id (see guardrails), JSON with its "
                      "parameters, or a file of it"},
             {.name = "forget", .value = "FILE", .help = "forget corpus of the guardrail"},
             {.name = "retain", .value = "FILE", .help = "retain corpus of the guardrail"},
             {.name = "top-k-shown",
              .value = "N",
              .help = "say how likely each token was, beside the N likeliest",
              .type = ValueType::Integer,
              .min = 0,
              .max = 1000},
             {.name = "json",
              .help = "one JSON line at the end, with ids and log-probabilities, instead of text"}},
        .run = run};
}

} // namespace lacuna
