#include "core/methods/method.h"
#include "core/methods/scored_batch.h"
#include "core/run/objective.h"
#include "core/run/recipe.h"
#include "tests/core/base/std_text.h"
#include "tests/support/objective.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>

using namespace lacuna;

// A new entry of a catalogue has these tests without a line being written here.

namespace {

void addMethods()
{
    QTest::addColumn<QString>("id");
    for (const std::string& id : methods().ids())
        QTest::newRow(id.c_str()) << shown(id);
}

void addTerms()
{
    QTest::addColumn<QString>("name");
    for (const std::string& name : termNames())
        QTest::newRow(name.c_str()) << shown(name);
}

Result<MethodSpec> specOf(const Json& object)
{
    return readMethodSpec(object, "method");
}

/// A value of \p spec's type that is not its default.
Json otherValue(const ParamSpec& spec)
{
    if (!spec.choices.empty())
        return spec.choices.back();
    if (const auto* flag = std::get_if<bool>(&spec.fallback))
        return !*flag;
    if (spec.max && std::holds_alternative<std::int64_t>(spec.fallback))
        return static_cast<std::int64_t>(*spec.max);
    if (spec.max)
        return *spec.max;
    if (const auto* number = std::get_if<double>(&spec.fallback))
        return *number + 1;
    if (const auto* number = std::get_if<std::int64_t>(&spec.fallback))
        return *number + 1;
    return "other";
}

/// Every value that \p spec must refuse.
std::vector<Json> wrongValues(const ParamSpec& spec)
{
    std::vector<Json> wrong = {Json::array(), Json::object()};
    if (spec.min)
        wrong.emplace_back(*spec.min - 1);
    if (spec.max)
        wrong.emplace_back(*spec.max + 1);
    if (std::holds_alternative<std::string>(spec.fallback)) {
        wrong.emplace_back(3);
        if (!spec.choices.empty())
            wrong.emplace_back("no such choice");
    } else {
        wrong.emplace_back("a text");
    }
    return wrong;
}

/// Checks that each wrong value of \p specs, put at \p pointer of \p object, is refused by name.
void refuseWrongValues(const std::vector<ParamSpec>& specs, const Json& object,
                       const std::string& pointer)
{
    const std::string place = pointer.empty() ? "method" : "method.retain";
    for (const ParamSpec& param : specs)
        for (const Json& value : wrongValues(param)) {
            Json changed = object;
            changed[Json::json_pointer(pointer)][param.name] = value;
            const Result<MethodSpec> spec = specOf(changed);
            QVERIFY2(!spec, changed.dump().c_str());
            QCOMPARE(spec.error().code, ErrorCode::InvalidArgument);
            QVERIFY2(shown(spec.error().message).startsWith(shown(param.name + " cannot be")),
                     spec.error().message.c_str());
            QCOMPARE(spec.error().context, place);
        }
}

} // namespace

class TestMethodCatalog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEntrySaysAllAboutItself_data() { addMethods(); }
    void anEntrySaysAllAboutItself();
    void aTermGivesAFiniteLossAndAGradient_data() { addTerms(); }
    void aTermGivesAFiniteLossAndAGradient();
    void onlyTrainedParametersGetAGradient_data() { addTerms(); }
    void onlyTrainedParametersGetAGradient();
    void aTermIsReadyForSamplesWithoutScoredTokens_data() { addTerms(); }
    void aTermIsReadyForSamplesWithoutScoredTokens();
    void aCancelledPreparationSaysSo_data() { addTerms(); }
    void aCancelledPreparationSaysSo();

    void aSpecReadsBackWhatItWrote_data() { addMethods(); }
    void aSpecReadsBackWhatItWrote();
    void parametersOutOfRangeAreRefused_data() { addMethods(); }
    void parametersOutOfRangeAreRefused();
    void anUnknownParameterIsNamed_data() { addMethods(); }
    void anUnknownParameterIsNamed();
    void aRetainTermIsTakenOnlyWhereItHelps_data() { addMethods(); }
    void aRetainTermIsTakenOnlyWhereItHelps();

    void aBadSpecIsNamed_data();
    void aBadSpecIsNamed();
};

