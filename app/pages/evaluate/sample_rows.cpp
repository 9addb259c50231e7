#include "app/pages/evaluate/sample_rows.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/tokenise.h"
#include "core/tokens/catalog.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace lacuna {

namespace {

/// The file of a set, and the hash that it had.
struct CorpusFile {
    const CorpusSpec* spec = nullptr;
    std::string sha256;
};

/// What the run's folder says of a corpus that the history has no column for.
std::string manifestHash(const Run& run, const std::string& name)
{
    const Result<Json> manifest = readJsonFile(std::filesystem::path(run.folder) / "manifest.json");
    if (!manifest || !manifest->is_object())
        return {};
    const Json hashes = manifest->value("sha256", Json::object());
    return hashes.is_object() && hashes.contains(name) && hashes[name].is_string()
               ? hashes[name].get<std::string>()
               : std::string();
}

/// Of "utility-2" with the prefix "utility-" the second of \p specs.
CorpusFile numbered(const Run& run, const std::string& set, std::string_view prefix,
                    const std::vector<CorpusSpec>& specs)
{
    std::size_t number = 0;
    const char* end = set.data() + set.size();
    const auto [stop, error] = std::from_chars(set.data() + prefix.size(), end, number);
    if (error != std::errc() || stop != end || number < 1 || number > specs.size())
        return {};
    const CorpusSpec& spec = specs[number - 1];
    const std::string kind(prefix.substr(0, prefix.size() - 1));
    return {.spec = &spec, .sha256 = manifestHash(run, kind + ' ' + spec.path)};
}

CorpusFile fileOf(const RunRecord& record, const std::string& set)
{
    const Recipe& recipe = record.recipe;
    const Run& run = record.run;
    if (set == "forget")
        return {.spec = &recipe.forget, .sha256 = run.forget.sha256};
    if (set == "retain")
        return {.spec = &recipe.retain, .sha256 = run.retain.sha256};
    if (set == "holdout")
        return {.spec = &recipe.holdout, .sha256 = run.holdout.sha256};
    for (const auto& [prefix, specs] :
         {std::pair<std::string_view, const std::vector<CorpusSpec>*>("utility-", &recipe.utility),
          {"earlier-", &recipe.earlier}})
        if (set.starts_with(prefix))
            return numbered(run, set, prefix, *specs);
    return {};
}

/// Texts are cut into windows of tokens: only the tokenizer knows what each of them holds.
void addWindows(CorpusTexts& texts, const Corpus& corpus, const Recipe& recipe)
{
    const auto tokenizer = loadTokenizer(recipe.templateFolder());
    if (!tokenizer) {
        texts.state = CorpusTexts::State::NoTokenizer;
        return;
    }
    const TokenisedCorpus tokenised =
        inspectTokens(corpus, **tokenizer, {.maxLength = recipe.training.maxLength});
    for (const ScoredSample& sample : tokenised.samples)
        texts.samples[sample.index] = {.question = {},
                                       .answer = validUtf8((*tokenizer)->decode(sample.ids))};
}

} // namespace

CorpusTexts corpusTexts(const RunRecord& record, const std::string& set)
{
    CorpusTexts texts;
    const CorpusFile file = fileOf(record, set);
    if (!file.spec || file.spec->empty() || file.sha256.empty())
        return texts;
    texts.path = file.spec->path;
    const Result<Corpus> corpus = readCorpus(*file.spec);
    if (!corpus) {
        texts.state = CorpusTexts::State::Gone;
        return texts;
    }
    if (corpus->sha256 != file.sha256) {
        texts.state = CorpusTexts::State::Changed;
        return texts;
    }
    texts.state = CorpusTexts::State::Read;
    if (std::ranges::any_of(corpus->samples, [](const RawSample& sample) {
            return sample.kind == SampleKind::Text;
        })) {
        addWindows(texts, *corpus, record.recipe);
        return texts;
    }
    for (std::size_t i = 0; i < corpus->samples.size(); ++i)
        texts.samples[static_cast<std::int64_t>(i)] = {.question = corpus->samples[i].prompt,
                                                       .answer = corpus->samples[i].answer};
    return texts;
}

namespace {

struct Written {
    std::string generated;
    std::string reference;
};

/// What the model of \p measured wrote to each sample of the set.
std::map<std::int64_t, Written> writtenFor(const std::vector<Evaluation>& evaluations,
                                           const Evaluation& measured)
{
    std::map<std::int64_t, Written> written;
    for (const Evaluation& evaluation : evaluations) {
        if (evaluation.set != measured.set || evaluation.phase != measured.phase ||
            evaluation.step != measured.step)
            continue;
        for (const SampleValue& sample : evaluation.samples) {
            if (sample.extra.empty())
                continue;
            const Json extra = Json::parse(sample.extra, nullptr, false);
            const auto text = [&](const char* key) {
                return extra.is_object() && extra.contains(key) && extra[key].is_string()
                           ? extra[key].get<std::string>()
                           : std::string();
            };
            if (extra.is_object() && extra.contains("generated"))
                written[sample.sample] = {.generated = text("generated"),
                                          .reference = text("reference")};
        }
    }
    return written;
}

void addTexts(SampleRow& row, const CorpusTexts& texts)
{
    const auto found = texts.samples.find(row.sample);
    if (found == texts.samples.end())
        return;
    if (row.truth.empty())
        row.truth = found->second.answer;
    // Samples without a scored token are left out of the count, which moves those behind them.
    if (trimmed(row.truth) == trimmed(found->second.answer))
        row.question = found->second.question;
}

} // namespace

std::vector<SampleRow> sampleRows(const ScoreSheet& sheet, const MetricRow& row,
                                  const CorpusTexts& texts)
{
    const std::vector<Evaluation>& evaluations = sheet.record.evaluations;
    std::map<std::int64_t, SampleRow> rows;
    for (std::size_t role = 0; role < row.sources.size(); ++role) {
        if (!row.sources[role])
            continue;
        const Evaluation& measured = evaluations[*row.sources[role]];
        const std::map<std::int64_t, Written> written = writtenFor(evaluations, measured);
        for (const SampleValue& sample : measured.samples) {
            SampleRow& one = rows[sample.sample];
            one.sample = sample.sample;
            one.values[role] = sample.value;
            const auto answer = written.find(sample.sample);
            if (answer == written.end())
                continue;
            one.answers[role] = answer->second.generated;
            one.truth = answer->second.reference;
        }
    }
    std::vector<SampleRow> result;
    result.reserve(rows.size());
    for (auto& [sample, one] : rows) {
        addTexts(one, texts);
        result.push_back(std::move(one));
    }
    return result;
}

} // namespace lacuna
