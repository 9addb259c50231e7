#include "app/cli/commands/commands.h"
#include "app/cli/output.h"
#include "core/base/text.h"
#include "core/corpora/alternates.h"
#include "core/corpora/corpus.h"
#include "core/corpora/overlap.h"
#include "core/corpora/tokenise.h"
#include "core/models/adapter_files.h"
#include "core/run/recipe.h"
#include "core/tokens/catalog.h"
#include "core/tokens/prompt_style.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace lacuna {
namespace {

constexpr std::int64_t kBarWidth = 40;
constexpr std::int64_t kMostBars = 16;

/// What is to be checked.
struct Sources {
    std::string model; ///< folder with the tokenizer; empty: lengths are not known
    CorpusSpec forget;
    CorpusSpec retain;
    CorpusSpec holdout;
    std::vector<CorpusSpec> utility = {};
    std::vector<CorpusSpec> earlier = {}; ///< see Recipe
    std::int64_t maxLength = TokeniseOptions().maxLength;
    std::string promptTemplate = kDefaultPromptFormat;
};

Result<Sources> fromRecipe(const std::string& file)
{
    const Result<Recipe> recipe = readRecipe(file);
    if (!recipe)
        return recipe.error();
    return Sources{.model = recipe->templateFolder(),
                   .forget = recipe->forget,
                   .retain = recipe->retain,
                   .holdout = recipe->holdout,
                   .utility = recipe->utility,
                   .earlier = recipe->earlier,
                   .maxLength = recipe->training.maxLength,
                   .promptTemplate = recipe->promptTemplate};
}

/// One corpus and what was found out about it.
struct CheckedSet {
    std::string name; ///< "forget"
    Corpus corpus;
    OverlapReport duplicates = {};
    std::optional<TokenisedCorpus> tokens = {};
};

struct CheckedOverlap {
    std::string first;
    std::string second;
    OverlapReport report;
};

struct DataReport {
    std::string tokenizer = {}; ///< its kind; empty: none could be had
    std::int64_t maxLength = 0;
    std::string promptTemplate = {};
    std::vector<CheckedSet> sets = {};
    std::vector<CheckedOverlap> overlaps = {};
    std::vector<Problem> errors = {}; ///< of all sets, and what kept a file from being read
    std::vector<Problem> warnings = {};
    std::int64_t errorCount = 0; ///< lists are capped, counts are not
    std::int64_t warningCount = 0;
};

class Checker {
public:
    explicit Checker(const Sources& sources) : m_sources(sources)
    {
        m_report.maxLength = sources.maxLength;
    }

    DataReport run()
    {
        if (!m_sources.model.empty())
            loadTokenizerOf(m_sources.model);
        loadStyle();
        check("forget", m_sources.forget);
        check("retain", m_sources.retain);
        check("holdout", m_sources.holdout);
        for (std::size_t i = 0; i < m_sources.utility.size(); ++i)
            check("utility-" + std::to_string(i + 1), m_sources.utility[i]);
        for (std::size_t i = 0; i < m_sources.earlier.size(); ++i)
            check("earlier-" + std::to_string(i + 1), m_sources.earlier[i]);
        for (std::size_t i = 0; i < m_report.sets.size(); ++i)
            for (std::size_t j = i + 1; j < m_report.sets.size(); ++j)
                m_report.overlaps.push_back(
                    {m_report.sets[i].name, m_report.sets[j].name,
                     overlapBetween(m_report.sets[i].corpus, m_report.sets[j].corpus)});
        return std::move(m_report);
    }

private:
    void fail(const Error& error)
    {
        ++m_report.errorCount;
        m_report.errors.push_back({.code = error.code,
                                   .file = error.context,
                                   .message = error.message,
                                   .remedy = error.remedy});
    }

    void loadTokenizerOf(const std::string& model)
    {
        auto loaded = loadTokenizer(tokenizerFolder(model));
        if (!loaded) {
            fail(loaded.error());
            return;
        }
        m_tokenizer = std::move(loaded).value();
        m_report.tokenizer = m_tokenizer->kind();
    }

