#include "core/run/plan.h"

#include "core/controls/control.h"
#include "core/corpora/corpus.h"
#include "core/corpora/tokenise.h"
#include "core/methods/method.h"
#include "core/metrics/evaluation_log.h"
#include "core/models/adapter_files.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/models/family.h"
#include "core/models/stored_tensor.h"
#include "core/models/weight_files.h"
#include "core/run/alternates.h"
#include "core/run/objective.h"
#include "core/run/session.h"
#include "core/run/suite.h"
#include "core/tokens/catalog.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace lacuna {
namespace {

struct PlannedModel {
    DecoderConfig config;
    std::shared_ptr<const Tokenizer> tokenizer; ///< null: trained when the run starts
    std::optional<WeightFiles> weights;         ///< none for a new model
    std::set<std::string> merged;               ///< weights into which an adapter is merged
};

Result<PlannedModel> planModel(const Recipe& recipe)
{
    PlannedModel model;
    const std::string folder = recipe.newModel ? recipe.newModel->tokenizer : recipe.model;
    if (!folder.empty()) {
        Result<std::shared_ptr<const Tokenizer>> tokenizer = loadTokenizer(tokenizerFolder(folder));
        if (!tokenizer)
            return tokenizer.error();
        model.tokenizer = std::move(tokenizer).value();
    }
    Json document;
    std::filesystem::path base = recipe.model;
    std::string place = "recipe.model.new";
    if (recipe.newModel) {
        document = recipe.newModel->config;
        document["vocab_size"] =
            model.tokenizer ? model.tokenizer->vocabularySize() : recipe.newModel->vocabularySize;
    } else {
        const Result<std::filesystem::path> found = baseFolder(recipe.model);
        if (!found)
            return found.error();
        base = *found;
        place = (base / "config.json").string();
        Result<Json> read = readJsonFile(place);
        if (!read)
            return read.error();
        document = std::move(read).value();
    }
    Result<DecoderConfig> config = readDecoderConfig(document, place);
    if (!config)
        return config.error();
    model.config = std::move(config).value();
    if (!recipe.newModel) {
        Result<WeightFiles> weights = WeightFiles::open(base);
        if (!weights)
            return weights.error();
        if (const Status status = checkWeights(model.config, *weights, base); !status)
            return status.error();
        model.weights = std::move(weights).value();
        if (isAdapterFolder(recipe.model)) {
            const Result<SafetensorsFile> adapter =
                SafetensorsFile::open(std::filesystem::path(recipe.model) / kAdapterWeights);
            if (!adapter)
                return adapter.error();
            for (const WeightSlot& slot : adaptableSlots(model.config))
                if (adapter->find(loraName(slot.name, 'A')))
                    model.merged.insert(slot.name + ".weight");
        }
    }
    return model;
}

Status checkReference(const std::string& reference)
{
    std::error_code ignored;
    if (reference.empty() || std::filesystem::is_directory(reference, ignored))
        return {};
    if (isReferenceLog(reference)) {
        const Result<EvaluationLog> log = readEvaluationLog(reference);
        return log ? Status() : log.error().at("recipe.reference");
    }
    return Error{.code = ErrorCode::NotFound,
                 .message = "there is no such reference model",
                 .context = "recipe.reference: " + reference,
                 .remedy = "give the folder of a model trained without the forget set, its saved "
                           "evaluation log, or leave the reference out"};
}

std::int64_t elementCount(const WeightSlot& slot)
{
    return std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{1},
                           std::multiplies<>());
}

WeightBytes weightBytes(const PlannedModel& model, const std::vector<WeightSlot>& trained,
                        const RunChecks& checks)
{
    std::set<std::string> moved = model.merged;
    for (const WeightSlot& slot : trained)
        moved.insert(slot.name);
    const double copy = checks.computeType == at::kBFloat16 ? 2 : 0;
    WeightBytes bytes;
    for (const WeightSlot& slot : weightSlots(model.config)) {
        const TensorEntry* entry =
            model.weights ? findTensor(model.config, *model.weights, slot) : nullptr;
        if (entry && !moved.contains(slot.name) &&
            isMappable(slot, torchType(entry->type), checks.device, checks.computeType)) {
            bytes.mapped += static_cast<double>(entry->bytes.size());
            continue;
        }
        bytes.masters += 4.0 * static_cast<double>(elementCount(slot));
        bytes.copies += copy * static_cast<double>(elementCount(slot));
    }
    return bytes;
}

