#include "core/run/recipe.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace lacuna;

namespace {

/// Everything that a recipe can say.
Json fullRecipe()
{
    return Json::parse(R"({
        "lacuna": 1,
        "name": "forget10, NPO",
        "model": "models/one",
        "reference": "models/retrained",
        "seed": 7,
        "device": "cpu",
        "threads": 2,
        "forget": {"path": "tofu/forget10.json", "leave_out_invalid_rows": true},
        "retain": {"path": "tofu/retain90.json", "prompt_words": 200, "answer_words": 150},
        "holdout": "/elsewhere/holdout.json",
        "alternates": "others.txt",
        "template": "chatml",
        "method": {"id": "npo", "beta": 0.1, "forget_weight": 1.0,
                   "retain": {"id": "nll", "weight": 1.0}},
        "scope": {"layers": "0-1,3", "modules": ["q_proj", "v_proj"],
                  "adapter": {"id": "lora", "rank": 16, "alpha": 32, "rank_stabilised": true},
                  "mask": {"id": "salun", "share": 0.2}},
        "training": {"optimizer": "sophia", "sophia_rho": 0.05, "sophia_scale": 8.0,
                     "sophia_interval": 10, "learning_rate": 2e-5, "weight_decay": 0.02,
                     "schedule": "cosine", "warmup_epochs": 1, "epochs": 3.5, "steps": 11,
                     "batch_size": 16, "micro_batch_tokens": 1024, "clip_norm": 0.5,
                     "precision": "bfloat16", "max_length": 256, "accumulation": "micro-batch",
                     "pairing": "yao", "retain_per_forget": 3, "gradient_checkpointing": true},
        "controls": [{"id": "retain-budget", "max_increase": 0.2}, {"id": "divergence-guard"}],
        "evaluation": {"every_steps": 20, "suite": "default", "probes": ["Who wrote it?"],
                       "subset": 5, "max_samples": 50, "max_new_tokens": 12, "generate": false,
                       "gradient_cosine": true},
        "checkpoint": {"every_seconds": 30, "keep": 5, "best": 4},
        "utility": ["facts.jsonl", {"path": "near.jsonl", "leave_out_invalid_rows": true}],
        "save_as": "bfloat16"
    })");
}

Json smallRecipe()
{
    return {{"lacuna", 1}, {"model", "m"}, {"forget", "f.json"}, {"method", {{"id", "ga"}}}};
}

Result<Recipe> parse(const Json& document)
{
    return parseRecipe(document, "/recipes");
}

/// \p document with what \p pointer leads to replaced by \p value.
Json with(Json document, const QByteArray& pointer, const QByteArray& value)
{
    document[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
    return document;
}

/// Reads a small recipe from a file of its own, with assignments.
Result<Recipe> assigned(const std::vector<std::string>& assignments)
{
    const TemporaryFolder folder;
    writeBytes(folder.file("small.json"), smallRecipe().dump());
    return readRecipe(folder.file("small.json"), assignments);
}

} // namespace

class TestRecipe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everythingThatCanBeSaidIsRead();
    void whatIsNotSaidHasItsDefault();
    void aNewModelIsRead();
    void whatIsWrittenReadsBackTheSame_data();
    void whatIsWrittenReadsBackTheSame();
    void pathsAreRelativeToTheRecipe_data();
    void pathsAreRelativeToTheRecipe();

    void aMissingKeyIsNamed_data();
    void aMissingKeyIsNamed();
    void anUnknownKeyNamesTheNearest_data();
    void anUnknownKeyNamesTheNearest();
    void aWrongValueIsRefusedByItsKey_data();
    void aWrongValueIsRefusedByItsKey();
    void aBoundIsStillInRange_data();
    void aBoundIsStillInRange();
    void anotherVersionIsRefused_data();
    void anotherVersionIsRefused();

    void assignmentsReplaceValues();
    void anAssignmentThatCannotBeIsRefused_data();
    void anAssignmentThatCannotBeIsRefused();
    void aRecipeWithoutANameTakesItsFile();
    void anErrorNamesTheFile();
    void aFileThatIsNotThereIsNotFound();

    void layersAreListed_data();
    void layersAreListed();
    void layersThatAreNotThereAreRefused_data();
    void layersThatAreNotThereAreRefused();
};

