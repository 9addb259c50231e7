#include "core/run/model_evaluation.h"
#include "core/run/session.h"
#include "core/run/stress_battery.h"
#include "core/run/stress_results.h"
#include "core/run/stress_training.h"
#include "tests/core/attacks/attack_bench.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

#include <ATen/core/grad_mode.h>

#include <set>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

const std::string kSample = RESOURCES_DIR "/sample/";

/// Few items and few tokens of the bundled models.
StressRequest request(const std::string& attacks, const std::string& model = "original")
{
    return {.unlearned = kSample + model,
            .forget = {kSample + "corpus/forget.jsonl"},
            .retain = {kSample + "corpus/retain.jsonl"},
            .device = "cpu",
            .maxLength = 256,
            .maxSamples = 6,
            .maxNewTokens = 12,
            .attacks = parseAttackSpecs(attacks, "test").value()};
}

std::vector<const StressResult*> of(const StressReport& report, ModelRole role,
                                    const std::string& metric)
{
    std::vector<const StressResult*> rows;
    for (const StressResult& result : report.results)
        if (result.role == role && result.metric == metric)
            rows.push_back(&result);
    return rows;
}

} // namespace

/// The battery over whole models.
class TestStressBattery : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyModelIsAttackedInTheSameWay();
    void settingsHaveARowForTheWorst();
    void whatCannotBeMeasuredSaysWhy();
    void progressRisesAndEstimatesCome();
    void whatItTakesIsMeasuredBeforehand();
    void cancellingKeepsWhatWasFound();
    void nothingChangesOnTheDisk();
    void aMissingModelIsAnError();
    void relearningBringsBackWhatWasKnown();
};

void TestStressBattery::everyModelIsAttackedInTheSameWay()
{
    StressRequest battery = request("prefill,paraphrase");
    battery.original = kSample + "original";
    battery.reference = kSample + "reference";
    const StressReport report = runStress(battery, {}).value();
    for (const ModelRole role : {ModelRole::Current, ModelRole::Original, ModelRole::Reference}) {
        const auto rows = of(report, role, "rouge-l");
        QCOMPARE(rows.size(), std::size_t{2});
        for (const StressResult* row : rows) {
            QCOMPARE(row->count, std::int64_t{6});
            QVERIFY(row->worst >= row->value);
            QVERIFY(row->interval && row->interval->low <= row->value &&
                    row->value <= row->interval->high);
            QCOMPARE(stressDetail(*row).items.size(), std::size_t{6});
            QCOMPARE(row->time, report.results.front().time);
        }
    }
    // The "unlearned" model is the original here, so that their numbers are the same.
    const auto here = of(report, ModelRole::Current, "probability");
    const auto there = of(report, ModelRole::Original, "probability");
    for (std::size_t i = 0; i < here.size(); ++i) {
        QCOMPARE(here[i]->value, there[i]->value);
        QCOMPARE(here[i]->before, there[i]->before);
    }
    // It knows the answers; who never saw them does not.
    QVERIFY(here[0]->before > 0.8);
    QVERIFY(of(report, ModelRole::Reference, "probability")[0]->before < 0.5);
    QVERIFY(stressVerdict(report.results).hasReference);
}

void TestStressBattery::settingsHaveARowForTheWorst()
{
    StressRequest battery = request(R"({"id": "quantisation", "formats": "int8,int4"})");
    battery.original = kSample + "original";
    const StressReport report = runStress(battery, {}).value();
    const auto rows = of(report, ModelRole::Current, "probability");
    QCOMPARE(rows.size(), std::size_t{3});
    QCOMPARE(settingOf(*rows[0]), std::string("int8"));
    QCOMPARE(settingOf(*rows[2]), std::string(kWorstSetting));
    QVERIFY(rows[2]->value >= std::max(rows[0]->value, rows[1]->value));
    QCOMPARE(stressDetail(*rows[0]).facts["rounded_differently"].get<double>(), 0.0);
    std::set<std::string> settings;
    for (const StressResult* row : rows)
        settings.insert(row->settings);
    QCOMPARE(settings.size(), std::size_t{3});
    // The mean and the best of the same tries are no settings to choose the worst from.
    const StressReport tries =
        runStress(request(R"({"id": "sampling", "samples": 2})"), {}).value();
    QCOMPARE(of(tries, ModelRole::Current, "rouge-l").size(), std::size_t{2});
}

void TestStressBattery::whatCannotBeMeasuredSaysWhy()
{
    StressRequest battery = request("adapter-removal,cross-lingual,prefill");
    const StressReport report = runStress(battery, {}).value();
    QVERIFY(report.results[0].missing.find("no adapter") != std::string::npos);
    QVERIFY(std::isnan(report.results[0].value));
    QVERIFY(report.results[1].missing.find("another language") != std::string::npos);
    QVERIFY(report.results[2].missing.empty());
    battery.adapterBase = kSample + "reference";
    battery.attacks.resize(1);
    const StressReport bare = runStress(battery, {}).value();
    QVERIFY(of(bare, ModelRole::Current, "probability")[0]->value < 0.5);
}

