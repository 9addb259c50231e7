#include "app/cli/commands/commands.h"
#include "app/cli/output.h"
#include "core/attacks/catalog.h"
#include "core/base/text.h"
#include "core/controls/control.h"
#include "core/controls/mask.h"
#include "core/corpora/catalog.h"
#include "core/guardrails/catalog.h"
#include "core/methods/method.h"
#include "core/metrics/metric.h"
#include "core/metrics/summary.h"
#include "core/models/family.h"
#include "core/run/inside.h"
#include "core/run/presets.h"
#include "core/run/suite.h"
#include "core/tokens/catalog.h"
#include "core/tokens/prompt_format.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cctype>

/// The commands that print what is built in. Each catalogue's entries become Listings; one printer
/// makes text or JSON of them.
namespace lacuna {
namespace {

constexpr std::size_t kTextWidth = 92;
constexpr std::size_t kIndent = 4;

/// A catalogue entry as it is shown.
struct Listing {
    std::string kind; ///< "method", "retain-term"
    std::string id;
    std::string title;
    std::string source = {};
    std::string explanation = {};
    OrderedJson facts = OrderedJson::object(); ///< what this kind of entry says beyond that
    std::vector<ParamSpec> params = {};
};

/// For entries that have the members of a method.
template <class Entry> Listing parameterised(const std::string& kind, const Entry& entry)
{
    return {.kind = kind,
            .id = entry.id,
            .title = entry.title,
            .source = entry.source,
            .explanation = entry.explanation,
            .params = entry.params};
}

OrderedJson toJson(const Listing& listing)
{
    OrderedJson json = {{"kind", listing.kind}, {"id", listing.id}, {"title", listing.title}};
    if (!listing.source.empty())
        json["source"] = listing.source;
    if (!listing.explanation.empty())
        json["explanation"] = listing.explanation;
    json.update(listing.facts);
    json["params"] = OrderedJson::array();
    for (const ParamSpec& param : listing.params)
        json["params"].push_back(OrderedJson(describeParam(param)));
    return json;
}

std::string plainText(const Json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// "number, default 0.1, 0.0001 to 10: inverse temperature (default: Zhang et al. 2024)".
std::string paramText(const ParamSpec& spec)
{
    const Json param = describeParam(spec);
    std::string text = plainText(param["type"]) + ", default " + plainText(param["default"]);
    if (!spec.choices.empty())
        text += ", one of " + join(spec.choices, " | ");
    else if (spec.min && spec.max)
        text += fmt::format(", {:g} to {:g}", *spec.min, *spec.max);
    else if (spec.min)
        text += fmt::format(", at least {:g}", *spec.min);
    else if (spec.max)
        text += fmt::format(", at most {:g}", *spec.max);
    if (!spec.unit.empty())
        text += " " + spec.unit;
    if (!spec.help.empty())
        text += ": " + spec.help;
    if (!spec.provenance.empty())
        text += " (default: " + spec.provenance + ")";
    return text;
}

std::string paragraph(const std::string& text, std::size_t indent)
{
    std::string out;
    for (const std::string& line : wrapped(text, kTextWidth - indent))
        out += std::string(indent, ' ') + line + "\n";
    return out;
}

std::string toText(const Listing& listing)
{
    std::string text = listing.id + ": " + listing.title + "\n";
    if (!listing.source.empty())
        text += paragraph(listing.source, kIndent);
    if (!listing.explanation.empty())
        text += paragraph(listing.explanation, kIndent);
    std::vector<std::string> facts;
    for (const auto& [key, value] : listing.facts.items()) {
        std::string shown = value.is_array() ? "" : plainText(value);
        if (value.is_array())
            for (const auto& item : value)
                shown += (shown.empty() ? "" : ", ") + plainText(item);
        if (!shown.empty())
            facts.push_back(join(split(key, '_'), " ") + ": " + shown);
    }
    if (!facts.empty())
        text += paragraph(join(facts, "; "), kIndent);
    for (const ParamSpec& param : listing.params)
        text += std::string(kIndent, ' ') + param.name + "\n" +
                paragraph(paramText(param), 2 * kIndent);
    return text;
}

/// "retain-term" as "Retain terms:".
std::string heading(const std::string& kind)
{
    std::string text = join(split(kind, '-'), " ") + "s:";
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

int print(const std::vector<Listing>& listings, const Arguments& arguments)
{
    JsonLines lines;
    std::string kind;
    for (const Listing& listing : listings) {
        if (arguments.flag("json")) {
            lines.write(toJson(listing));
            continue;
        }
        if (!kind.empty())
            std::cout << "\n";
        if (!kind.empty() && kind != listing.kind)
            std::cout << heading(listing.kind) << "\n\n";
        kind = listing.kind;
        std::cout << toText(listing);
    }
    std::cout.flush();
    return ExitDone;
}

Command registryCommand(std::string name, std::string summary, std::vector<Listing> (*listings)())
{
    return {.name = std::move(name),
            .summary = std::move(summary),
            .options = {{.name = "json", .help = "JSON lines instead of text"}},
            .run = [listings](const Arguments& arguments) { return print(listings(), arguments); }};
}

std::string_view retainUseName(RetainUse use)
{
    constexpr std::array<std::string_view, 3> kNames = {"never", "optional", "required"};
    return kNames[static_cast<std::size_t>(use)];
}

std::string_view answerSourceName(AnswerSource source)
{
    constexpr std::array<std::string_view, 5> kNames = {
        "none", "refusals, or a file", "written by the model, or a file",
        "of the retain corpus, or a file", "of other forget samples, or a file"};
    return kNames[static_cast<std::size_t>(source)];
}

std::vector<Listing> methodListings()
{
    std::vector<Listing> listings;
    for (const MethodInfo& method : methods().entries()) {
        Listing listing = parameterised("method", method);
        listing.facts = {{"normalisation", method.normalisation},
                         {"retain_term", retainUseName(method.retain)},
                         {"default_retain_term", method.defaultRetain},
                         {"other_answers", answerSourceName(method.answers)},
                         {"learns", method.learns},
                         {"negates", method.negates}};
        listings.push_back(std::move(listing));
    }
    for (const RetainTermInfo& term : retainTerms().entries())
        listings.push_back(parameterised("retain-term", term));
    return listings;
}

std::vector<Listing> presetListings()
{
    std::vector<Listing> listings;
    for (const PresetInfo& preset : presets().entries())
        listings.push_back({.kind = "preset",
                            .id = preset.id,
                            .title = preset.title,
                            .source = preset.provenance,
                            .explanation = preset.explanation,
                            .facts = {{"values", OrderedJson(preset.values()).dump()}}});
    return listings;
}

std::vector<Listing> controlListings()
{
    std::vector<Listing> listings;
    for (const ControlInfo& control : controls().entries()) {
        Listing listing = parameterised("control", control);
        listing.facts = {{"needs_retain", control.needsRetain}};
        listings.push_back(std::move(listing));
    }
    for (const MaskInfo& mask : masks().entries())
        listings.push_back(parameterised("mask", mask));
    return listings;
}

std::string_view placeName(GuardrailPlace place)
{
    constexpr std::array<std::string_view, 3> kNames = {"question", "embeddings", "answer"};
    return kNames[static_cast<std::size_t>(place)];
}

std::string_view needName(CorpusNeed need)
{
    constexpr std::array<std::string_view, 3> kNames = {"not read", "read where nothing is given",
                                                        "required"};
    return kNames[static_cast<std::size_t>(need)];
}

std::vector<Listing> guardrailListings()
{
    std::vector<Listing> listings;
    for (const GuardrailInfo& guardrail : guardrails().entries()) {
        Listing listing = parameterised("guardrail", guardrail);
        listing.facts = {{"acts_on", placeName(guardrail.place)},
                         {"forget_corpus", needName(guardrail.forget)},
                         {"retain_corpus", needName(guardrail.retain)},
                         {"evidence", kBehaviouralOnly}};
        listings.push_back(std::move(listing));
    }
    return listings;
}

std::string_view reachName(AttackReach reach)
{
    constexpr std::array<std::string_view, 3> kNames = {"weights", "question", "answer"};
    return kNames[static_cast<std::size_t>(reach)];
}

std::vector<Listing> attackListings()
{
    std::vector<Listing> listings;
    for (const AttackInfo& attack : attacks().entries()) {
        Listing listing = parameterised("attack", attack);
        listing.facts = {{"acts_on", reachName(attack.reach)}, {"needs", attack.needs}};
        listings.push_back(std::move(listing));
    }
    return listings;
}

std::vector<Listing> metricListings()
{
    std::vector<Listing> listings;
    for (const MetricInfo& metric : metrics().entries())
        listings.push_back({.kind = "metric",
                            .id = metric.id,
                            .title = metric.title,
                            .source = metric.source,
                            .explanation = metric.reading,
                            .facts = {{"variant", metric.variant},
                                      {"range", metric.range},
                                      {metric.ofWriting ? "better_is" : "forgetting_makes_it",
                                       metric.better == Direction::Lower ? "lower" : "higher"},
                                      {"needs_generation", metric.needsGeneration}}});
    for (const InsideMetric& metric : insideMetrics())
        listings.push_back({.kind = "inside-metric",
                            .id = metric.id,
                            .title = metric.title,
                            .source = metric.source,
                            .explanation = metric.reading,
                            .facts = {{"range", metric.range},
                                      {"forgetting_makes_it",
                                       metric.better == Direction::Lower ? "lower" : "higher"},
                                      {"needs", metric.needs},
                                      {"measured_by", "inside"}}});
    for (const SummaryInfo& summary : summaries().entries())
        listings.push_back({.kind = "summary-metric",
                            .id = summary.id,
                            .title = summary.title,
                            .source = summary.source,
                            .explanation = summary.reading,
                            .facts = {{"variant", summary.variant},
                                      {"range", summary.range},
                                      {"goal", idOf(summary.goal)},
                                      {"needs", summary.needs}}});
    return listings;
}

std::vector<Listing> suiteListings()
{
    std::vector<Listing> listings;
    for (const Suite& suite : suites().entries()) {
        Listing& listing = listings.emplace_back(Listing{.kind = "suite",
                                                         .id = suite.id,
                                                         .title = suite.title,
                                                         .source = suite.source,
                                                         .explanation = suite.explanation});
        for (const SuiteSet& set : suite.sets)
            listing.facts[set.name] = set.file.empty() ? "the recipe's own" : set.file;
    }
    return listings;
}

std::vector<Listing> familyListings()
{
    std::vector<Listing> listings;
    for (const FamilyInfo& family : families().entries())
        listings.push_back(
            {.kind = "family",
             .id = family.id,
             .title = family.title,
             .source = family.source,
             .facts = {{"architectures", family.architectures}, {"model_type", family.modelType}}});
    return listings;
}

/// The texts of a format, with line ends and quotation marks as JSON writes them.
OrderedJson promptFacts(const PromptFormat& format)
{
    const auto turn = [](const std::string& before, const char* what, const std::string& after) {
        return OrderedJson(before + what + after).dump();
    };
    OrderedJson facts = {{"question", turn(format.userBefore, "QUESTION", format.answerBefore)},
                         {"answer", turn({}, "ANSWER", format.end)}};
    if (format.end.empty())
        facts["ends_with"] = "the tokenizer's EOS";
    if (format.hasSystem())
        facts["system_message"] =
            turn(format.systemBefore, format.system.empty() ? "SYSTEM" : format.system.c_str(),
                 format.systemAfter);
    return facts;
}

std::vector<Listing> formatListings()
{
    std::vector<Listing> listings;
    for (const CorpusFormat& format : corpusFormats().entries())
        listings.push_back({.kind = "corpus-format",
                            .id = format.id,
                            .title = format.title,
                            .explanation = format.description});
    for (const TokenizerFormat& format : tokenizerFormats().entries())
        listings.push_back(
            {.kind = "tokenizer-format",
             .id = format.id,
             .title = format.title,
             .facts = {{"files", format.files}, {"readable", format.load != nullptr}}});
    for (const PromptFormat& format : promptFormats().entries())
        listings.push_back({.kind = "prompt-format",
                            .id = format.id,
                            .title = format.title,
                            .explanation = format.description,
                            .facts = promptFacts(format)});
    listings.push_back({.kind = "prompt-format",
                        .id = kModelTemplate,
                        .title = "The chat template in the model's folder",
                        .explanation = "chat_template.jinja, else chat_template in "
                                       "tokenizer_config.json; lacuna-cli inspect says whether it "
                                       "can be used."});
    return listings;
}

} // namespace

Command methodsCommand()
{
    return registryCommand("methods", "the unlearning methods and the retain terms to go with them",
                           methodListings);
}

Command presetsCommand()
{
    return registryCommand("presets", "methods with training values that are known to go together",
                           presetListings);
}

Command controlsCommand()
{
    return registryCommand("controls", "early stops and guards of a run", controlListings);
}

Command guardrailsCommand()
{
    return registryCommand("guardrails",
                           "what keeps a model from answering while its weights and knowledge stay",
                           guardrailListings);
}

Command attacksCommand()
{
    return registryCommand("attacks", "what tries to bring the forgotten back", attackListings);
}

Command metricsCommand()
{
    return registryCommand("metrics", "what evaluations measure", metricListings);
}

Command suitesCommand()
{
    return registryCommand("suites", "what is measured of a model on what, by name", suiteListings);
}

Command familiesCommand()
{
    return registryCommand("families", "the model families that can be loaded", familyListings);
}

Command formatsCommand()
{
    return registryCommand("formats", "the formats of corpora, of tokenizers and of prompts",
                           formatListings);
}

} // namespace lacuna