void TestRecipe::everythingThatCanBeSaidIsRead()
{
    const Recipe recipe = parse(fullRecipe()).value();
    QCOMPARE(shown(recipe.name), shown("forget10, NPO"));
    QCOMPARE(shown(recipe.model), shown("/recipes/models/one"));
    QVERIFY(!recipe.newModel);
    QCOMPARE(shown(recipe.reference), shown("/recipes/models/retrained"));
    QCOMPARE(recipe.seed, std::int64_t{7});
    QCOMPARE(shown(recipe.device), shown("cpu"));
    QCOMPARE(recipe.threads, std::int64_t{2});
    QCOMPARE(shown(recipe.forget.path), shown("/recipes/tofu/forget10.json"));
    QVERIFY(recipe.forget.invalidRows == InvalidRows::LeaveOut);
    QCOMPARE(shown(recipe.retain.path), shown("/recipes/tofu/retain90.json"));
    QVERIFY(recipe.retain.invalidRows == InvalidRows::Refuse);
    QCOMPARE(shown(recipe.holdout.path), shown("/elsewhere/holdout.json"));
    QCOMPARE(shown(recipe.alternates), shown("/recipes/others.txt"));
    QCOMPARE(shown(recipe.promptTemplate), shown("chatml"));
    QVERIFY(recipe.method == fullRecipe()["method"]);
    QVERIFY(recipe.controls == fullRecipe()["controls"]);
    QCOMPARE(shown(recipe.scope.layers), shown("0-1,3"));
    QVERIFY((recipe.scope.modules == std::vector<std::string>{"q_proj", "v_proj"}));
    QCOMPARE(recipe.scope.adapter->rank, std::int64_t{16});
    QCOMPARE(recipe.scope.adapter->alpha, 32.0);
    QVERIFY(recipe.scope.adapter->rankStabilised);
    QVERIFY(recipe.scope.mask == fullRecipe()["scope"]["mask"]);
    QCOMPARE(shown(recipe.training.optimizer), shown("sophia"));
    QCOMPARE(recipe.training.sophiaRho, 0.05);
    QCOMPARE(recipe.training.sophiaScale, 8.0);
    QCOMPARE(recipe.training.sophiaInterval, std::int64_t{10});
    QCOMPARE(recipe.training.learningRate, 2e-5);
    QCOMPARE(recipe.training.weightDecay, 0.02);
    QCOMPARE(shown(recipe.training.schedule), shown("cosine"));
    QCOMPARE(recipe.training.warmupEpochs, 1.0);
    QCOMPARE(recipe.training.epochs, 3.5);
    QCOMPARE(recipe.training.steps, std::int64_t{11});
    QCOMPARE(recipe.training.batchSize, std::int64_t{16});
    QCOMPARE(recipe.training.microBatchTokens, std::int64_t{1024});
    QCOMPARE(recipe.training.clipNorm, 0.5);
    QCOMPARE(shown(recipe.training.precision), shown("bfloat16"));
    QCOMPARE(recipe.training.maxLength, std::int64_t{256});
    QCOMPARE(shown(recipe.training.accumulation), shown("micro-batch"));
    QVERIFY(recipe.training.gradientCheckpointing);
    QCOMPARE(shown(recipe.training.pairing), shown("yao"));
    QCOMPARE(recipe.training.retainPerForget, std::int64_t{3});
    QVERIFY((recipe.retain.passages == PassageLengths{200, 150}));
    QCOMPARE(recipe.utility.size(), std::size_t{2});
    QCOMPARE(shown(recipe.utility[0].path), shown("/recipes/facts.jsonl"));
    QVERIFY(recipe.utility[1].invalidRows == InvalidRows::LeaveOut);
    QCOMPARE(recipe.checkpoint.best, std::int64_t{4});
    QCOMPARE(recipe.evaluation.everySteps, std::int64_t{20});
    QVERIFY(recipe.evaluation.probes == std::vector<std::string>{"Who wrote it?"});
    QCOMPARE(recipe.evaluation.subset, std::int64_t{5});
    QCOMPARE(recipe.evaluation.maxSamples, std::int64_t{50});
    QCOMPARE(recipe.evaluation.maxNewTokens, std::int64_t{12});
    QCOMPARE(recipe.evaluation.generate, false);
    QVERIFY(recipe.evaluation.gradientCosine);
    QCOMPARE(recipe.checkpoint.everySeconds, 30.0);
    QCOMPARE(recipe.checkpoint.keep, std::int64_t{5});
    QCOMPARE(shown(recipe.saveAs), shown("bfloat16"));
}