void TestMethodCatalog::anEntrySaysAllAboutItself()
{
    QFETCH(QString, id);
    const MethodInfo* method = methods().find(id.toStdString()).value();
    QVERIFY(!method->title.empty());
    QVERIFY(!method->source.empty());
    QVERIFY(method->explanation.size() > 80);
    QVERIFY(!method->normalisation.empty());
    if (!method->defaultRetain.empty())
        QVERIFY(retainTerms().find(method->defaultRetain));
    QVERIFY(method->retain != RetainUse::Required || !method->defaultRetain.empty());
    for (const ParamSpec& param : method->params)
        QVERIFY2(!param.help.empty(), param.name.c_str());
    // What reads alternates lets a person choose how many.
    const bool counts =
        std::ranges::find(method->params, "alternates", &ParamSpec::name) != method->params.end();
    QCOMPARE(counts, method->answers != AnswerSource::None);
}

void TestMethodCatalog::aTermGivesAFiniteLossAndAGradient()
{
    QFETCH(QString, name);
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto term = makeTerm(name.toStdString());
    prepareTerm(*term, *decoder, samples);
    disturb(*decoder); // a divergence has no gradient at its start
    decoder->trainAll();

    const at::Tensor loss = lossOf(*term, *decoder, samples);
    QCOMPARE(loss.dim(), std::int64_t{0});
    QVERIFY(std::isfinite(loss.item<double>()));
    loss.backward();

    // Nothing above the block that a term ends at is run.
    std::set<std::string> reached;
    for (const WeightSlot& slot :
         trainedSlots({}, {.block = term->input(decoder->config()).block}, decoder->config())
             .value())
        reached.insert(slot.name);
    for (const auto& [parameter, gradient] : gradientsOf(*decoder)) {
        QVERIFY2(gradient.isfinite().all().item<bool>(), parameter.c_str());
        QVERIFY2(gradient.any().item<bool>() == reached.contains(parameter), parameter.c_str());
    }
}

void TestMethodCatalog::onlyTrainedParametersGetAGradient()
{
    QFETCH(QString, name);
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto term = makeTerm(name.toStdString());
    decoder->trainAll();
    prepareTerm(*term, *decoder, samples);
    for (const auto& [parameter, gradient] : gradientsOf(*decoder))
        QVERIFY2(!gradient.any().item<bool>(), "the preparation left a gradient");
    disturb(*decoder);
    const std::int64_t last =
        term->input(decoder->config()).block.value_or(decoder->config().layers - 1);
    const std::vector<std::string> trained = {decoder->config().inBlock(last, "self_attn.o_proj") +
                                              ".bias"};
    decoder->setTrained(trained);

    (void)lossAndGradient(*term, *decoder, samples);

    const auto gradients = gradientsOf(*decoder);
    QCOMPARE(gradients.size(), std::size_t{1});
    QVERIFY(gradients.at(trained.front()).any().item<bool>());
}

void TestMethodCatalog::aTermIsReadyForSamplesWithoutScoredTokens()
{
    QFETCH(QString, name);
    const auto decoder = tinyModel();
    std::vector<ScoredSample> samples = tinyCorpus();
    std::ranges::fill(samples[1].scored, std::uint8_t{0});
    const auto term = makeTerm(name.toStdString());
    decoder->trainAll();
    prepareTerm(*term, *decoder, samples, 10);
    // Alone in its micro-batch as well.
    QVERIFY(std::isfinite(lossAndGradient(*term, *decoder, samples, {1, 1, 2})));
    for (const auto& [parameter, gradient] : gradientsOf(*decoder))
        QVERIFY2(gradient.isfinite().all().item<bool>(), parameter.c_str());
}

void TestMethodCatalog::aCancelledPreparationSaysSo()
{
    QFETCH(QString, name);
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto term = makeTerm(name.toStdString());
    const AlternateAnswers alternates = alternatesFor(*term, *decoder, samples);
    int asked = 0;
    const bool finished = term->prepare({*decoder, {samples, &alternates}, 1, [&](double share) {
                                             ++asked;
                                             return share < 0.5;
                                         }});
    QCOMPARE(finished, asked == 0); // what caches nothing asks nobody
    QVERIFY(asked == 0 || asked == 2);
}

void TestMethodCatalog::aSpecReadsBackWhatItWrote()
{
    QFETCH(QString, id);
    const MethodInfo* method = methods().find(id.toStdString()).value();
    const auto compare = [](const Json& object) {
        const MethodSpec spec = specOf(object).value();
        QCOMPARE(specOf(spec.toJson()).value().toJson(), spec.toJson());
        for (const auto& [key, value] : object.items())
            if (!value.is_object())
                QCOMPARE(shown(spec.toJson()[key].dump()), shown(value.dump()));
    };
    Json object = {{"id", method->id}};
    compare(object);
    object["forget_weight"] = 0.25;
    for (const ParamSpec& param : method->params)
        object[param.name] = otherValue(param);
    compare(object);
    if (method->retain == RetainUse::Never)
        return;
    for (const RetainTermInfo& term : retainTerms().entries()) {
        object["retain"] = {{"id", term.id}, {"weight", 3.5}};
        for (const ParamSpec& param : term.params)
            object["retain"][param.name] = otherValue(param);
        compare(object);
        const MethodSpec spec = specOf(object).value();
        QCOMPARE(spec.retainId, term.id);
        QCOMPARE(spec.retainWeight, 3.5);
        QCOMPARE(spec.toJson()["retain"], object["retain"]);
    }
}

