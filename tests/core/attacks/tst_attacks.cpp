#include "core/base/rng.h"
#include "tests/core/attacks/attack_bench.h"
#include "tests/core/store/temporary_folder.h"
#include "tests/support/test_main.h"

#include <ATen/ATen.h>

using namespace lacuna;
using namespace Qt::StringLiterals;

/// What single attacks measure.
class TestAttacks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBestOfManyIsAtLeastTheirMean();
    void samplingIsRepeatedByItsSeed();
    void aPrefixIsContinued();
    void answersThatAreTooShortAreLeftOut();
    void roundingIsComparedWithTheOriginal();
    void noiseIsAsLargeAsItSays();
    void aChoiceIsAShareOfAllOptions();
    void whatTheDataLacksIsASentence_data();
    void whatTheDataLacksIsASentence();
    void aFileMustAskForTheSameRows();
    void anotherLanguageBringsItsOwnAnswers();
    void relearningMeasuresWhatItDidNotShow();

private:
    AttackBench m_bench{6};
};

namespace {

const MetricResult& named(const AttackedSetting& setting, const std::string& metric)
{
    for (const MetricResult& measured : setting.measured)
        if (measured.metric == metric)
            return measured;
    throw std::logic_error("no " + metric);
}

} // namespace

void TestAttacks::theBestOfManyIsAtLeastTheirMean()
{
    // Warm enough for a model that knows its answers by heart to stray.
    const auto settings =
        m_bench.attack({{"id", "sampling"}, {"samples", 4}, {"temperature", 2.0}}).value();
    QCOMPARE(settings.size(), std::size_t{2});
    const MetricResult& means = named(settings[0], "rouge-l");
    const MetricResult& bests = named(settings[1], "rouge-l");
    for (std::size_t i = 0; i < means.samples.size(); ++i)
        QVERIFY(bests.samples[i].value >= means.samples[i].value);
    QVERIFY(bests.value > means.value);
    QVERIFY(settings[1].wantsReference && !settings[0].wantsReference);
}

void TestAttacks::samplingIsRepeatedByItsSeed()
{
    const auto drawn = [&](std::int64_t seed) {
        return m_bench
            .attack({{"id", "sampling"}, {"samples", 2}, {"temperature", 2.0}, {"seed", seed}})
            .value()[1]
            .answers;
    };
    QVERIFY(drawn(1) == drawn(1));
    QVERIFY(drawn(1) != drawn(2));
}

void TestAttacks::aPrefixIsContinued()
{
    const auto settings = m_bench.attack({{"id", "prefix"}, {"tokens", "1,3"}}).value();
    QCOMPARE(settings.size(), std::size_t{2});
    // The original knows its answers by heart: with or without a beginning it tells the rest.
    for (const AttackedSetting& setting : settings) {
        QVERIFY(named(setting, "rouge-l").value > 0.9);
        QVERIFY(setting.before->front().value > 0.9);
    }
    const ScoredSample& first = *m_bench.samples.front();
    const std::vector<std::int64_t> rest(first.ids.begin() + first.promptLength + 3,
                                         first.ids.end());
    const std::string wanted = m_bench.tokenizer->decode(rest);
    const std::string said = settings[1].answers.at(first.index);
    QVERIFY2(wanted.find(said.substr(0, 10)) != std::string::npos, (wanted + " | " + said).c_str());
}

void TestAttacks::answersThatAreTooShortAreLeftOut()
{
    const auto settings = m_bench.attack({{"id", "prefix"}, {"tokens", "2,500"}}).value();
    QCOMPARE(settings.size(), std::size_t{1});
    const auto none = m_bench.attack({{"id", "prefix"}, {"tokens", "500"}});
    QVERIFY(!none);
    QVERIFY(none.error().text().find("no answer is longer than the 500 tokens") !=
            std::string::npos);
}

void TestAttacks::roundingIsComparedWithTheOriginal()
{
    AttackTarget target = m_bench.target();
    target.original = [](const Parameter& parameter) { return parameter.master.clone(); };
    // Asked while the weights are rounded: the original is what it was.
    std::map<std::string, at::Tensor> whole = m_bench.weights();
    target.original = [&](const Parameter& parameter) { return whole.at(parameter.name); };
    const Json spec = {{"id", "quantisation"}, {"formats", "int4,int8"}, {"group", 64}};
    for (const AttackedSetting& setting : AttackBench::attack(spec, target).value()) {
        QCOMPARE(setting.facts["moved"].get<double>(), 0.0);
        QCOMPARE(setting.facts["rounded_differently"].get<double>(), 0.0);
    }
    const at::NoGradGuard noGrad;
    for (auto& [name, tensor] : whole) // a thousandth everywhere: far below half a step of int4
        tensor.mul_(1 + 1e-3 * (at::rand_like(tensor) - 0.5));
    const auto settings = AttackBench::attack(spec, target).value();
    const double coarse = settings[0].facts["rounded_differently"].get<double>();
    const double fine = settings[1].facts["rounded_differently"].get<double>();
    QVERIFY(settings[0].facts["moved"].get<double>() > 0.9);
    QVERIFY(coarse < fine && coarse < 0.01);
    QVERIFY(!m_bench.attack(spec).value().front().facts.contains("moved"));
}

void TestAttacks::noiseIsAsLargeAsItSays()
{
    // Through the eyes of the scan: no noise to speak of changes nothing, much of it a lot.
    const auto loss = [&](double scale) {
        return named(m_bench.attack({{"id", "weight-noise"}, {"scale", scale}, {"seeds", 1}})
                         .value()
                         .front(),
                     "probability")
            .value;
    };
    const double known = recallOf(m_bench.plain)[2].value;
    QVERIFY(std::abs(loss(1e-6) - known) < 1e-3);
    QVERIFY(loss(2.0) < 0.5 * known);
}

