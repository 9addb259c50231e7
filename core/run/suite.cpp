#include "core/run/suite.h"

#include "core/base/text.h"
#include "core/metrics/summary.h"
#include "core/run/suite_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace lacuna {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::array<std::pair<const char*, SetKind>, 5> kKinds = {{
    {"answers", SetKind::Answers},
    {"texts", SetKind::Texts},
    {"knowledge", SetKind::Knowledge},
    {"choices", SetKind::Choices},
    {"truthful", SetKind::Truthful},
}};

void readKind(JsonReader& reader, SetKind& kind)
{
    std::string name = kKinds.front().first;
    reader.text("kind", name);
    const auto found = std::ranges::find(kKinds, name, [](const auto& k) { return k.first; });
    if (found != kKinds.end()) {
        kind = found->second;
        return;
    }
    std::vector<std::string> names;
    names.reserve(kKinds.size());
    for (const auto& known : kKinds)
        names.emplace_back(known.first);
    reader.fail("kind", "\"" + name + "\" is not known", "use one of " + join(names, ", "));
}

void readMetrics(JsonReader& reader, std::vector<std::string>& wanted)
{
    reader.texts("metrics", wanted);
    for (const std::string& id : wanted)
        if (const auto found = metrics().find(id); !found)
            reader.fail("metrics", found.error().message, found.error().remedy);
}

Result<SuiteSet> parseSet(const Json& value, const std::string& place)
{
    SuiteSet set;
    JsonReader reader(value, place);
    reader.require("name");
    reader.text("name", set.name);
    readKind(reader, set.kind);
    reader.text("file", set.file);
    reader.text("examples", set.examples);
    reader.text("topic", set.topic);
    reader.flag("required", set.required);
    reader.flag("generate", set.generate);
    reader.flag("membership", set.membership);
    reader.flag("gradient_norm", set.gradientNorm);
    reader.flag("inside", set.inside);
    for (const auto& [key, number] :
         {std::pair{"max_samples", &set.maxSamples}, std::pair{"max_new_tokens", &set.maxNewTokens},
          std::pair{"max_reference_tokens", &set.maxReferenceTokens},
          std::pair{"shots", &set.shots}}) {
        reader.integer(key, *number);
        if (*number < 0)
            reader.fail(key, "the value is below 0", "give a number of 1 or more, or leave it out");
    }
    readMetrics(reader, set.metrics);
    if (set.kind == SetKind::Knowledge && set.examples.empty())
        reader.fail("examples", "a set of the kind knowledge needs questions and answers to show",
                    "name the file with them");
    if (const Status status = reader.finish(); !status)
        return status.error();
    return set;
}

CorpusSpec ownCorpus(const Recipe& recipe, const std::string& name)
{
    return name == "forget"    ? recipe.forget
           : name == "retain"  ? recipe.retain
           : name == "holdout" ? recipe.holdout
                               : CorpusSpec{};
}

std::string existing(const std::string& folder, const std::string& file)
{
    if (folder.empty() || file.empty())
        return {};
    const std::filesystem::path path = std::filesystem::path(folder) / file;
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) ? path.string() : std::string();
}

std::string missingText(const SuiteSet& set, const EvaluationSpec& spec)
{
    const std::string file = set.file.empty() ? "no file was given for it"
                             : spec.data.empty()
                                 ? "its file " + set.file + " is to be looked for in no folder"
                                 : "its file " + set.file + " is not in " + spec.data;
    return "the set " + set.name + " was not measured: " + file +
           "; name the file as evaluation.sets." + set.name + " in the recipe or --set " +
           set.name + "=FILE, or the folder of the suite's files as evaluation.data or --data";
}

} // namespace

const Catalog<Suite>& suites()
{
    static const Catalog<Suite> catalog("suite", [] {
        std::vector<Suite> all;
        for (const SuiteFile& file : suiteFiles())
            all.push_back(parseSuite(Json::parse(file.text), file.name).value());
        return all;
    }());
    return catalog;
}