void TestMethodCatalog::parametersOutOfRangeAreRefused()
{
    QFETCH(QString, id);
    const MethodInfo* method = methods().find(id.toStdString()).value();
    refuseWrongValues(method->params, {{"id", method->id}}, "");
    const std::vector<ParamSpec> forget = {{.name = "forget_weight", .min = 0}};
    refuseWrongValues(forget, {{"id", method->id}}, "");
    if (method->retain == RetainUse::Never)
        return;
    for (const RetainTermInfo& term : retainTerms().entries()) {
        std::vector<ParamSpec> params = term.params;
        params.push_back({.name = "weight", .min = 0});
        refuseWrongValues(params, {{"id", method->id}, {"retain", {{"id", term.id}}}}, "/retain");
    }
}

void TestMethodCatalog::anUnknownParameterIsNamed()
{
    QFETCH(QString, id);
    const MethodInfo* method = methods().find(id.toStdString()).value();
    const auto text = [](const Json& object) {
        const Result<MethodSpec> spec = specOf(object);
        return spec ? QStringLiteral("it was accepted") : shown(spec.error().text());
    };
    QVERIFY(text({{"id", method->id}, {"forget_wieght", 1}}).contains(u"forget_wieght"));
    QVERIFY(text({{"id", method->id}, {"forget_wieght", 1}}).contains(u"forget_weight"));
    if (method->retain != RetainUse::Never)
        QVERIFY(text({{"id", method->id}, {"retain", {{"id", "nll"}, {"wieght", 1}}}})
                    .contains(u"did you mean \"weight\""));
}

void TestMethodCatalog::aRetainTermIsTakenOnlyWhereItHelps()
{
    QFETCH(QString, id);
    const MethodInfo* method = methods().find(id.toStdString()).value();
    const Json object = {{"id", method->id}, {"retain", {{"id", "nll"}}}};
    const Result<MethodSpec> spec = specOf(object);
    if (method->retain != RetainUse::Never) {
        QCOMPARE(spec.value().retainId, std::string("nll"));
        QCOMPARE(specOf({{"id", method->id}}).value().retainId, method->defaultRetain);
        return;
    }
    QVERIFY(!spec);
    QCOMPARE(spec.error().context, std::string("method.retain"));
    QVERIFY(shown(spec.error().message).contains(id));
    QVERIFY(specOf({{"id", method->id}, {"retain", nullptr}}));
    QVERIFY(specOf({{"id", method->id}}).value().retainId.empty());
}

void TestMethodCatalog::aBadSpecIsNamed_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("context");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* json, const char* context, const char* text) {
        QTest::newRow(json) << QByteArray(json) << QString::fromLatin1(context)
                            << QString::fromLatin1(text);
    };
    row("[]", "method.id", "needs an id");
    row("{}", "method.id", "grad-diff");
    row(R"({"id": 3})", "method.id", "needs an id");
    row(R"({"id": "npoo"})", "method.id", "did you mean \"npo\"");
    row(R"({"id": "grad-diff", "retain": "nll"})", "method.retain.id", "needs an id");
    row(R"({"id": "grad-diff", "retain": {}})", "method.retain.id", "known ones");
    row(R"({"id": "grad-diff", "retain": {"id": "nlll"}})", "method.retain.id", "nll");
    row(R"({"id": "grad-diff", "retain": {"id": "nll", "weight": -1}})", "method.retain",
        "weight cannot be -1");
    row(R"({"id": "npo", "beta": 0})", "method", "beta cannot be 0; it must be");
    row(R"({"id": "npo", "forget_weight": "much"})", "method", "forget_weight cannot be \"much\"");
}

void TestMethodCatalog::aBadSpecIsNamed()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, context);
    QFETCH(QString, text);
    const Result<MethodSpec> spec = specOf(Json::parse(json.toStdString()));
    QVERIFY(!spec);
    QCOMPARE(shown(spec.error().context), context);
    QVERIFY2(shown(spec.error().text()).contains(text), spec.error().text().c_str());
}

QTEST_GUILESS_MAIN(TestMethodCatalog)
#include "tst_method_catalog.moc"