void TestRecipe::whatIsNotSaidHasItsDefault()
{
    const Recipe recipe = parse(smallRecipe()).value();
    QCOMPARE(recipe.seed, std::int64_t{42});
    QCOMPARE(shown(recipe.device), shown("auto"));
    QVERIFY(recipe.retain.empty() && recipe.holdout.empty() && recipe.reference.empty());
    QCOMPARE(shown(recipe.promptTemplate), shown("question-answer"));
    QVERIFY(!recipe.toJson().contains("template")); // as before there were any
    QCOMPARE(recipe.training.batchSize, TrainingSpec{}.batchSize);
    QCOMPARE(shown(recipe.training.accumulation), shown("batch"));
    QVERIFY(!recipe.training.gradientCheckpointing);
    // The guard against divergence is there unless a list without it says otherwise.
    QCOMPARE(shown(recipe.controls.dump()), shown(R"([{"id":"divergence-guard"}])"));
    QVERIFY(parse(with(smallRecipe(), "/controls", "[]"))->controls.empty());
}

void TestRecipe::aNewModelIsRead()
{
    const Recipe trained = parse(with(smallRecipe(), "/model",
                                      R"({"new": {"hidden_size": 64},
                       "tokenizer": {"vocabulary_size": 300, "kind": "unigram"}})"))
                               .value();
    QVERIFY(trained.model.empty());
    QCOMPARE(trained.newModel.value().vocabularySize, std::int64_t{300});
    QCOMPARE(shown(trained.newModel->tokenizerKind), shown("unigram"));
    QCOMPARE(trained.newModel->config["hidden_size"].get<int>(), 64);
    const Recipe given =
        parse(with(smallRecipe(), "/model", R"({"new": {}, "tokenizer": "tokens"})")).value();
    QCOMPARE(shown(given.newModel.value().tokenizer), shown("/recipes/tokens"));
}

void TestRecipe::whatIsWrittenReadsBackTheSame_data()
{
    QTest::addColumn<QByteArray>("document");
    const auto row = [](const char* title, const Json& document) {
        QTest::newRow(title) << QByteArray::fromStdString(document.dump());
    };
    row("everything", fullRecipe());
    row("little", smallRecipe());
    row("a new model", with(smallRecipe(), "/model",
                            R"({"new": {"hidden_size": 64}, "tokenizer": {"kind": "unigram"}})"));
    row("a new model with a tokenizer",
        with(smallRecipe(), "/model", R"({"new": {"hidden_size": 64}, "tokenizer": "tokens"})"));
    row("no controls", with(smallRecipe(), "/controls", "[]"));
}

void TestRecipe::whatIsWrittenReadsBackTheSame()
{
    QFETCH(QByteArray, document);
    const OrderedJson once = parse(Json::parse(document.toStdString()))->toJson();
    // A history may be read from any folder.
    const OrderedJson twice = parseRecipe(Json::parse(once.dump()), "/another").value().toJson();
    QCOMPARE(shown(twice.dump(1)), shown(once.dump(1)));
}

void TestRecipe::pathsAreRelativeToTheRecipe_data()
{
    QTest::addColumn<QByteArray>("given");
    QTest::addColumn<QByteArray>("wanted");
    QTest::newRow("beside the recipe") << QByteArray("a.json") << QByteArray("/recipes/a.json");
    QTest::newRow("above it") << QByteArray("../data/a.json") << QByteArray("/data/a.json");
    QTest::newRow("absolute") << QByteArray("/data/a.json") << QByteArray("/data/a.json");
    QTest::newRow("none") << QByteArray("") << QByteArray("");
}

void TestRecipe::pathsAreRelativeToTheRecipe()
{
    QFETCH(QByteArray, given);
    QFETCH(QByteArray, wanted);
    Json document = smallRecipe();
    for (const char* key : {"model", "reference", "retain", "holdout"})
        document[key] = given.toStdString();
    document["forget"] = {{"path", given.toStdString()}};
    const Recipe recipe = parse(document).value();
    for (const std::string& path : {recipe.model, recipe.reference, recipe.forget.path,
                                    recipe.retain.path, recipe.holdout.path})
        QCOMPARE(shown(path), shown(wanted.toStdString()));
}

void TestRecipe::aMissingKeyIsNamed_data()
{
    QTest::addColumn<QByteArray>("key");
    for (const char* key : {"lacuna", "model", "forget", "method"})
        QTest::newRow(key) << QByteArray(key);
}