    void loadStyle()
    {
        m_report.promptTemplate = m_sources.promptTemplate;
        if (m_sources.promptTemplate == kDefaultPromptFormat)
            return;
        Result<PromptStyle> style = PromptStyle::find(m_sources.promptTemplate, m_sources.model);
        if (style)
            m_style = std::make_shared<const PromptStyle>(std::move(style).value());
        else
            fail(style.error());
    }

    void check(const std::string& name, const CorpusSpec& spec)
    {
        if (spec.empty())
            return;
        Result<Corpus> corpus = inspectCorpus(spec.path);
        if (!corpus) {
            fail(corpus.error());
            return;
        }
        if (spec.passages.cuts() && corpus->problems.errorCount() == 0)
            if (const Status status = cutPassages(*corpus, spec.passages); !status) {
                fail(status.error());
                return;
            }
        CheckedSet set{.name = name, .corpus = std::move(corpus).value()};
        const bool forgotten = name == "forget" || name.starts_with("earlier");
        if (const Status status = checkKept(set.corpus); !status && !forgotten)
            fail(status.error());
        gather(set.corpus.problems);
        set.duplicates = duplicatesWithin(set.corpus);
        if (m_tokenizer) {
            set.tokens = inspectTokens(set.corpus, *m_tokenizer,
                                       {.maxLength = m_sources.maxLength, .style = m_style});
            gather(set.tokens->problems);
        }
        m_report.sets.push_back(std::move(set));
    }

    void gather(const ProblemList& problems)
    {
        m_report.errors.insert(m_report.errors.end(), problems.errors().begin(),
                               problems.errors().end());
        m_report.warnings.insert(m_report.warnings.end(), problems.warnings().begin(),
                                 problems.warnings().end());
        m_report.errorCount += problems.errorCount();
        m_report.warningCount += problems.warningCount();
    }

