#include "core/run/session.h"

#include "core/base/hash.h"
#include "core/base/rng.h"
#include "core/metrics/evaluation_log.h"
#include "core/models/checkpoint.h"
#include "core/models/device.h"
#include "core/models/family.h"
#include "core/models/lora.h"
#include "core/models/weight_files.h"
#include "core/run/alternates.h"
#include "core/run/objective.h"
#include "core/tokens/catalog.h"
#include "core/tokens/training.h"

#include <algorithm>

namespace lacuna {
namespace {

enum class CorpusUse : std::uint8_t {
    Forgotten,
    Kept, ///< or only measured
};

Result<LoadedCorpus> openCorpus(const CorpusSpec& spec, const Tokenizer& tokenizer,
                                const TokeniseOptions& options, CorpusUse use)
{
    Result<Corpus> corpus = readCorpus(spec);
    if (!corpus)
        return corpus.error();
    if (const Status status = checkKept(*corpus); !status && use == CorpusUse::Kept)
        return status.error();
    Result<TokenisedCorpus> tokens = tokenise(*corpus, tokenizer, options, spec.invalidRows);
    if (!tokens)
        return tokens.error();
    return LoadedCorpus{std::move(corpus).value(), std::move(tokens).value()};
}

/// Every text of the recipe's corpora, for a tokenizer that is trained on them.
Result<std::vector<std::string>> corpusTexts(const Recipe& recipe, const QaTemplate& qaTemplate)
{
    std::vector<std::string> texts;
    for (const CorpusSpec* spec : {&recipe.forget, &recipe.retain}) {
        if (spec->empty())
            continue;
        const Result<Corpus> corpus = readCorpus(*spec);
        if (!corpus)
            return corpus.error();
        for (const RawSample& sample : corpus->samples) {
            if (sample.kind == SampleKind::Chat)
                for (const ChatMessage& message : sample.messages)
                    texts.push_back(message.content);
            else if (sample.kind == SampleKind::QuestionAnswer)
                texts.push_back(qaTemplate.prompt(sample.prompt) + sample.answer);
            else
                texts.push_back(sample.prompt + sample.answer);
        }
    }
    return texts;
}

Result<std::filesystem::path> tokenizerOfNewModel(const Recipe& recipe,
                                                  const QaTemplate& qaTemplate,
                                                  const std::filesystem::path& runFolder)
{
    if (!recipe.newModel->tokenizer.empty())
        return std::filesystem::path(recipe.newModel->tokenizer);
    const std::filesystem::path folder = runFolder / "tokenizer";
    std::error_code ignored;
    if (std::filesystem::exists(folder / "tokenizer.model", ignored))
        return folder;
    const Result<std::vector<std::string>> texts = corpusTexts(recipe, qaTemplate);
    if (!texts)
        return texts.error();
    const SentencePieceTraining options{.kind = recipe.newModel->tokenizerKind == "bpe"
                                                    ? SentencePieceTraining::Kind::Bpe
                                                    : SentencePieceTraining::Kind::Unigram,
                                        .vocabularySize = recipe.newModel->vocabularySize};
    if (const Status status = trainSentencePiece(*texts, options, folder); !status)
        return status.error();
    return folder;
}

Status makeNewModel(Session& session, at::Device device, at::ScalarType type)
{
    Json document = session.recipe.newModel->config;
    document["vocab_size"] = session.tokenizer->vocabularySize();
    document["bos_token_id"] = session.tokenizer->bosId();
    document["eos_token_id"] = session.tokenizer->eosId();
    const Result<DecoderConfig> config = readDecoderConfig(document, "recipe.model.new");
    if (!config)
        return config.error();
    session.modelHash = sha256(document.dump());
    session.decoder = std::make_unique<Decoder>(*config, device, type);
    session.decoder->initialise(
        derivedSeed(static_cast<std::uint64_t>(session.recipe.seed), "initialise"));
    return {};
}

Status checkVocabulary(const Session& session)
{
    if (session.tokenizer->vocabularySize() <= session.decoder->config().vocabulary)
        return {};
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "the tokenizer has " +
                            std::to_string(session.tokenizer->vocabularySize()) +
                            " tokens, the model only " +
                            std::to_string(session.decoder->config().vocabulary),
                 .context = session.tokenizerFolder.string(),
                 .remedy = "use the tokenizer that belongs to the model"};
}

Status openCorpora(Session& session)
{
    const Recipe& recipe = session.recipe;
    const TokeniseOptions options = session.tokeniseOptions();
    if (!recipe.forget.empty()) {
        Result<LoadedCorpus> forget =
            openCorpus(recipe.forget, *session.tokenizer, options, CorpusUse::Forgotten);
        if (!forget)
            return forget.error().at("forget");
        session.forget = std::move(forget).value();
    }
    if (!recipe.retain.empty()) {
        Result<LoadedCorpus> retain =
            openCorpus(recipe.retain, *session.tokenizer, options, CorpusUse::Kept);
        if (!retain)
            return retain.error().at("retain");
        session.retain = std::move(retain).value();
    }
    if (!recipe.holdout.empty()) {
        Result<LoadedCorpus> holdout =
            openCorpus(recipe.holdout, *session.tokenizer, options, CorpusUse::Kept);
        if (!holdout)
            return holdout.error().at("holdout");
        session.holdout = std::move(holdout).value();
    }
    const auto openAll = [&](const std::vector<CorpusSpec>& specs, const char* place, CorpusUse use,
                             std::vector<LoadedCorpus>& corpora) -> Status {
        for (const CorpusSpec& spec : specs) {
            Result<LoadedCorpus> corpus = openCorpus(spec, *session.tokenizer, options, use);
            if (!corpus)
                return corpus.error().at(place);
            corpora.push_back(std::move(corpus).value());
        }
        return {};
    };
    if (const Status status = openAll(recipe.utility, "utility", CorpusUse::Kept, session.utility);
        !status)
        return status;
    if (const Status status =
            openAll(recipe.earlier, "earlier", CorpusUse::Forgotten, session.earlier);
        !status)
        return status;
    Result<std::vector<SuiteCorpus>> suite =
        openSuite(recipe, *session.tokenizer, options, session.decoder->config().context);
    if (!suite)
        return suite.error().at("evaluation");
    session.suite = std::move(suite).value();
    const Result<std::optional<AnswerPool>> pool =
        answerPool(recipe, session.method, session.forget.raw,
                   session.retain ? &session.retain->raw : nullptr);
    if (!pool)
        return pool.error();
    return *pool ? session.choose(**pool) : Status();
}

/// Chooses what is trained, and adds the adapter when that is one.
Status applyScope(Session& session)
{
    const ScopeSpec& scope = session.recipe.scope;
    const DecoderConfig& config = session.decoder->config();
    const Result<MethodReach> reach = reachOf(session.method, config);
    if (!reach)
        return reach.error();
    const Result<std::vector<WeightSlot>> slots = trainedSlots(scope, *reach, config);
    if (!slots)
        return slots.error();
    std::vector<std::string> names;
    for (const WeightSlot& slot : *slots)
        names.push_back(slot.name);
    if (scope.adapter) {
        session.adapter = loraOf(*scope.adapter, session.recipe.model);
        names = addAdapter(*session.decoder, *session.adapter, names,
                           derivedSeed(static_cast<std::uint64_t>(session.recipe.seed), "adapter"));
    }
    session.trainedNames = std::move(names);
    session.decoder->setRecomputing(session.recipe.training.gradientCheckpointing);
    return {};
}

/// Two means can be joined where both are token means over the whole batch.
Status checkJointMean(const Recipe& recipe, const MethodSpec& method)
{
    if (!(**methods().find(method.id)).joinsMeans || !method.params.flag("joint_mean"))
        return {};
    const bool tokens =
        method.retainId.empty() ||
        (method.retainId == "nll" && method.retainParams.text("normalisation") == "TM");
    if (tokens && recipe.training.accumulation == "batch")
        return {};
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "joint_mean joins token means over the whole batch",
                 .context = "recipe.method.joint_mean",
                 .remedy = "use the retain term nll with the normalisation TM and "
                           "training.accumulation batch, or leave joint_mean out"};
}

} // namespace