Result<Suite> parseSuite(const Json& document, const std::string& place)
{
    Suite suite;
    JsonReader reader(document, place);
    std::int64_t version = kVersion;
    reader.require("lacuna_suite");
    reader.integer("lacuna_suite", version);
    if (version != kVersion)
        return Error{.code = ErrorCode::Unsupported,
                     .message = "the suite has version " + std::to_string(version),
                     .context = place,
                     .remedy = "this program reads version " + std::to_string(kVersion)};
    for (const char* key : {"id", "title", "sets"})
        reader.require(key);
    reader.text("id", suite.id);
    reader.text("title", suite.title);
    reader.text("source", suite.source);
    reader.text("explanation", suite.explanation);
    reader.texts("summaries", suite.summaries);
    for (const std::string& wanted : suite.summaries)
        if (const auto known = summaries().find(wanted); !known)
            reader.fail("summaries", known.error().message, known.error().remedy);
    const Json* sets = reader.child("sets");
    if (sets && !sets->is_array())
        reader.fail("sets", "a list of sets is needed here");
    else if (sets)
        for (std::size_t i = 0; i < sets->size(); ++i) {
            Result<SuiteSet> set = parseSet((*sets)[i], place + ".sets[" + std::to_string(i) + "]");
            if (!set)
                return set.error();
            if (std::ranges::count(suite.sets, set->name, &SuiteSet::name) > 0)
                reader.fail("sets", "two sets are called " + set->name,
                            "give each a name of its own");
            suite.sets.push_back(std::move(set).value());
        }
    if (const Status status = reader.finish(); !status)
        return status.error();
    if (suite.sets.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the suite has no sets",
                     .context = place + ".sets",
                     .remedy = "describe one at least"};
    return suite;
}

Result<Suite> findSuite(const std::string& idOrFile)
{
    if (idOrFile == kDefaultSuite)
        return Suite{.id = kDefaultSuite, .title = "The recipe's own corpora"};
    std::error_code ignored;
    if (std::filesystem::is_regular_file(idOrFile, ignored)) {
        const Result<Json> document = readJsonFile(idOrFile);
        return document ? parseSuite(*document, idOrFile) : document.error();
    }
    const auto known = suites().find(idOrFile);
    if (known)
        return **known;
    return Error{.code = ErrorCode::NotFound,
                 .message = "there is no suite \"" + idOrFile + "\", and no file of that name",
                 .context = "suite",
                 .remedy = "known ones: " + std::string(kDefaultSuite) + ", " +
                           join(suites().ids(), ", ")};
}

Result<std::vector<SuiteSource>> suiteSources(const Suite& suite, const Recipe& recipe)
{
    const EvaluationSpec& spec = recipe.evaluation;
    for (const auto& [name, corpus] : spec.sets)
        if (std::ranges::count(suite.sets, name, &SuiteSet::name) == 0) {
            std::vector<std::string> names;
            for (const SuiteSet& set : suite.sets)
                names.push_back(set.name);
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "the suite " + suite.id + " has no set \"" + name + "\"",
                         .context = "evaluation.sets",
                         .remedy = names.empty() ? "choose a suite with sets of its own"
                                                 : "it has " + join(names, ", ")};
        }
    std::vector<SuiteSource> sources;
    for (const SuiteSet& set : suite.sets) {
        SuiteSource source{.set = set, .examples = existing(spec.data, set.examples)};
        if (const auto named = spec.sets.find(set.name); named != spec.sets.end())
            source.corpus = named->second;
        else if (const std::string file = existing(spec.data, set.file); !file.empty())
            source.corpus.path = file;
        else
            source.corpus = ownCorpus(recipe, set.name);
        if (source.examples.empty() && !set.examples.empty() && !source.corpus.empty())
            // Beside the set's own file, where the data came as one folder.
            source.examples = existing(
                std::filesystem::path(source.corpus.path).parent_path().string(), set.examples);
        if (source.corpus.empty())
            source.missing = missingText(set, spec);
        else if (source.examples.empty() && !set.examples.empty())
            source.missing = "the set " + set.name + " was not measured: the file " + set.examples +
                             " with the examples that stand before its questions " +
                             "is not beside " + source.corpus.path;
        if (!source.missing.empty() && set.required)
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = source.missing,
                         .context = "suite " + suite.id};
        sources.push_back(std::move(source));
    }
    return sources;
}

} // namespace lacuna