void TestAttacks::aChoiceIsAShareOfAllOptions()
{
    AttackBench bench(3);
    for (RawSample& sample : bench.forget.samples)
        sample.perturbedAnswers = {"Zq zq zq.", sample.answer, "Xx yy."};
    const auto settings = bench.attack({{"id", "multiple-choice"}}).value();
    const MetricResult& shares = named(settings.front(), "option-probability");
    QCOMPARE(shares.samples.size(), std::size_t{3});
    // The truth among the wrong answers is no option of its own.
    QVERIFY(std::abs(settings.front().facts["chance"].get<double>() - 1.0 / 3) < 1e-12);
    // A model that knows its answers finds them likelier than noise.
    for (const MetricResult::Item& item : settings.front().before->front().samples)
        QVERIFY(item.value > 0.8 && item.value <= 1);
}

void TestAttacks::whatTheDataLacksIsASentence_data()
{
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("said");
    QTest::newRow("paraphrases") << u"{\"id\": \"paraphrase\"}"_s << u"paraphrased_question"_s;
    QTest::newRow("wrong answers") << u"{\"id\": \"multiple-choice\"}"_s << u"perturbed_answer"_s;
    QTest::newRow("a subject") << u"{\"id\": \"reverse-query\"}"_s << u"(subject)"_s;
    QTest::newRow("a file") << u"{\"id\": \"cross-lingual\"}"_s << u"\"file\""_s;
    QTest::newRow("an adapter") << u"{\"id\": \"adapter-removal\"}"_s << u"no adapter"_s;
    QTest::newRow("a retain set") << u"{\"id\": \"in-context\", \"from\": \"retain\"}"_s
                                  << u"no retain set"_s;
    QTest::newRow("questions") << u"{\"id\": \"prefill\"}"_s << u"no questions"_s;
}

void TestAttacks::whatTheDataLacksIsASentence()
{
    QFETCH(const QString, spec);
    QFETCH(const QString, said);
    AttackBench bench(2);
    for (RawSample& sample : bench.forget.samples) {
        sample.subject.clear();
        sample.paraphrasedQuestion.clear();
        sample.perturbedAnswers.clear();
    }
    if (spec.contains(u"prefill"))
        for (RawSample& sample : bench.forget.samples)
            sample.kind = SampleKind::Text;
    AttackTarget target = bench.target();
    target.retain = nullptr;
    const auto settings = AttackBench::attack(Json::parse(spec.toStdString()), target);
    QVERIFY(!settings);
    QVERIFY2(settings.error().text().find(said.toStdString()) != std::string::npos,
             settings.error().text().c_str());
    QVERIFY(settings.error().code != ErrorCode::Internal);
}

void TestAttacks::aFileMustAskForTheSameRows()
{
    const TemporaryFolder folder;
    const std::string file = folder.file("other.jsonl").string();
    writeFileAtomically(file, "{\"question\": \"One?\", \"answer\": \"One.\"}\n").value();
    const auto settings = m_bench.attack({{"id", "synonym-manipulation"}, {"file", file}});
    QVERIFY(!settings);
    QVERIFY(settings.error().text().find("the file has 1 rows and the forget set 6") !=
            std::string::npos);
}

void TestAttacks::anotherLanguageBringsItsOwnAnswers()
{
    const TemporaryFolder folder;
    const std::string file = folder.file("other.jsonl").string();
    AttackBench bench(1);
    writeFileAtomically(file, Json{{"question", bench.forget.samples.front().prompt},
                                   {"answer", "Etwas ganz anderes."}}
                                      .dump() +
                                  "\n")
        .value();
    AttackTarget target = bench.target();
    target.maxNewTokens = 40; // the whole answer
    const auto value = [&](const char* id) {
        return named(AttackBench::attack({{"id", id}, {"file", file}}, target).value().front(),
                     "rouge-l")
            .value;
    };
    QVERIFY(value("synonym-manipulation") > 0.9); // the forget set's answer is the truth
    QVERIFY(value("cross-lingual") < 0.1);
}

void TestAttacks::relearningMeasuresWhatItDidNotShow()
{
    AttackTarget target = m_bench.target();
    std::set<std::int64_t> shown;
    target.learner = [&](double rate) {
        m_bench.decoder->trainAll();
        if (rate != 0.125)
            throw std::logic_error("another learning rate");
        return LearnStep([&](const std::vector<ScoredSample>& corpus, const auto& items) {
            for (const std::int64_t item : items)
                shown.insert(corpus[static_cast<std::size_t>(item)].index);
        });
    };
    target.learningRate = 0.125;
    const auto settings = AttackBench::attack(
        {{"id", "relearning"}, {"share", 0.5}, {"steps", 7}, {"every", 3}, {"batch", 2}}, target);
    QCOMPARE(settings->size(), std::size_t{3});
    QCOMPARE(settings->back().label, std::string("7 steps"));
    QCOMPARE(settings->back().values["step"].get<int>(), 7);
    QCOMPARE(shown.size(), std::size_t{3});
    for (const MetricResult::Item& item : named(settings->back(), "probability").samples)
        QVERIFY(!shown.contains(item.index));
    QCOMPARE(named(settings->back(), "probability").samples.size(), std::size_t{3});
}

LACUNA_TEST_MAIN(TestAttacks)
#include "tst_attacks.moc"