struct AlternatesNeed {
    const Recipe& recipe;
    const MethodSpec& method;
    const Corpus& forget;
    const TokenisedCorpus* tokens; ///< null: the tokenizer is trained when the run starts
    const Corpus* retain;
    const Tokenizer* tokenizer;
    const TokeniseOptions& tokenising;
};

/// Whether the method will find the answers that it reads beside the true ones.
Status checkAlternates(const AlternatesNeed& need)
{
    if (writesAlternates(need.recipe, need.method, need.forget))
        return checkQuestions(need.forget);
    const Result<std::optional<AnswerPool>> pool =
        answerPool(need.recipe, need.method, need.forget, need.retain);
    if (!pool)
        return pool.error();
    if (!*pool || !need.tokens)
        return {};
    const Result<AlternateAnswers> chosen = alternateAnswers(
        need.forget, *need.tokens, **pool, alternatesPerSample(need.method),
        static_cast<std::uint64_t>(need.recipe.seed), *need.tokenizer, need.tokenising);
    return chosen ? Status() : chosen.error().at("alternates");
}

/// What is left of \p problems once the corpus is in use: its warnings, and the errors that the
/// recipe allows.
void warnAbout(const ProblemList& problems, Plan& plan)
{
    if (problems.errorCount() > 0)
        plan.warnings.push_back("rows that cannot be used are left out: " +
                                problems.status().error().text());
    for (const Problem& problem : problems.warnings())
        plan.warnings.push_back(problem.text());
}

} // namespace

OrderedJson Plan::toJson() const
{
    OrderedJson json = {{"family", family},
                        {"parameters", parameters},
                        {"trained_parameters", trainedParameters},
                        {"device", device},
                        {"precision", precision},
                        {"corpora", OrderedJson::array()},
                        {"steps_per_epoch", stepsPerEpoch},
                        {"total_steps", totalSteps},
                        {"training_tokens", trainingTokens},
                        {"flops", flops},
                        {"memory", OrderedJson::array()},
                        {"memory_bytes", totalBytes(memory)},
                        {"overlap_exact", overlap.exact},
                        {"overlap_near", overlap.near},
                        {"warnings", warnings}};
    for (const CorpusPlan& corpus : corpora)
        json["corpora"].push_back({{"role", corpus.role},
                                   {"path", corpus.path},
                                   {"samples", corpus.samples},
                                   {"tokens", corpus.tokens},
                                   {"scored_tokens", corpus.scoredTokens},
                                   {"longest", corpus.longest},
                                   {"truncated", corpus.truncated}});
    for (const MemoryItem& item : memory)
        json["memory"].push_back(
            {{"what", item.what}, {"bytes", item.bytes}, {"page_cache", item.pageCache}});
    if (shortage)
        json["shortage"] = shortage->text();
    return json;
}

