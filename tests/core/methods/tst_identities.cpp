#include "core/methods/scored_batch.h"
#include "core/methods/terms.h"
#include "tests/core/base/std_text.h"
#include "tests/support/objective.h"

#include <QtTest>

#include <cmath>
#include <numbers>

using namespace lacuna;

// Identities that the papers' formulas imply, in float64.

namespace {

/// sum of log p over every scored token, by the number of sequences: gradient ascent on sequences.
class SequenceAscent final : public Term {
public:
    [[nodiscard]] at::Tensor contribution(ScoredBatch& batch, const Normaliser& normaliser) override
    {
        return batch.tokenLogProbs().sum().div(normaliser.sequences);
    }
};

struct Evaluated {
    double loss = 0;
    std::map<std::string, at::Tensor> gradients;
};

Evaluated evaluated(Term& term, Decoder& decoder, const std::vector<ScoredSample>& samples,
                    const std::vector<std::size_t>& cuts = {})
{
    decoder.trainAll();
    Evaluated result{.loss = lossAndGradient(term, decoder, samples, cuts)};
    result.gradients = gradientsOf(decoder);
    return result;
}

double largestElement(const std::map<std::string, at::Tensor>& gradients)
{
    double largest = 0;
    for (const auto& [name, gradient] : gradients)
        largest = std::max(largest, gradient.abs().max().item<double>());
    return largest;
}

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

class TestIdentities : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void npoStartsAtTwoLogTwoOverBeta_data();
    void npoStartsAtTwoLogTwoOverBeta();
    void npoStartsWithTheGradientOfAscent();
    void npoTendsToAscentAsBetaVanishes();
    void npoLosesInterestInWhatIsForgotten();
    void npoRefusesImpossibleInput();
    void divergenceFromItselfIsZero_data();
    void divergenceFromItselfIsZero();
    void divergenceIsNeverNegative();
    void ascentIsTrainingTurnedAround();

    void anyCutIntoMicroBatchesGivesTheSame_data() { addTerms(); }
    void anyCutIntoMicroBatchesGivesTheSame();
    void theReferenceDoesNotDependOnItsBatches_data() { addTerms(); }
    void theReferenceDoesNotDependOnItsBatches();
    void paddingChangesNothing_data() { addTerms(); }
    void paddingChangesNothing();
    void theMeanOverAllRowsSeesPadding();
};

void TestIdentities::npoStartsAtTwoLogTwoOverBeta_data()
{
    QTest::addColumn<double>("beta");
    QTest::newRow("0.1") << 0.1;
    QTest::newRow("1") << 1.0;
    QTest::newRow("10") << 10.0;
}

void TestIdentities::npoStartsAtTwoLogTwoOverBeta()
{
    QFETCH(double, beta);
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
        const auto decoder = tinyModel(tinyConfig(), type);
        const std::vector<ScoredSample> samples = tinyCorpus();
        NpoTerm term(beta);
        prepareTerm(term, *decoder, samples);
        // In the batches of the preparation the ratio is 0 to the last bit.
        const double loss = evaluated(term, *decoder, samples).loss;
        const double wanted = 2 * std::numbers::ln2 / beta;
        QVERIFY(std::abs(loss - wanted) <= (type == at::kDouble ? 1e-14 : 1e-6) * wanted);
    }
}

void TestIdentities::npoStartsWithTheGradientOfAscent()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    NpoTerm npo(0.1);
    SequenceAscent ascent;
    prepareTerm(npo, *decoder, samples);
    const auto wanted = evaluated(ascent, *decoder, samples).gradients;
    QVERIFY(largestElement(wanted) > 0.1);
    QVERIFY(largestDifference(evaluated(npo, *decoder, samples).gradients, wanted) <= 1e-13);
}

void TestIdentities::npoTendsToAscentAsBetaVanishes()
{
    const std::vector<ScoredSample> samples = tinyCorpus();
    SequenceAscent ascent;
    double before = INFINITY;
    for (const double beta : {1e-2, 1e-3, 1e-4}) {
        const auto decoder = tinyModel();
        NpoTerm npo(beta);
        prepareTerm(npo, *decoder, samples);
        disturb(*decoder); // away from the start, where they agree for every beta
        const auto wanted = evaluated(ascent, *decoder, samples).gradients;
        const double difference =
            largestDifference(evaluated(npo, *decoder, samples).gradients, wanted) /
            largestElement(wanted);
        QVERIFY(difference > 0 && difference < before / 5); // of first order in beta
        before = difference;
    }
    QVERIFY(before <= 1e-3);
}