std::vector<std::int64_t> Session::stopIds() const
{
    std::vector<std::int64_t> ids = decoder->config().eosIds;
    if (tokenizer->eosId() >= 0)
        ids.push_back(tokenizer->eosId());
    if (style) {
        const std::vector<std::int64_t> ends = style->stopIds(*tokenizer);
        ids.insert(ids.end(), ends.begin(), ends.end());
    }
    return ids;
}

TokeniseOptions Session::tokeniseOptions() const
{
    return {.maxLength = std::min(recipe.training.maxLength, decoder->config().context),
            .style = style};
}

Status Session::choose(const AnswerPool& pool)
{
    Result<AlternateAnswers> chosen =
        alternateAnswers(forget.raw, forget.tokens, pool, alternatesPerSample(method),
                         static_cast<std::uint64_t>(recipe.seed), *tokenizer, tokeniseOptions());
    if (!chosen)
        return chosen.error().at("alternates");
    alternates = std::move(chosen).value();
    alternatesHash = pool.sha256;
    return {};
}

Result<std::shared_ptr<const PromptStyle>> promptStyle(const Recipe& recipe,
                                                       const std::filesystem::path& tokenizerFolder)
{
    if (recipe.promptTemplate == kDefaultPromptFormat)
        return std::shared_ptr<const PromptStyle>();
    Result<PromptStyle> style = PromptStyle::find(recipe.promptTemplate, tokenizerFolder);
    if (!style)
        return style.error().at("template");
    return std::make_shared<const PromptStyle>(std::move(style).value());
}