Result<Plan> planRun(const Recipe& recipe)
{
    const Result<RunChecks> checks = checkRecipe(recipe);
    if (!checks)
        return checks.error();
    const Result<PlannedModel> model = planModel(recipe);
    if (!model)
        return model.error();
    if (const Status status = checkReference(recipe.reference); !status)
        return status.error();
    const Result<Suite> suite = findSuite(recipe.evaluation.suite);
    if (!suite)
        return suite.error();
    if (const auto sources = suiteSources(*suite, recipe); !sources)
        return sources.error();
    const auto style = promptStyle(recipe, recipe.templateFolder());
    if (!style)
        return style.error();
    const DecoderConfig& config = model->config;
    Plan plan{.family = config.family,
              .parameters = config.parameterCount(),
              .device = checks->device.str(),
              .precision = precisionName(checks->computeType)};
    const std::optional<AdapterSpec>& adapter = recipe.scope.adapter;
    const Result<MethodReach> reach = reachOf(checks->method, config);
    if (!reach)
        return reach.error();
    const Result<std::vector<WeightSlot>> trained = trainedSlots(recipe.scope, *reach, config);
    if (!trained)
        return trained.error();
    for (const WeightSlot& slot : *trained)
        plan.trainedParameters +=
            adapter ? adapter->rank * (slot.shape[0] + slot.shape[1]) : elementCount(slot);

    const TokeniseOptions tokenising{
        .maxLength = std::min(recipe.training.maxLength, config.context), .style = *style};
    std::optional<Corpus> forget;
    std::optional<TokenisedCorpus> forgetTokens;
    std::optional<Corpus> retain;
    std::vector<std::pair<std::string, CorpusSpec>> corpora = {
        {"forget", recipe.forget}, {"retain", recipe.retain}, {"holdout", recipe.holdout}};
    for (std::size_t i = 0; i < recipe.utility.size(); ++i)
        corpora.emplace_back("utility-" + std::to_string(i + 1), recipe.utility[i]);
    for (std::size_t i = 0; i < recipe.earlier.size(); ++i)
        corpora.emplace_back("earlier-" + std::to_string(i + 1), recipe.earlier[i]);
    for (const auto& [role, spec] : corpora) {
        if (spec.empty())
            continue;
        Result<Corpus> corpus = readCorpus(spec);
        if (!corpus)
            return corpus.error().at(role);
        const bool forgotten = role == "forget" || role.starts_with("earlier");
        if (const Status status = checkKept(*corpus); !status && !forgotten)
            return status.error().at(role);
        CorpusPlan item{.role = role,
                        .path = spec.path,
                        .samples = static_cast<std::int64_t>(corpus->samples.size())};
        warnAbout(corpus->problems, plan);
        if (model->tokenizer) {
            Result<TokenisedCorpus> tokens =
                tokenise(*corpus, *model->tokenizer, tokenising, spec.invalidRows);
            if (!tokens)
                return tokens.error().at(role);
            item.samples = static_cast<std::int64_t>(tokens->samples.size());
            item.tokens = tokens->tokens;
            item.scoredTokens = tokens->scoredTokens;
            item.longest = tokens->lengths.longest;
            item.truncated = tokens->truncated;
            warnAbout(tokens->problems, plan);
            if (item.role == "forget")
                forgetTokens = std::move(tokens).value();
        }
        if (item.role == "retain") {
            plan.overlap = overlapBetween(*forget, *corpus);
            if (plan.overlap.exact + plan.overlap.near > 0)
                plan.warnings.push_back(std::to_string(plan.overlap.exact) + " exact and " +
                                        std::to_string(plan.overlap.near) +
                                        " near duplicates of forget passages are in retain");
        }
        if (item.role == "forget")
            forget = std::move(corpus).value();
        else if (item.role == "retain")
            retain = std::move(corpus).value();
        plan.corpora.push_back(std::move(item));
    }

    if (const Status status = checkAlternates({.recipe = recipe,
                                               .method = checks->method,
                                               .forget = *forget,
                                               .tokens = forgetTokens ? &*forgetTokens : nullptr,
                                               .retain = retain ? &*retain : nullptr,
                                               .tokenizer = model->tokenizer.get(),
                                               .tokenising = tokenising});
        !status)
        return status.error();

    const std::int64_t samples = plan.corpora.front().samples;
    plan.stepsPerEpoch = (samples + recipe.training.batchSize - 1) / recipe.training.batchSize;
    plan.totalSteps =
        recipe.training.steps > 0
            ? recipe.training.steps
            : std::llround(recipe.training.epochs * static_cast<double>(plan.stepsPerEpoch));
    for (const CorpusPlan& corpus : plan.corpora) {
        const bool used = corpus.role == "forget" ||
                          (corpus.role == "retain" && !checks->method.retainId.empty());
        if (used && corpus.samples > 0)
            plan.trainingTokens +=
                static_cast<double>(plan.totalSteps) *
                static_cast<double>(corpus.role == "forget" ? reach->forget.sequences()
                                                            : recipe.training.retainPerForget) *
                static_cast<double>(recipe.training.batchSize) *
                static_cast<double>(corpus.tokens) / static_cast<double>(corpus.samples);
    }
    plan.flops = 6.0 * static_cast<double>(reachedParameters(*reach, config)) * plan.trainingTokens;
    // An adapter leaves all of the model's own weights as they are.
    plan.memory = memoryItems(
        {.recipe = recipe,
         .config = config,
         .method = checks->method,
         .reach = *reach,
         .corpora = plan.corpora,
         .slots = *trained,
         .weights = weightBytes(*model, adapter ? std::vector<WeightSlot>{} : *trained, *checks),
         .trainedParameters = plan.trainedParameters,
         .computeBytes = checks->computeType == at::kBFloat16 ? 2.0 : 4.0});
    if (!checks->device.is_cpu())
        return plan;
    const MachineMemory machine = machineMemory();
    plan.shortage = memoryShortage(plan.memory, recipe, machine);
    for (std::string& warning : memoryWarnings(plan.memory, machine))
        plan.warnings.push_back(std::move(warning));
    return plan;
}

} // namespace lacuna