void TestRecipe::aMissingKeyIsNamed()
{
    QFETCH(QByteArray, key);
    Json document = smallRecipe();
    document.erase(key.toStdString());
    const Result<Recipe> recipe = parse(document);
    QVERIFY(!recipe);
    QCOMPARE(shown(recipe.error().context), shown("recipe." + key.toStdString()));
    QVERIFY(recipe.error().code == ErrorCode::InvalidArgument);
}

void TestRecipe::anUnknownKeyNamesTheNearest_data()
{
    QTest::addColumn<QByteArray>("pointer");
    QTest::addColumn<QByteArray>("context");
    QTest::addColumn<QByteArray>("nearest");
    const auto row = [](const char* pointer, const char* context, const char* nearest) {
        QTest::newRow(pointer) << QByteArray(pointer) << QByteArray(context) << QByteArray(nearest);
    };
    row("/forgte", "recipe", "forget");
    row("/trainning", "recipe", "training");
    row("/training/learning_rat", "recipe.training", "learning_rate");
    row("/evaluation/every_step", "recipe.evaluation", "every_steps");
    row("/scope/adapter/rnak", "recipe.scope.adapter", "rank");
    row("/scope/layer", "recipe.scope", "layers");
    row("/checkpoint/kept", "recipe.checkpoint", "keep");
    row("/forget/paht", "recipe.forget", "path");
}

void TestRecipe::anUnknownKeyNamesTheNearest()
{
    QFETCH(QByteArray, pointer);
    QFETCH(QByteArray, context);
    QFETCH(QByteArray, nearest);
    const Result<Recipe> recipe = parse(with(fullRecipe(), pointer, "1"));
    QVERIFY(!recipe);
    QCOMPARE(shown(recipe.error().context), shown(context.toStdString()));
    QCOMPARE(shown(recipe.error().remedy),
             shown("did you mean \"" + nearest.toStdString() + "\"?"));
}

void TestRecipe::aWrongValueIsRefusedByItsKey_data()
{
    QTest::addColumn<QByteArray>("pointer");
    QTest::addColumn<QByteArray>("value");
    const auto row = [](const char* pointer, const char* value) {
        QTest::addRow("%s = %s", pointer, value) << QByteArray(pointer) << QByteArray(value);
    };
    row("/lacuna", "\"one\"");
    row("/name", "3");
    row("/model", "3");
    row("/model", R"({"tokenizer": "t"})");
    row("/model", R"({"new": 3})");
    row("/model", R"({"new": {}, "tokenizer": {"kind": "words"}})");
    row("/model", R"({"new": {}, "tokenizer": {"vocabulary_size": 0}})");
    row("/reference", "[]");
    row("/template", "7");
    row("/template", "\"chatlm\"");
    row("/seed", "1.5");
    row("/seed", "\"7\"");
    row("/device", "0");
    row("/threads", "-1");
    row("/threads", "1e12");
    row("/forget", "[\"a.json\"]");
    row("/forget", "{}");
    row("/forget/path", "3");
    row("/retain", "3");
    row("/holdout", "true");
    row("/alternates", "[]");
    row("/method", "\"npo\"");
    row("/scope", "\"all\"");
    row("/scope/layers", "3");
    row("/scope/modules", "\"q_proj\"");
    row("/scope/adapter", "\"lora\"");
    row("/scope/mask", "\"salun\"");
    row("/training/sophia_rho", "0");
    row("/training/sophia_interval", "0");
    row("/evaluation/gradient_cosine", "1");
    row("/scope/adapter/id", "\"ia3\"");
    row("/scope/adapter/rank", "0");
    row("/scope/adapter/alpha", "-1");
    row("/training", "[]");
    row("/training/optimizer", "\"lion\"");
    row("/training/learning_rate", "-1e-5");
    row("/training/learning_rate", "\"fast\"");
    row("/training/learning_rate", "11");
    row("/training/weight_decay", "-0.1");
    row("/training/schedule", "\"triangle\"");
    row("/training/warmup_epochs", "-1");
    row("/training/epochs", "-1");
    row("/training/epochs", "1e7");
    row("/training/steps", "-1");
    row("/training/steps", "2.5");
    row("/training/batch_size", "0");
    row("/training/micro_batch_tokens", "0");
    row("/training/clip_norm", "-1");
    row("/training/precision", "\"int8\"");
    row("/training/max_length", "1");
    row("/training/accumulation", "\"token\"");
    row("/training/gradient_checkpointing", "1");
    row("/training/pairing", "\"random\"");
    row("/training/retain_per_forget", "0");
    row("/retain", R"({"path": "r.txt", "prompt_words": 200})");
    row("/retain", R"({"path": "r.txt", "prompt_words": -1, "answer_words": 10})");
    row("/checkpoint/best", "-1");
    row("/utility", "\"facts.jsonl\"");
    row("/utility", "[3]");
    row("/controls", "{\"id\": \"divergence-guard\"}");
    row("/evaluation/every_steps", "-1");
    row("/evaluation/suite", "\"everything\"");
    row("/evaluation/probes", "\"Who?\"");
    row("/evaluation/probes", "[1]");
    row("/evaluation/subset", "0");
    row("/evaluation/max_samples", "0");
    row("/evaluation/max_new_tokens", "0");
    row("/evaluation/generate", "\"no\"");
    row("/checkpoint/every_seconds", "-1");
    row("/checkpoint/keep", "0");
    row("/save_as", "\"float8\"");
}