void TestStressBattery::progressRisesAndEstimatesCome()
{
    StressRequest battery = request("prefill,prefix-injection");
    battery.reference = kSample + "reference";
    std::vector<double> shares;
    std::set<std::string> seen;
    int estimates = 0;
    std::size_t found = 0;
    const StressReport report =
        runStress(battery,
                  {.proceed =
                       [&](const StressProgress& progress) {
                           shares.push_back(progress.share);
                           seen.insert(progress.attack);
                           return true;
                       },
                   .measured =
                       [&](const StressSpeed& speed) {
                           QVERIFY(speed.secondsOf(battery.attacks[0]) > 0);
                           ++estimates;
                       },
                   .found = [&](const std::vector<StressResult>& rows) { found += rows.size(); }})
            .value();
    QVERIFY(std::ranges::is_sorted(shares));
    QVERIFY(shares.back() > 0.5 && shares.back() <= 1);
    QCOMPARE(estimates, 2);
    QCOMPARE(found, report.results.size());
    QVERIFY(seen.contains("prefill") && seen.contains("prefix-injection"));
}

void TestStressBattery::whatItTakesIsMeasuredBeforehand()
{
    const StressRequest battery = request("relearning,sampling");
    const auto go = [] { return true; };
    const StressSpeed speed = measureStress(battery, go).value().value();
    QCOMPARE(speed.items, 6.0);
    QVERIFY(speed.scores > 0 && speed.answers > 0);
    // Twice the items take twice as long, but as many steps of training as before.
    const StressSpeed twice = speed.scaledTo(12);
    QCOMPARE(twice.secondsOf(battery.attacks[1]), 2 * speed.secondsOf(battery.attacks[1]));
    QVERIFY(twice.secondsOf(battery.attacks[0]) < 2 * speed.secondsOf(battery.attacks[0]));
    QVERIFY(!measureStress(battery, [] { return false; }).value());
}

void TestStressBattery::cancellingKeepsWhatWasFound()
{
    bool stop = false;
    const StressReport report =
        runStress(request("prefill,prefix-injection"),
                  {.proceed = [&](const StressProgress&) { return !stop; },
                   .found = [&](const std::vector<StressResult>&) { stop = true; }})
            .value();
    QVERIFY(report.cancelled);
    QVERIFY(!report.results.empty());
    for (const StressResult& result : report.results)
        QCOMPARE(result.attack, std::string("prefill"));
    const StressReport none =
        runStress(request("prefill"), {.proceed = [](const StressProgress&) { return false; }})
            .value();
    QVERIFY(none.cancelled && none.results.empty());
}

void TestStressBattery::nothingChangesOnTheDisk()
{
    const std::string before = modelFolderHash(kSample + "original").value();
    (void)runStress(
        request(R"([{"id": "weight-noise", "seeds": 1}, {"id": "relearning", "steps": 1}])"), {})
        .value();
    QCOMPARE(modelFolderHash(kSample + "original").value(), before);
}

void TestStressBattery::aMissingModelIsAnError()
{
    StressRequest battery = request("prefill");
    battery.unlearned = kSample + "nowhere";
    QVERIFY(!runStress(battery, {}));
    battery = request("prefill");
    battery.attacks.clear();
    QVERIFY(!runStress(battery, {}));
}

void TestStressBattery::relearningBringsBackWhatWasKnown()
{
    // Weights between those of one that knows and one that never did: what is left of the knowledge
    // is below the surface. A few steps on a quarter of it bring out the rest, and bring nothing
    // out of the one that never knew.
    const auto rise = [](double known) {
        AttackBench bench(40);
        const auto reference = std::move(loadDecoder(std::filesystem::path(kSample + "reference"),
                                                     at::kCPU, at::kFloat))
                                   .value();
        {
            const at::NoGradGuard noGrad;
            auto other = reference->parameters().begin();
            for (Parameter& parameter : bench.decoder->parameters())
                parameter.master.lerp_((other++)->master, 1 - known);
            bench.decoder->refresh();
        }
        bench.tokenised(16);
        Session session;
        session.decoder = std::move(bench.decoder);
        session.recipe = evaluationRecipe({.maxLength = 256});
        AttackTarget target{.decoder = *session.decoder,
                            .tokenizer = *bench.tokenizer,
                            .style = bench.style,
                            .forget = bench.forget,
                            .all = bench.tokens.samples,
                            .samples = bench.samples,
                            .plain = bench.plain,
                            .maxLength = 256,
                            .maxNewTokens = 1,
                            .learner = learnerOf(session)};
        const auto settings = AttackBench::attack({{"id", "relearning"},
                                                   {"share", 0.25},
                                                   {"steps", 10},
                                                   {"every", 10},
                                                   {"learning_rate", 3e-4}},
                                                  target)
                                  .value();
        std::map<std::int64_t, double> before;
        const std::vector<MetricResult> unaided = recallOf(bench.plain);
        for (const MetricResult::Item& item : unaided[2].samples)
            before[item.index] = item.value;
        double sum = 0;
        const MetricResult& after = settings.front().measured[2];
        for (const MetricResult::Item& item : after.samples)
            sum += item.value - before.at(item.index);
        return sum / static_cast<double>(after.samples.size());
    };
    const double half = rise(0.5);
    const double never = rise(0);
    QVERIFY2(half > 0.04 && half > 3 * never, qPrintable(u"%1 and %2"_s.arg(half).arg(never)));
}

LACUNA_TEST_MAIN(TestStressBattery)
#include "tst_stress_battery.moc"
