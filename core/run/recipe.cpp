#include "core/run/recipe.h"

#include "core/base/text.h"
#include "core/corpora/sampler.h"
#include "core/run/recipe_path.h"
#include "core/run/suite.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace lacuna {
namespace {

constexpr std::int64_t kVersion = 1;

void readPath(JsonReader& reader, const char* key, std::string& out,
              const std::filesystem::path& folder)
{
    reader.text(key, out);
    out = absolutePath(out, folder);
}

template <class T>
void bounded(JsonReader& reader, const char* key, T value, T low, T high, const char* range)
{
    if (!(value >= low && value <= high))
        reader.fail(key, "the value is out of range", std::string("it must be ") + range);
}

/// A path, or an object with one and what is asked of it.
Result<CorpusSpec> parseCorpusSpec(const Json& value, const std::string& place,
                                   const std::filesystem::path& folder)
{
    CorpusSpec spec;
    if (value.is_string()) {
        spec.path = absolutePath(value.get<std::string>(), folder);
        return spec;
    }
    JsonReader reader(value, place);
    reader.require("path");
    readPath(reader, "path", spec.path, folder);
    bool leaveOut = false;
    reader.flag("leave_out_invalid_rows", leaveOut);
    spec.invalidRows = leaveOut ? InvalidRows::LeaveOut : InvalidRows::Refuse;
    PassageLengths& passages = spec.passages;
    reader.integer("prompt_words", passages.promptWords);
    reader.integer("answer_words", passages.answerWords);
    bounded<std::int64_t>(reader, "prompt_words", passages.promptWords, 0, 1'000'000,
                          "between 0 and a million");
    bounded<std::int64_t>(reader, "answer_words", passages.answerWords, 0, 1'000'000,
                          "between 0 and a million");
    if (!passages.cuts() && passages != PassageLengths{})
        reader.fail(passages.promptWords > 0 ? "answer_words" : "prompt_words",
                    "a passage needs words that are given and words that follow",
                    "give both prompt_words and answer_words, 200 each for instance");
    if (const Status status = reader.finish(); !status)
        return status.error();
    return spec;
}

void readCorpusSpec(JsonReader& reader, const char* key, CorpusSpec& spec,
                    const std::filesystem::path& folder)
{
    const Json* value = reader.child(key);
    if (!value)
        return;
    Result<CorpusSpec> read = parseCorpusSpec(*value, reader.place() + "." + key, folder);
    if (read)
        spec = std::move(read).value();
    else
        reader.fail(key, read.error().message, read.error().remedy);
}

void readCorpusSpecs(JsonReader& reader, const char* key, std::vector<CorpusSpec>& specs,
                     const std::filesystem::path& folder)
{
    const Json* list = reader.child(key);
    if (!list)
        return;
    if (!list->is_array())
        return reader.fail(key, "a list of corpora is needed here");
    for (const Json& value : *list) {
        Result<CorpusSpec> read = parseCorpusSpec(value, reader.place() + "." + key, folder);
        if (!read)
            return reader.fail(key, read.error().message, read.error().remedy);
        specs.push_back(std::move(read).value());
    }
}

void oneOf(JsonReader& reader, const char* key, const std::string& value,
           const std::vector<std::string>& choices)
{
    if (std::find(choices.begin(), choices.end(), value) == choices.end())
        reader.fail(key, "\"" + value + "\" is not known", "use one of " + join(choices, ", "));
}

void readModel(JsonReader& reader, Recipe& recipe, const std::filesystem::path& folder)
{
    const Json* value = reader.child("model");
    if (!value) {
        reader.require("model");
        return;
    }
    if (value->is_string()) {
        recipe.model = absolutePath(value->get<std::string>(), folder);
        return;
    }
    NewModelSpec spec;
    JsonReader inner(*value, "recipe.model");
    inner.require("new");
    if (const Json* config = inner.object("new"))
        spec.config = *config;
    if (const Json* tokenizer = inner.child("tokenizer")) {
        if (tokenizer->is_string()) {
            spec.tokenizer = absolutePath(tokenizer->get<std::string>(), folder);
        } else {
            JsonReader training(*tokenizer, "recipe.model.tokenizer");
            training.integer("vocabulary_size", spec.vocabularySize);
            training.text("kind", spec.tokenizerKind);
            bounded<std::int64_t>(training, "vocabulary_size", spec.vocabularySize, 1, 1 << 24,
                                  "at least 1");
            if (spec.tokenizerKind != "bpe" && spec.tokenizerKind != "unigram")
                training.fail("kind", "the kind must be bpe or unigram");
            if (const Status status = training.finish(); !status)
                inner.fail("tokenizer", status.error().message, status.error().remedy);
        }
    }
    if (const Status status = inner.finish(); !status)
        reader.fail("model", status.error().message, status.error().remedy);
    recipe.newModel = std::move(spec);
}

Status readTraining(const Json& object, TrainingSpec& spec)
{
    JsonReader reader(object, "recipe.training");
    reader.text("optimizer", spec.optimizer);
    reader.number("learning_rate", spec.learningRate);
    reader.number("weight_decay", spec.weightDecay);
    reader.text("schedule", spec.schedule);
    reader.number("warmup_epochs", spec.warmupEpochs);
    reader.number("epochs", spec.epochs);
    reader.integer("steps", spec.steps);
    reader.integer("batch_size", spec.batchSize);
    reader.integer("micro_batch_tokens", spec.microBatchTokens);
    reader.number("clip_norm", spec.clipNorm);
    reader.text("precision", spec.precision);
    reader.integer("max_length", spec.maxLength);
    reader.text("accumulation", spec.accumulation);
    reader.text("pairing", spec.pairing);
    reader.integer("retain_per_forget", spec.retainPerForget);
    reader.flag("gradient_checkpointing", spec.gradientCheckpointing);
    reader.number("sophia_rho", spec.sophiaRho);
    reader.number("sophia_scale", spec.sophiaScale);
    reader.integer("sophia_interval", spec.sophiaInterval);
    oneOf(reader, "optimizer", spec.optimizer, {"adamw", "sgd", "sophia"});
    bounded(reader, "sophia_rho", spec.sophiaRho, 1e-9, 1e9, "above 0");
    bounded(reader, "sophia_scale", spec.sophiaScale, 1e-9, 1e12, "above 0");
    bounded<std::int64_t>(reader, "sophia_interval", spec.sophiaInterval, 1, 1'000'000,
                          "at least 1");
    oneOf(reader, "schedule", spec.schedule, {"constant", "linear", "cosine"});
    oneOf(reader, "precision", spec.precision, {"auto", "float32", "bfloat16"});
    oneOf(reader, "accumulation", spec.accumulation, {"batch", "micro-batch"});
    oneOf(reader, "pairing", spec.pairing, pairingNames());
    bounded<std::int64_t>(reader, "retain_per_forget", spec.retainPerForget, 1, 1000,
                          "between 1 and 1000");
    bounded(reader, "learning_rate", spec.learningRate, 0.0, 10.0, "between 0 and 10");
    bounded(reader, "weight_decay", spec.weightDecay, 0.0, 10.0, "between 0 and 10");
    bounded(reader, "warmup_epochs", spec.warmupEpochs, 0.0, 1e6, "at least 0");
    bounded(reader, "epochs", spec.epochs, 0.0, 1e6, "between 0 and a million");
    bounded<std::int64_t>(reader, "steps", spec.steps, 0, 1'000'000'000, "at least 0");
    bounded<std::int64_t>(reader, "batch_size", spec.batchSize, 1, 1'000'000, "at least 1");
    bounded<std::int64_t>(reader, "micro_batch_tokens", spec.microBatchTokens, 1, 1 << 24,
                          "at least 1");
    bounded(reader, "clip_norm", spec.clipNorm, 0.0, 1e9, "at least 0");
    bounded<std::int64_t>(reader, "max_length", spec.maxLength, 2, 1 << 20, "at least 2");
    return reader.finish();
}

void readSets(JsonReader& reader, std::map<std::string, CorpusSpec>& sets,
              const std::filesystem::path& folder)
{
    const Json* object = reader.object("sets");
    if (!object)
        return;
    for (const auto& [name, value] : object->items()) {
        Result<CorpusSpec> read = parseCorpusSpec(value, reader.place() + ".sets." + name, folder);
        if (!read)
            return reader.fail("sets", read.error().message, read.error().remedy);
        sets[name] = std::move(read).value();
    }
}

Status readEvaluation(const Json& object, EvaluationSpec& spec, const std::filesystem::path& folder)
{
    JsonReader reader(object, "recipe.evaluation");
    reader.integer("every_steps", spec.everySteps);
    reader.text("suite", spec.suite);
    if (!suites().find(spec.suite) && spec.suite != kDefaultSuite)
        spec.suite = absolutePath(spec.suite, folder);
    if (const Result<Suite> suite = findSuite(spec.suite); !suite)
        reader.fail("suite", suite.error().message, suite.error().remedy);
    readPath(reader, "data", spec.data, folder);
    readSets(reader, spec.sets, folder);
    reader.texts("probes", spec.probes);
    reader.integer("subset", spec.subset);
    reader.integer("max_samples", spec.maxSamples);
    reader.integer("max_new_tokens", spec.maxNewTokens);
    reader.flag("generate", spec.generate);
    reader.flag("gradient_cosine", spec.gradientCosine);
    bounded<std::int64_t>(reader, "every_steps", spec.everySteps, 0, 1'000'000'000, "at least 0");
    bounded<std::int64_t>(reader, "subset", spec.subset, 1, 1'000'000, "at least 1");
    bounded<std::int64_t>(reader, "max_samples", spec.maxSamples, 1, 10'000'000, "at least 1");
    bounded<std::int64_t>(reader, "max_new_tokens", spec.maxNewTokens, 1, 100'000, "at least 1");
    return reader.finish();
}

Status readAdapter(const Json& object, AdapterSpec& spec)
{
    JsonReader reader(object, "recipe.scope.adapter");
    reader.text("id", spec.id);
    reader.integer("rank", spec.rank);
    reader.number("alpha", spec.alpha);
    reader.flag("rank_stabilised", spec.rankStabilised);
    oneOf(reader, "id", spec.id, {"lora"});
    bounded<std::int64_t>(reader, "rank", spec.rank, 1, 4096, "between 1 and 4096");
    bounded(reader, "alpha", spec.alpha, 1e-6, 1e6, "above 0");
    return reader.finish();
}

Status readScope(const Json& object, ScopeSpec& spec)
{
    JsonReader reader(object, "recipe.scope");
    reader.text("layers", spec.layers);
    reader.texts("modules", spec.modules);
    if (const Json* adapter = reader.object("adapter")) {
        spec.adapter.emplace();
        if (Status status = readAdapter(*adapter, *spec.adapter); !status)
            return status;
    }
    if (const Json* mask = reader.object("mask"))
        spec.mask = *mask;
    return reader.finish();
}

Status readCheckpoint(const Json& object, CheckpointSpec& spec)
{
    JsonReader reader(object, "recipe.checkpoint");
    reader.number("every_seconds", spec.everySeconds);
    reader.integer("keep", spec.keep);
    reader.integer("best", spec.best);
    bounded(reader, "every_seconds", spec.everySeconds, 0.0, 1e9, "at least 0");
    bounded<std::int64_t>(reader, "keep", spec.keep, 1, 1000, "at least 1");
    if (spec.best != 0)
        bounded<std::int64_t>(reader, "best", spec.best, 3, 100, "0, or between 3 and 100");
    return reader.finish();
}

/// "key=value" with a dotted key; a value that is no JSON is taken as text.
Status assign(Json& document, const std::string& assignment)
{
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "\"" + assignment + "\" is not of the form key=value",
                     .context = "--set"};
    const std::string text = assignment.substr(equals + 1);
    Status status = setValue(document, assignment.substr(0, equals),
                             Json::accept(text) ? Json::parse(text) : Json(text));
    return status ? status : status.error().at("--set");
}

} // namespace

Result<Corpus> readCorpus(const CorpusSpec& spec)
{
    Result<Corpus> corpus = loadCorpus(spec.path, spec.invalidRows);
    if (!corpus || !spec.passages.cuts())
        return corpus;
    if (const Status status = cutPassages(*corpus, spec.passages); !status)
        return status.error();
    return corpus;
}

std::string absolutePath(const std::string& path, const std::filesystem::path& folder)
{
    if (path.empty())
        return path;
    const std::filesystem::path given(path);
    return (given.is_absolute() ? given : folder / given).lexically_normal().string();
}

Result<Recipe> parseRecipe(const Json& document, const std::filesystem::path& folder)
{
    Recipe recipe;
    JsonReader reader(document, "recipe");
    std::int64_t version = kVersion;
    reader.require("lacuna");
    reader.integer("lacuna", version);
    if (version != kVersion)
        return Error{.code = ErrorCode::Unsupported,
                     .message = "the recipe has version " + std::to_string(version),
                     .context = "recipe.lacuna",
                     .remedy = "this program reads version " + std::to_string(kVersion)};
    reader.text("name", recipe.name);
    readModel(reader, recipe, folder);
    readPath(reader, "reference", recipe.reference, folder);
    reader.integer("seed", recipe.seed);
    reader.text("device", recipe.device);
    reader.integer("threads", recipe.threads);
    bounded<std::int64_t>(reader, "threads", recipe.threads, 0, 4096, "between 0 and 4096");
    reader.require("forget");
    readCorpusSpec(reader, "forget", recipe.forget, folder);
    readCorpusSpec(reader, "retain", recipe.retain, folder);
    readCorpusSpec(reader, "holdout", recipe.holdout, folder);
    readPath(reader, "alternates", recipe.alternates, folder);
    readCorpusSpecs(reader, "utility", recipe.utility, folder);
    readCorpusSpecs(reader, "earlier", recipe.earlier, folder);
    readPath(reader, "origin", recipe.origin, folder);
    reader.text("template", recipe.promptTemplate);
    std::vector<std::string> templates = promptFormats().ids();
    templates.emplace_back(kModelTemplate);
    oneOf(reader, "template", recipe.promptTemplate, templates);
    reader.require("method");
    if (const Json* method = reader.object("method"))
        recipe.method = *method;
    reader.text("save_as", recipe.saveAs);
    oneOf(reader, "save_as", recipe.saveAs, {"float32", "bfloat16", "float16"});
    recipe.controls = Json::array({{{"id", "divergence-guard"}}});
    if (const Json* controls = reader.child("controls")) {
        if (!controls->is_array())
            reader.fail("controls", "a list of controls is needed here");
        recipe.controls = *controls;
    }
    const auto readPart = [&](const char* key, auto read) -> Status {
        const Json* object = reader.object(key);
        return object ? read(*object) : Status();
    };
    for (const Status& status :
         {readPart("training", [&](const Json& j) { return readTraining(j, recipe.training); }),
          readPart("evaluation",
                   [&](const Json& j) { return readEvaluation(j, recipe.evaluation, folder); }),
          readPart("scope", [&](const Json& j) { return readScope(j, recipe.scope); }),
          readPart("checkpoint",
                   [&](const Json& j) { return readCheckpoint(j, recipe.checkpoint); })})
        if (!status)
            return status.error();
    if (const Status status = reader.finish(); !status)
        return status.error();
    return recipe;
}

Status setValue(Json& document, const std::string& path, Json value)
{
    Json* target = &document;
    for (const std::string& part : split(path, '.')) {
        if (!target->is_object() && !target->is_null())
            return Error{.code = ErrorCode::InvalidArgument,
                         .message = "\"" + path + "\" leads into a value",
                         .context = "recipe"};
        target = &(*target)[part];
    }
    *target = std::move(value);
    return {};
}

Result<Json> readRecipeDocument(const std::filesystem::path& file,
                                const std::vector<std::string>& assignments)
{
    Result<Json> document = readJsonFile(file);
    if (!document)
        return document;
    for (const std::string& assignment : assignments)
        if (const Status status = assign(*document, assignment); !status)
            return status.error();
    return document;
}

Result<Recipe> readRecipe(const std::filesystem::path& file,
                          const std::vector<std::string>& assignments)
{
    const Result<Json> document = readRecipeDocument(file, assignments);
    if (!document)
        return document.error();
    const auto folder = std::filesystem::absolute(file).parent_path();
    Result<Recipe> recipe = parseRecipe(*document, folder);
    if (!recipe)
        return recipe.error().at(file.string());
    if (recipe->name.empty())
        recipe->name = file.stem().string();
    return recipe;
}

namespace {

OrderedJson corpusJson(const CorpusSpec& spec)
{
    OrderedJson json = {{"path", spec.path}};
    if (spec.invalidRows == InvalidRows::LeaveOut)
        json["leave_out_invalid_rows"] = true;
    if (spec.passages.cuts()) {
        json["prompt_words"] = spec.passages.promptWords;
        json["answer_words"] = spec.passages.answerWords;
    }
    return json;
}

} // namespace

OrderedJson Recipe::toJson() const
{
    OrderedJson json = {{"lacuna", kVersion}, {"name", name}};
    if (newModel) {
        OrderedJson tokenizer = newModel->tokenizer;
        if (newModel->tokenizer.empty())
            tokenizer = {{"vocabulary_size", newModel->vocabularySize},
                         {"kind", newModel->tokenizerKind}};
        json["model"] = {{"new", newModel->config}, {"tokenizer", tokenizer}};
    } else {
        json["model"] = model;
    }
    if (!reference.empty())
        json["reference"] = reference;
    json["seed"] = seed;
    json["device"] = device;
    json["threads"] = threads;
    json["forget"] = corpusJson(forget);
    if (!retain.empty())
        json["retain"] = corpusJson(retain);
    if (!holdout.empty())
        json["holdout"] = corpusJson(holdout);
    if (!alternates.empty())
        json["alternates"] = alternates;
    for (const CorpusSpec& spec : utility)
        json["utility"].push_back(corpusJson(spec));
    for (const CorpusSpec& spec : earlier)
        json["earlier"].push_back(corpusJson(spec));
    if (!origin.empty())
        json["origin"] = origin;
    // Left out where it says nothing, so that a recipe without it is kept as it was written.
    if (promptTemplate != kDefaultPromptFormat)
        json["template"] = promptTemplate;
    json["method"] = method;
    json["scope"] = {{"layers", scope.layers}, {"modules", scope.modules}};
    if (scope.adapter)
        json["scope"]["adapter"] = {{"id", scope.adapter->id},
                                    {"rank", scope.adapter->rank},
                                    {"alpha", scope.adapter->alpha},
                                    {"rank_stabilised", scope.adapter->rankStabilised}};
    if (!scope.mask.is_null())
        json["scope"]["mask"] = scope.mask;
    json["training"] = {{"optimizer", training.optimizer},
                        {"learning_rate", training.learningRate},
                        {"weight_decay", training.weightDecay},
                        {"schedule", training.schedule},
                        {"warmup_epochs", training.warmupEpochs},
                        {"epochs", training.epochs},
                        {"steps", training.steps},
                        {"batch_size", training.batchSize},
                        {"micro_batch_tokens", training.microBatchTokens},
                        {"clip_norm", training.clipNorm},
                        {"precision", training.precision},
                        {"max_length", training.maxLength},
                        {"accumulation", training.accumulation},
                        {"pairing", training.pairing},
                        {"retain_per_forget", training.retainPerForget},
                        {"gradient_checkpointing", training.gradientCheckpointing}};
    if (training.optimizer == "sophia") {
        json["training"]["sophia_rho"] = training.sophiaRho;
        json["training"]["sophia_scale"] = training.sophiaScale;
        json["training"]["sophia_interval"] = training.sophiaInterval;
    }
    json["controls"] = controls;
    json["evaluation"] = {
        {"every_steps", evaluation.everySteps}, {"suite", evaluation.suite},
        {"probes", evaluation.probes},          {"subset", evaluation.subset},
        {"max_samples", evaluation.maxSamples}, {"max_new_tokens", evaluation.maxNewTokens},
        {"generate", evaluation.generate},      {"gradient_cosine", evaluation.gradientCosine}};
    if (!evaluation.data.empty())
        json["evaluation"]["data"] = evaluation.data;
    for (const auto& [set, spec] : evaluation.sets)
        json["evaluation"]["sets"][set] = corpusJson(spec);
    json["checkpoint"] = {{"every_seconds", checkpoint.everySeconds},
                          {"keep", checkpoint.keep},
                          {"best", checkpoint.best}};
    json["save_as"] = saveAs;
    return json;
}

Result<std::vector<std::int64_t>> parseLayers(const std::string& text, std::int64_t layerCount)
{
    std::set<std::int64_t> layers;
    const auto refuse = [&](const std::string& part) {
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "\"" + part + "\" names no layers of this model",
                     .context = "recipe.scope.layers",
                     .remedy = "use all, or ranges within 0-" + std::to_string(layerCount - 1)};
    };
    const auto number = [](const std::string& digits) -> std::optional<std::int64_t> {
        std::int64_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc() || end != digits.data() + digits.size() || digits.empty())
            return std::nullopt;
        return value;
    };
    if (text == "all") {
        for (std::int64_t i = 0; i < layerCount; ++i)
            layers.insert(i);
        return std::vector(layers.begin(), layers.end());
    }
    for (const std::string& part : split(text, ',')) {
        const std::vector<std::string> ends = split(part, '-');
        const auto first = number(std::string(trimmed(ends.front())));
        const auto last = number(std::string(trimmed(ends.back())));
        if (ends.size() > 2 || !first || !last || *first < 0 || *first > *last ||
            *last >= layerCount)
            return refuse(part);
        for (std::int64_t i = *first; i <= *last; ++i)
            layers.insert(i);
    }
    return std::vector(layers.begin(), layers.end());
}

} // namespace lacuna