LoraConfig loraOf(const AdapterSpec& adapter, const std::filesystem::path& model)
{
    return {.rank = adapter.rank,
            .alpha = adapter.alpha,
            .rankStabilised = adapter.rankStabilised,
            .baseModel = model};
}

bool isReferenceLog(const std::filesystem::path& reference)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(reference, ignored);
}

Result<RunChecks> checkRecipe(const Recipe& recipe)
{
    RunChecks checks;
    Result<MethodSpec> method = readMethodSpec(recipe.method, "recipe.method");
    if (!method)
        return method.error();
    checks.method = std::move(method).value();
    const MethodInfo& info = **methods().find(checks.method.id);
    // A retain term that the method merely suggests is left out where there is nothing to retain.
    const bool named = recipe.method.contains("retain");
    if (recipe.retain.empty() && info.retain == RetainUse::Optional && !named)
        checks.method.retainId.clear();
    if (!checks.method.retainId.empty() && recipe.retain.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the method " + checks.method.id + " with its retain term " +
                                checks.method.retainId + " needs a retain corpus",
                     .context = "recipe.retain",
                     .remedy = "add \"retain\", or use a method that needs none: ga or npo"};
    Json wanted = recipe.controls;
    if (info.controls)
        for (const Json& control : info.controls(checks.method.params))
            if (std::ranges::none_of(recipe.controls, [&](const Json& given) {
                    return given.is_object() && given.value("id", Json()) == control["id"];
                }))
                wanted.push_back(control);
    Result<std::vector<NamedControl>> controls =
        readControls(wanted, !recipe.retain.empty(), "recipe.controls");
    if (!controls)
        return controls.error();
    checks.controls = std::move(controls).value();
    const Json mask = recipe.scope.mask.is_null() && info.mask ? info.mask(checks.method.params)
                                                               : recipe.scope.mask;
    Result<MaskSpec> read = readMaskSpec(mask, "recipe.scope.mask");
    if (!read)
        return read.error();
    checks.mask = std::move(read).value();
    if (const Status status = checkJointMean(recipe, checks.method); !status)
        return status.error();
    if (recipe.checkpoint.best > 0 && recipe.retain.empty())
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the best models are those that forget much and retain much, and "
                                "there is no retain corpus",
                     .context = "recipe.checkpoint.best",
                     .remedy = "add \"retain\", or leave checkpoint.best out"};
    if (recipe.checkpoint.best > 0 && info.negates)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the method " + checks.method.id +
                                " learns first and subtracts at the end: no model on its way is a "
                                "result",
                     .context = "recipe.checkpoint.best",
                     .remedy = "leave checkpoint.best out"};
    if (info.negates && recipe.newModel)
        return Error{.code = ErrorCode::InvalidArgument,
                     .message = "the method " + checks.method.id +
                                " subtracts from the model that it starts from, and there is none",
                     .context = "recipe.model",
                     .remedy = "give the folder of a trained model"};
    const Result<at::Device> device = resolveDevice(recipe.device);
    if (!device)
        return device.error();
    checks.device = *device;
    const Result<at::ScalarType> type = resolvePrecision(recipe.training.precision, *device);
    if (!type)
        return type.error();
    checks.computeType = *type;
    return checks;
}