    const Sources& m_sources;
    DataReport m_report;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::shared_ptr<const PromptStyle> m_style; ///< null: the default
};

// As JSON

OrderedJson describe(const std::vector<Problem>& problems)
{
    OrderedJson list = OrderedJson::array();
    for (const Problem& problem : problems)
        list.push_back({{"code", errorCodeName(problem.code)},
                        {"file", problem.file},
                        {"row", problem.row},
                        {"field", problem.field},
                        {"message", problem.message},
                        {"remedy", problem.remedy}});
    return list;
}

OrderedJson describe(const OverlapReport& overlap)
{
    OrderedJson pairs = OrderedJson::array();
    for (const TextPair& pair : overlap.pairs)
        pairs.push_back({{"first_row", pair.firstRow},
                         {"second_row", pair.secondRow},
                         {"similarity", pair.similarity},
                         {"excerpt", pair.excerpt}});
    return {{"passages", overlap.passages},
            {"exact", overlap.exact},
            {"near", overlap.near},
            {"pairs", pairs}};
}

OrderedJson describe(const CheckedSet& set)
{
    OrderedJson json = {{"set", set.name},
                        {"path", set.corpus.path.string()},
                        {"sha256", set.corpus.sha256},
                        {"format", set.corpus.format},
                        {"samples", set.corpus.samples.size()},
                        {"preference_pairs", pairCount(set.corpus)},
                        {"duplicates", describe(set.duplicates)}};
    if (set.tokens) {
        const TokenisedCorpus& tokens = *set.tokens;
        json["sequences"] = tokens.samples.size();
        json["tokens"] = tokens.tokens;
        json["scored_tokens"] = tokens.scoredTokens;
        json["truncated"] = tokens.truncated;
        json["nothing_scored"] = tokens.zeroScored;
        json["merged_borders"] = tokens.mergedBorders;
        json["dropped_tokens"] = tokens.droppedTokens;
        json["lengths"] = {
            {"shortest", tokens.lengths.shortest},  {"median", tokens.lengths.median},
            {"mean", tokens.lengths.mean},          {"longest", tokens.lengths.longest},
            {"bin_width", tokens.lengths.binWidth}, {"counts", tokens.lengths.counts}};
    }
    return json;
}

OrderedJson describe(const DataReport& data)
{
    OrderedJson sets = OrderedJson::array();
    for (const CheckedSet& set : data.sets)
        sets.push_back(describe(set));
    OrderedJson overlaps = OrderedJson::array();
    for (const CheckedOverlap& overlap : data.overlaps) {
        OrderedJson one = {{"first", overlap.first}, {"second", overlap.second}};
        one.update(describe(overlap.report));
        overlaps.push_back(std::move(one));
    }
    return {{"tokenizer", data.tokenizer},
            {"max_length", data.maxLength},
            {"template", data.promptTemplate},
            {"sets", sets},
            {"overlaps", overlaps},
            {"error_count", data.errorCount},
            {"warning_count", data.warningCount},
            {"errors", describe(data.errors)},
            {"warnings", describe(data.warnings)}};
}

// As text

std::string setTable(const DataReport& data)
{
    TextTable table({{.title = "set"},
                     {.title = "format"},
                     {.title = "samples", .align = Align::Right},
                     {.title = "repeated", .align = Align::Right},
                     {.title = "sequences", .align = Align::Right},
                     {.title = "tokens", .align = Align::Right},
                     {.title = "scored", .align = Align::Right},
                     {.title = "truncated", .align = Align::Right},
                     {.title = "merged borders", .align = Align::Right}});
    for (const CheckedSet& set : data.sets) {
        std::vector<std::string> row = {set.name, set.corpus.format,
                                        std::to_string(set.corpus.samples.size()),
                                        std::to_string(set.duplicates.exact)};
        if (set.tokens)
            for (const std::int64_t count :
                 {static_cast<std::int64_t>(set.tokens->samples.size()), set.tokens->tokens,
                  set.tokens->scoredTokens, set.tokens->truncated, set.tokens->mergedBorders})
                row.push_back(std::to_string(count));
        row.resize(9, "?");
        table.addRow(std::move(row));
    }
    return table.text();
}

/// A line a bin, neighbours joined so that there are at most kMostBars, from the first bin that
/// holds anything.
std::string histogram(const CheckedSet& set)
{
    const LengthHistogram& lengths = set.tokens->lengths;
    std::string text =
        fmt::format("\nLengths of {} in tokens: {} to {}, median {}, mean {:.1f}\n", set.name,
                    lengths.shortest, lengths.longest, lengths.median, lengths.mean);
    const auto begin = (lengths.shortest - 1) / lengths.binWidth;
    const auto end = static_cast<std::int64_t>(lengths.counts.size());
    const std::int64_t joined = (end - begin + kMostBars - 1) / kMostBars;
    std::vector<std::int64_t> counts;
    for (std::int64_t bin = begin; bin < end; ++bin) {
        if ((bin - begin) % joined == 0)
            counts.push_back(0);
        counts.back() += lengths.counts[static_cast<std::size_t>(bin)];
    }
    const std::int64_t most = *std::max_element(counts.begin(), counts.end());
    std::int64_t first = begin * lengths.binWidth;
    for (const std::int64_t count : counts) {
        text += fmt::format("{:>6} to {:<6} {:>7} ", first + 1, first + joined * lengths.binWidth,
                            count);
        for (std::int64_t i = 0; i < (count * kBarWidth + most - 1) / most; ++i)
            text += i == 0 ? " █" : "█";
        text += "\n";
        first += joined * lengths.binWidth;
    }
    return text;
}

std::string pairLines(const OverlapReport& found, const std::string& first,
                      const std::string& second)
{
    std::string text;
    for (const TextPair& pair : found.pairs)
        text += fmt::format("  {}:{} and {}:{}, {:.0f} %: {}\n", first, pair.firstRow, second,
                            pair.secondRow, pair.similarity * 100, printable(pair.excerpt));
    return text;
}

std::string pairText(const CheckedSet& set)
{
    const std::int64_t pairs = pairCount(set.corpus);
    if (pairs == 0)
        return {};
    return fmt::format("\n{} of the {} samples of {} are preference pairs: the rejected answer is "
                       "what is scored, the chosen one its alternate\n",
                       pairs, set.corpus.samples.size(), set.name);
}

std::string duplicateText(const CheckedSet& set)
{
    const OverlapReport& found = set.duplicates;
    if (found.exact == 0)
        return {};
    return fmt::format("\n{} of the {} passages of {} repeat an earlier one\n", found.exact,
                       found.passages, set.name) +
           pairLines(found, set.name, set.name);
}

std::string overlapText(const CheckedOverlap& overlap)
{
    const OverlapReport& found = overlap.report;
    return fmt::format("\n{} of the {} passages of {} are also in {}, {} nearly\n", found.exact,
                       found.passages, overlap.first, overlap.second, found.near) +
           pairLines(found, overlap.first, overlap.second);
}

std::string problemText(const char* what, const std::vector<Problem>& problems, std::int64_t count)
{
    std::string text = count > 0 ? "\n" : "";
    for (const Problem& problem : problems)
        text += fmt::format("{}: {}\n", what, printable(problem.text()));
    if (const auto rest = count - static_cast<std::int64_t>(problems.size()); rest > 0)
        text += fmt::format("and {} more of this kind\n", rest);
    return text;
}

std::string toText(const DataReport& data)
{
    std::string text;
    if (!data.sets.empty())
        text += setTable(data);
    for (const CheckedSet& set : data.sets)
        if (set.tokens && !set.tokens->samples.empty())
            text += histogram(set);
    for (const CheckedSet& set : data.sets)
        text += pairText(set) + duplicateText(set);
    for (const CheckedOverlap& overlap : data.overlaps)
        text += overlapText(overlap);
    return text + problemText("warning", data.warnings, data.warningCount) +
           problemText("error", data.errors, data.errorCount);
}

Result<Sources> sourcesOf(const Arguments& arguments)
{
    Sources sources;
    if (const auto recipe = arguments.text("RECIPE")) {
        Result<Sources> read = fromRecipe(*recipe);
        if (!read)
            return read;
        sources = std::move(read).value();
    } else {
        sources = {.model = arguments.text("model").value_or(""),
                   .forget = {arguments.text("forget").value_or("")},
                   .retain = {arguments.text("retain").value_or("")},
                   .holdout = {arguments.text("holdout").value_or("")}};
    }
    sources.maxLength = arguments.integer("max-length").value_or(sources.maxLength);
    sources.promptTemplate = arguments.text("template").value_or(sources.promptTemplate);
    return sources;
}

int run(const Arguments& arguments)
{
    const bool named = arguments.text("model") || arguments.text("forget") ||
                       arguments.text("retain") || arguments.text("holdout");
    if (arguments.text("RECIPE") && named)
        return reportUsage("give either a recipe or the files themselves");
    if (!arguments.text("RECIPE") && !arguments.text("forget"))
        return reportUsage("give a recipe, or --model and --forget");
    const Result<Sources> sources = sourcesOf(arguments);
    if (!sources)
        return report(sources.error());
    const DataReport data = Checker(*sources).run();
    if (arguments.flag("json")) {
        JsonLines().write(describe(data));
    } else {
        std::cout << toText(data) << std::flush;
        if (sources->model.empty())
            std::cerr << "note: lengths are not known without a model's tokenizer\n";
        std::cerr << fmt::format("{} errors, {} warnings\n", data.errorCount, data.warningCount);
    }
    return data.errorCount > 0 ? ExitBadInput : ExitDone;
}

} // namespace

Command dataCheckCommand()
{
    return {.name = "data check",
            .summary = "counts, lengths, truncation, duplicates, overlap and problems of the data "
                       "of a run; exit code 3 when a run would refuse it",
            .positionals = {{.name = "RECIPE", .help = "of the run", .required = false}},
            .options = {{.name = "model", .value = "M", .help = "folder with the tokenizer"},
                        {.name = "forget", .value = "F", .help = "what is to be forgotten"},
                        {.name = "retain", .value = "R", .help = "what is to be kept"},
                        {.name = "holdout", .value = "H", .help = "what was never seen"},
                        {.name = "max-length",
                         .value = "N",
                         .help = "tokens of a sample; the recipe's, or 512, without it",
                         .type = ValueType::Integer,
                         .min = 2,
                         .max = 1 << 20},
                        {.name = "template",
                         .value = "ID",
                         .help = "prompt format, or model for the model's own chat template; the "
                                 "recipe's, or question-answer, without it"},
                        {.name = "json", .help = "one JSON line instead of tables"}},
            .run = run,
            .synopsis = "RECIPE | --model M --forget F [--retain R] [--holdout H] "
                        "[--max-length N] [--template ID] [--json]"};
}

} // namespace lacuna