void TestRecipe::aWrongValueIsRefusedByItsKey()
{
    QFETCH(QByteArray, pointer);
    QFETCH(QByteArray, value);
    const Result<Recipe> recipe = parse(with(fullRecipe(), pointer, value));
    QVERIFY2(!recipe, "the value was accepted");
    QVERIFY(recipe.error().code == ErrorCode::InvalidArgument);
    const std::string key = "recipe" + QByteArray(pointer).replace('/', '.').toStdString();
    // A part of a corpus or a model may be named by the whole.
    const std::string whole = key.substr(0, key.rfind(".path"));
    QVERIFY2(recipe.error().context.starts_with(whole), recipe.error().text().c_str());
    QVERIFY(!recipe.error().message.empty());
}

void TestRecipe::aBoundIsStillInRange_data()
{
    QTest::addColumn<QByteArray>("pointer");
    QTest::addColumn<QByteArray>("value");
    const auto row = [](const char* pointer, const char* value) {
        QTest::addRow("%s = %s", pointer, value) << QByteArray(pointer) << QByteArray(value);
    };
    row("/threads", "0");
    row("/training/learning_rate", "0");
    row("/training/epochs", "0");
    row("/training/batch_size", "1");
    row("/training/micro_batch_tokens", "1");
    row("/training/clip_norm", "0");
    row("/training/max_length", "2");
    row("/evaluation/every_steps", "0");
    row("/checkpoint/every_seconds", "0");
    row("/checkpoint/keep", "1");
    row("/seed", "-3");
    row("/retain", "null");
    row("/training", "null");
}

void TestRecipe::aBoundIsStillInRange()
{
    QFETCH(QByteArray, pointer);
    QFETCH(QByteArray, value);
    const Result<Recipe> recipe = parse(with(fullRecipe(), pointer, value));
    QVERIFY2(recipe, recipe ? "" : recipe.error().text().c_str());
}

void TestRecipe::anotherVersionIsRefused_data()
{
    QTest::addColumn<QByteArray>("version");
    for (const char* version : {"2", "0", "-1"})
        QTest::newRow(version) << QByteArray(version);
}

void TestRecipe::anotherVersionIsRefused()
{
    QFETCH(QByteArray, version);
    // A later version may know keys that this one does not: the version is what is wrong.
    const Result<Recipe> recipe =
        parse(with(with(smallRecipe(), "/lacuna", version), "/later", "1"));
    QVERIFY(!recipe);
    QVERIFY(recipe.error().code == ErrorCode::Unsupported);
    QCOMPARE(shown(recipe.error().context), shown("recipe.lacuna"));
}

void TestRecipe::assignmentsReplaceValues()
{
    const Recipe recipe =
        assigned({"training.learning_rate=1e-4", "name=a=b", "method.id=npo", "method.beta=0.5",
                  "evaluation.probes=[\"Who?\"]", "training.steps=3", "training.steps=4",
                  "device=cpu", "evaluation.generate=false", "retain=r.json"})
            .value();
    QCOMPARE(recipe.training.learningRate, 1e-4);
    QCOMPARE(shown(recipe.name), shown("a=b"));
    QCOMPARE(shown(recipe.method.dump()), shown(R"({"beta":0.5,"id":"npo"})"));
    QVERIFY(recipe.evaluation.probes == std::vector<std::string>{"Who?"});
    QCOMPARE(recipe.training.steps, std::int64_t{4});
    QCOMPARE(shown(recipe.device), shown("cpu"));
    QCOMPARE(recipe.evaluation.generate, false);
    QVERIFY(recipe.retain.path.ends_with("/r.json"));
}

