#include "core/methods/terms.h"
#include "tests/core/base/std_text.h"
#include "tests/support/objective.h"

#include <QtTest>

#include <cmath>

using namespace lacuna;

namespace {

/// Every sample with three rows of padding behind it, which nothing reads.
std::vector<ScoredSample> padded(std::vector<ScoredSample> samples)
{
    for (ScoredSample& sample : samples) {
        sample.visibleKeys = static_cast<std::int64_t>(sample.ids.size());
        sample.ids.insert(sample.ids.end(), 3, 0);
        sample.scored.insert(sample.scored.end(), 3, std::uint8_t{0});
    }
    return samples;
}

void addTerms()
{
    QTest::addColumn<QString>("name");
    for (const std::string& name : termNames())
        QTest::newRow(name.c_str()) << shown(name);
}

} // namespace

/// What holds of every term of the catalogues, in float64: a new entry has these tests without a
/// line being written here.
class TestTermLaws : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void gradientsAgreeWithFiniteDifferences_data();
    void gradientsAgreeWithFiniteDifferences();

    void anyCutIntoMicroBatchesGivesTheSame_data() { addTerms(); }
    void anyCutIntoMicroBatchesGivesTheSame();
    void theReferenceDoesNotDependOnItsBatches_data() { addTerms(); }
    void theReferenceDoesNotDependOnItsBatches();
    void paddingChangesNothing_data() { addTerms(); }
    void paddingChangesNothing();
    void theMeanOverAllRowsSeesPadding();
};

void TestTermLaws::gradientsAgreeWithFiniteDifferences_data()
{
    QTest::addColumn<QString>("name");
    // Those that hold a weight or a target of their own constant are no derivative of their value.
    for (const char* name :
         {"method ga",           "method npo",           "method simnpo",
          "method tnpo",         "method random-labels", "method adversarial-labels",
          "method undial",       "method max-entropy",   "method inverted-hinge",
          "method idk",          "method dpo",           "method llmu",
          "method rmu",          "method pdu",           "method ssu",
          "method whp",          "retain nll",           "retain kl",
          "retain ce-reference", "retain residual-drift"})
        QTest::newRow(name) << name;
}

void TestTermLaws::gradientsAgreeWithFiniteDifferences()
{
    QFETCH(QString, name);
    constexpr double kStep = 1e-5;
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto term = makeTerm(name.toStdString());
    prepareTerm(*term, *decoder, samples);
    disturb(*decoder);
    const auto gradients = evaluated(*term, *decoder, samples).gradients;
    for (Parameter& parameter : decoder->parameters()) {
        const at::Tensor flat = parameter.master.view({-1});
        const at::Tensor gradient = gradients.at(parameter.name).view({-1});
        for (const std::int64_t i : {std::int64_t{0}, flat.numel() / 2, flat.numel() - 1}) {
            const double before = flat[i].item<double>();
            const auto lossAt = [&](double value) {
                const at::NoGradGuard noGrad;
                flat[i].fill_(value);
                decoder->refresh();
                return lossOf(*term, *decoder, samples).item<double>();
            };
            const double slope = (lossAt(before + kStep) - lossAt(before - kStep)) / (2 * kStep);
            (void)lossAt(before);
            const double computed = gradient[i].item<double>();
            // A central difference errs by the square of its step, and by rounding over the step.
            QVERIFY2(std::abs(computed - slope) <= 1e-6 * std::abs(slope) + 1e-7,
                     qPrintable(QStringLiteral("%1[%2]: %3 and %4")
                                    .arg(QString::fromStdString(parameter.name))
                                    .arg(i)
                                    .arg(computed, 0, 'g', 12)
                                    .arg(slope, 0, 'g', 12)));
        }
    }
}

void TestTermLaws::anyCutIntoMicroBatchesGivesTheSame()
{
    QFETCH(QString, name);
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus(5);
    const auto term = makeTerm(name.toStdString());
    prepareTerm(*term, *decoder, samples);
    disturb(*decoder);
    const Evaluated whole = evaluated(*term, *decoder, samples);
    using Cuts = std::vector<std::size_t>;
    for (const Cuts& cuts : {Cuts{1, 1, 1, 1, 1}, Cuts{2, 3}, Cuts{4, 1}, Cuts{1, 3, 1}}) {
        const Evaluated parts = evaluated(*term, *decoder, samples, cuts);
        QVERIFY(std::abs(parts.loss - whole.loss) <= 1e-13);
        QVERIFY(largestDifference(parts.gradients, whole.gradients) <= 1e-13);
    }
}

void TestTermLaws::theReferenceDoesNotDependOnItsBatches()
{
    QFETCH(QString, name);
    const std::vector<ScoredSample> samples = tinyCorpus(5);
    std::vector<Evaluated> results;
    for (const std::int64_t budget : {1, 12, 1000}) {
        const auto decoder = tinyModel();
        const auto term = makeTerm(name.toStdString());
        prepareTerm(*term, *decoder, samples, budget);
        disturb(*decoder);
        results.push_back(evaluated(*term, *decoder, samples));
    }
    for (const Evaluated& result : results) {
        QVERIFY(std::abs(result.loss - results.front().loss) <= 1e-13);
        QVERIFY(largestDifference(result.gradients, results.front().gradients) <= 1e-13);
    }
}

void TestTermLaws::paddingChangesNothing()
{
    QFETCH(QString, name);
    std::vector<Evaluated> results;
    for (const auto& samples : {tinyCorpus(), padded(tinyCorpus())}) {
        const auto decoder = tinyModel();
        const auto term = makeTerm(name.toStdString());
        prepareTerm(*term, *decoder, samples);
        disturb(*decoder);
        results.push_back(evaluated(*term, *decoder, samples));
    }
    QVERIFY(std::abs(results[0].loss - results[1].loss) <= 1e-13);
    QVERIFY(largestDifference(results[0].gradients, results[1].gradients) <= 1e-13);
}

void TestTermLaws::theMeanOverAllRowsSeesPadding()
{
    std::vector<double> losses;
    for (const auto& samples : {tinyCorpus(), padded(tinyCorpus())}) {
        const auto decoder = tinyModel();
        DivergenceTerm term(RowChoice::All);
        prepareTerm(term, *decoder, samples);
        disturb(*decoder);
        losses.push_back(evaluated(term, *decoder, samples).loss);
    }
    QVERIFY(std::abs(losses[0] - losses[1]) > 1e-4);
}

QTEST_GUILESS_MAIN(TestTermLaws)
#include "tst_term_laws.moc"