void TestIdentities::npoLosesInterestInWhatIsForgotten()
{
    const auto at = [](double ratio) {
        const at::Tensor policy =
            at::Tensor(hiddenRows(*tinyModel(), {{0}})).new_full({1}, ratio).requires_grad_();
        const at::Tensor loss = npoLoss(policy, policy.detach().new_zeros({1}), 0.1, 1);
        loss.backward();
        return std::pair{loss.item<double>(), policy.grad().item<double>()};
    };
    const auto [startLoss, startSlope] = at(0);
    QVERIFY(std::abs(startSlope - 1) <= 1e-15);
    const auto [lateLoss, lateSlope] = at(-400);
    QVERIFY(lateLoss >= 0 && lateLoss < 1e-15 && lateSlope < 1e-15);
    const auto [grownLoss, grownSlope] = at(1e5); // no overflow on the other side
    QVERIFY(std::abs(grownLoss - 2e5) <= 1e-9 && std::abs(grownSlope - 2) <= 1e-15);
    QVERIFY(startLoss > lateLoss && startLoss < grownLoss);
}

void TestIdentities::npoRefusesImpossibleInput()
{
    const at::Tensor three = hiddenRows(*tinyModel(), {{0}}).new_zeros({3});
    QVERIFY_EXCEPTION_THROWN((void)npoLoss(three, three.narrow(0, 0, 2), 0.1, 3), std::exception);
    QVERIFY_EXCEPTION_THROWN((void)npoLoss(three, three, 0, 3), std::exception);
}

void TestIdentities::divergenceFromItselfIsZero_data()
{
    QTest::addColumn<int>("positions");
    QTest::addColumn<int>("type");
    for (const auto positions : {DivergencePositions::Scored, DivergencePositions::All})
        for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kBFloat16})
            QTest::addRow("%s, %s", positions == DivergencePositions::All ? "all" : "scored",
                          c10::toString(type))
                << static_cast<int>(positions) << static_cast<int>(type);
}

void TestIdentities::divergenceFromItselfIsZero()
{
    QFETCH(int, positions);
    QFETCH(int, type);
    const auto decoder = tinyModel(tinyConfig(), static_cast<at::ScalarType>(type));
    const std::vector<ScoredSample> samples = tinyCorpus();
    DivergenceTerm term(static_cast<DivergencePositions>(positions));
    prepareTerm(term, *decoder, samples);
    const Evaluated start = evaluated(term, *decoder, samples);
    QCOMPARE(start.loss, 0.0);
    // softmax and exp(log_softmax) may differ in the last bit.
    const double rounding = static_cast<at::ScalarType>(type) == at::kDouble ? 1e-14 : 1e-5;
    QVERIFY(largestElement(start.gradients) <= rounding);
}

void TestIdentities::divergenceIsNeverNegative()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    DivergenceTerm term(DivergencePositions::Scored);
    prepareTerm(term, *decoder, samples);
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
        disturb(*decoder, seed);
        QVERIFY(evaluated(term, *decoder, samples).loss > 0);
    }
}

void TestIdentities::ascentIsTrainingTurnedAround()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const Evaluated up = evaluated(*makeTerm("method ga"), *decoder, samples);
    const Evaluated down = evaluated(*makeTerm("method finetune"), *decoder, samples);
    QCOMPARE(up.loss, -down.loss);
    for (const auto& [name, gradient] : up.gradients)
        QVERIFY(gradient.equal(down.gradients.at(name).neg()));
    QCOMPARE(down.loss, tokenMeanLoss(*decoder, samples).item<double>());
}

void TestIdentities::anyCutIntoMicroBatchesGivesTheSame()
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

void TestIdentities::theReferenceDoesNotDependOnItsBatches()
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

void TestIdentities::paddingChangesNothing()
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

void TestIdentities::theMeanOverAllRowsSeesPadding()
{
    std::vector<double> losses;
    for (const auto& samples : {tinyCorpus(), padded(tinyCorpus())}) {
        const auto decoder = tinyModel();
        DivergenceTerm term(DivergencePositions::All);
        prepareTerm(term, *decoder, samples);
        disturb(*decoder);
        losses.push_back(evaluated(term, *decoder, samples).loss);
    }
    QVERIFY(std::abs(losses[0] - losses[1]) > 1e-4);
}

QTEST_GUILESS_MAIN(TestIdentities)
#include "tst_identities.moc"