Result<std::unique_ptr<Session>> openSession(const Recipe& recipe,
                                             const std::filesystem::path& runFolder,
                                             const std::function<bool(double)>& proceed)
{
    auto session = std::make_unique<Session>();
    session->recipe = recipe;
    Result<RunChecks> checks = checkRecipe(recipe);
    if (!checks)
        return checks.error();
    session->method = std::move(checks->method);
    session->controls = std::move(checks->controls);
    session->mask = std::move(checks->mask);

    session->tokenizerFolder = tokenizerFolder(recipe.model);
    if (recipe.newModel) {
        const Result<std::filesystem::path> folder =
            tokenizerOfNewModel(recipe, QaTemplate{}, runFolder);
        if (!folder)
            return folder.error();
        session->tokenizerFolder = *folder;
    }
    Result<std::shared_ptr<const Tokenizer>> tokenizer = loadTokenizer(session->tokenizerFolder);
    if (!tokenizer)
        return tokenizer.error();
    session->tokenizer = std::move(tokenizer).value();
    Result<std::shared_ptr<const PromptStyle>> style =
        promptStyle(recipe, session->tokenizerFolder);
    if (!style)
        return style.error();
    session->style = std::move(style).value();
    if (!proceed(0.1))
        return std::unique_ptr<Session>();

    if (recipe.newModel) {
        if (const Status status = makeNewModel(*session, checks->device, checks->computeType);
            !status)
            return status.error();
    } else {
        const bool continues =
            !recipe.origin.empty() && (**methods().find(session->method.id)).negates;
        Result<std::unique_ptr<Decoder>> decoder =
            loadDecoder(continues ? recipe.origin : recipe.model, checks->device,
                        checks->computeType, [&] { return !proceed(0.3); });
        if (!decoder)
            return decoder.error();
        if (!*decoder)
            return std::unique_ptr<Session>();
        session->decoder = std::move(decoder).value();
        session->decoder->mergeAdapters();
        if (continues) {
            Result<Mix> mix = Mix::open(*session->decoder, recipe.model);
            if (!mix)
                return mix.error();
            session->sequence = std::move(mix).value();
            session->sequence->setAmount(1);
        }
        const Result<std::string> hash = modelFolderHash(recipe.model);
        if (!hash)
            return hash.error();
        session->modelHash = *hash;
    }
    if (!recipe.reference.empty()) {
        const bool isLog = isReferenceLog(recipe.reference);
        if (isLog) {
            Result<EvaluationLog> log = readEvaluationLog(recipe.reference);
            if (!log)
                return log.error().at("reference");
            session->referenceLog = std::move(log->evaluations);
        }
        const Result<std::string> hash =
            isLog ? sha256File(recipe.reference) : modelFolderHash(recipe.reference);
        if (!hash)
            return hash.error().at("reference");
        session->referenceHash = *hash;
    }
    if (const Status status = checkVocabulary(*session); !status)
        return status.error();
    if (const Status status = applyScope(*session); !status)
        return status.error();
    if (!proceed(0.7))
        return std::unique_ptr<Session>();
    if (const Status status = openCorpora(*session); !status)
        return status.error();
    return proceed(1.0) ? std::move(session) : std::unique_ptr<Session>();
}

Status copyTokenizerFiles(const std::filesystem::path& from, const std::filesystem::path& folder)
{
    const Result<TokenizerFiles> files = tokenizerFiles(from);
    if (!files)
        return files.error();
    for (const std::filesystem::path& file : files->files) {
        std::error_code failure;
        std::filesystem::copy_file(file, folder / file.filename(),
                                   std::filesystem::copy_options::overwrite_existing, failure);
        if (failure)
            return Error{.code = ErrorCode::Io,
                         .message = "cannot copy the tokenizer: " + failure.message(),
                         .context = (folder / file.filename()).string()};
    }
    return {};
}

Status saveResult(const Session& session, const std::filesystem::path& folder)
{
    const at::ScalarType type = session.recipe.saveAs == "bfloat16"  ? at::kBFloat16
                                : session.recipe.saveAs == "float16" ? at::kHalf
                                                                     : at::kFloat;
    if (const Status status = saveDecoder(*session.decoder, folder, type); !status)
        return status;
    return copyTokenizerFiles(session.tokenizerFolder, folder);
}

Status saveAdapterResult(const Session& session, const std::filesystem::path& folder)
{
    if (const Status status = saveAdapter(*session.decoder, *session.adapter, folder); !status)
        return status;
    return copyTokenizerFiles(session.tokenizerFolder, folder);
}

Result<std::string> modelFolderHash(const std::filesystem::path& folder)
{
    const Result<std::filesystem::path> base = baseFolder(folder);
    if (!base)
        return base.error();
    const Result<WeightFiles> weights = WeightFiles::open(*base);
    if (!weights)
        return weights.error();
    std::vector<std::filesystem::path> files = weights->paths();
    std::sort(files.begin(), files.end());
    files.push_back(*base / "config.json");
    if (*base != folder)
        files.push_back(folder / kAdapterWeights);
    std::string hashes;
    for (const std::filesystem::path& file : files) {
        const Result<std::string> hash = sha256File(file);
        if (!hash)
            return hash.error();
        hashes += *hash;
    }
    return sha256(hashes);
}

} // namespace lacuna