void TestRecipe::anAssignmentThatCannotBeIsRefused_data()
{
    QTest::addColumn<QByteArray>("assignment");
    QTest::addColumn<QByteArray>("context");
    QTest::newRow("no value") << QByteArray("seed") << QByteArray("--set");
    QTest::newRow("no key") << QByteArray("=7") << QByteArray("--set");
    QTest::newRow("into a text") << QByteArray("model.new=1") << QByteArray("--set");
    QTest::newRow("into a list") << QByteArray("controls.0=1") << QByteArray("--set");
    QTest::newRow("a key with an empty part")
        << QByteArray("training.=1") << QByteArray("recipe.training");
    QTest::newRow("an unknown key") << QByteArray("sead=7") << QByteArray("recipe");
    QTest::newRow("a wrong type") << QByteArray("seed=seven") << QByteArray("recipe.seed");
    QTest::newRow("a text that only begins as a number")
        << QByteArray("training.learning_rate=1e-4x") << QByteArray("recipe.training");
}

void TestRecipe::anAssignmentThatCannotBeIsRefused()
{
    QFETCH(QByteArray, assignment);
    QFETCH(QByteArray, context);
    const Result<Recipe> recipe = assigned({"controls=[]", assignment.toStdString()});
    QVERIFY(!recipe);
    QVERIFY(recipe.error().code == ErrorCode::InvalidArgument);
    QVERIFY2(recipe.error().context.find(context.toStdString()) != std::string::npos,
             recipe.error().text().c_str());
}

void TestRecipe::aRecipeWithoutANameTakesItsFile()
{
    QCOMPARE(shown(assigned({})->name), shown("small"));
}

void TestRecipe::anErrorNamesTheFile()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("bad.json"), "{\n\"lacuna\": 1,\n}");
    const Result<Recipe> malformed = readRecipe(folder.file("bad.json"));
    QCOMPARE(shown(malformed.error().context), shown(folder.file("bad.json").string() + ":3"));
    writeBytes(folder.file("list.json"), "[]");
    const Result<Recipe> list = readRecipe(folder.file("list.json"));
    QVERIFY(list.error().context.starts_with(folder.file("list.json").string()));
    QVERIFY(!readRecipe(folder.file("list.json"), {"seed=1"}));
}

void TestRecipe::aFileThatIsNotThereIsNotFound()
{
    const TemporaryFolder folder;
    QVERIFY(readRecipe(folder.file("none.json")).error().code == ErrorCode::NotFound);
}

void TestRecipe::layersAreListed_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QList<qint64>>("wanted");
    const auto row = [](const char* text, const QList<qint64>& wanted) {
        QTest::newRow(text) << QByteArray(text) << wanted;
    };
    row("all", {0, 1, 2, 3, 4});
    row("0", {0});
    row("4", {4});
    row("0-2", {0, 1, 2});
    row("3,1", {1, 3});
    row("0-1,3", {0, 1, 3});
    row("1-3,2-4", {1, 2, 3, 4});
    row(" 1 - 2 , 4 ", {1, 2, 4});
}

void TestRecipe::layersAreListed()
{
    QFETCH(QByteArray, text);
    QFETCH(QList<qint64>, wanted);
    const auto layers = parseLayers(text.toStdString(), 5);
    QVERIFY(layers);
    QCOMPARE(QList<qint64>(layers->begin(), layers->end()), wanted);
}

void TestRecipe::layersThatAreNotThereAreRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char* text :
         {"", "5", "0-5", "3-1", "-1", "1-", "one", "1,,2", "1-2-3", "0x1", "99999999999999999999"})
        QTest::addRow("\"%s\"", text) << QByteArray(text);
}

void TestRecipe::layersThatAreNotThereAreRefused()
{
    QFETCH(QByteArray, text);
    const auto layers = parseLayers(text.toStdString(), 5);
    QVERIFY(!layers);
    QCOMPARE(shown(layers.error().context), shown("recipe.scope.layers"));
    QVERIFY(layers.error().remedy.find("0-4") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestRecipe)
#include "tst_recipe.moc"
