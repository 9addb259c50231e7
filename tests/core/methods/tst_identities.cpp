#include "core/methods/answer_terms.h"
#include "core/methods/residual_terms.h"
#include "core/methods/row_losses.h"
#include "core/methods/scored_batch.h"
#include "core/methods/terms.h"
#include "core/methods/token_terms.h"
#include "tests/core/base/std_text.h"
#include "tests/support/objective.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <numbers>
#include <set>

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

double largestElement(const std::map<std::string, at::Tensor>& gradients)
{
    double largest = 0;
    for (const auto& [name, gradient] : gradients)
        largest = std::max(largest, gradient.abs().max().item<double>());
    return largest;
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
    void meansDifferByTheLengthsOfAnswers_data();
    void meansDifferByTheLengthsOfAnswers();

    void someWeightsAreThoseOfPlainAscent_data();
    void someWeightsAreThoseOfPlainAscent();
    void tokenNpoStartsAtTwoLogTwoOverBeta();
    void simNpoOfWhatIsKnownByHeartIsTwoLogTwoOverBeta();
    void aWeightFallsWithWhatIsForgotten();
    void onlyTheBestKnownShareIsSelected();
    void anUnadjustedTeacherTeachesNothing();
    void theUniformDistributionIsTheAimOfMaximumEntropy();
    void theHingeEndsWhereAnotherTokenHasWon();
    void preferenceStartsAtLogTwo_data();
    void preferenceStartsAtLogTwo();
    void aPreferenceThatIsWonLosesItsWeight();
    void crossEntropyToItselfIsTheEntropyOfTheReference();
    void misdirectionIsTheDistanceOfTheStart();
    void whatHasNotMovedHasNotDrifted_data();
    void whatHasNotMovedHasNotDrifted();
    void meansOfResidualsAgreeWhereCountsDo();
    void everyAlternateComesUpInItsTurn();
    void temperatureDividesTheLogits();
    void flatLogitsAreAtTheirAim();
    void aBrakedPushIsReported();
    void randomLabelsAreThoseOfTheirSeed();
    void adversarialLabelsAreNeverTheTrueOnes();
    void genericLogitsLackWhatMoreTrainingRaised();
    void genericLabelsAreTheOriginalsOwnChoiceAtAlphaZero();
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
    for (const auto positions : {RowChoice::Scored, RowChoice::All})
        for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kBFloat16})
            QTest::addRow("%s, %s", positions == RowChoice::All ? "all" : "scored",
                          c10::toString(type))
                << static_cast<int>(positions) << static_cast<int>(type);
}

void TestIdentities::divergenceFromItselfIsZero()
{
    QFETCH(int, positions);
    QFETCH(int, type);
    const auto decoder = tinyModel(tinyConfig(), static_cast<at::ScalarType>(type));
    const std::vector<ScoredSample> samples = tinyCorpus();
    DivergenceTerm term(static_cast<RowChoice>(positions));
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
    DivergenceTerm term(RowChoice::Scored);
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

void TestIdentities::meansDifferByTheLengthsOfAnswers_data()
{
    QTest::addColumn<QString>("code");
    for (const char* code : {"TM", "SM", "SS"})
        QTest::newRow(code) << code;
}

void TestIdentities::meansDifferByTheLengthsOfAnswers()
{
    QFETCH(QString, code);
    const auto decoder = tinyModel();
    decoder->trainAll();
    const std::vector<ScoredSample> samples = tinyCorpus();
    double sums = 0;
    double means = 0;
    double tokens = 0;
    for (const ScoredSample& sample : samples) {
        ScoredBatch batch(*decoder, {&sample});
        const double sum = -batch.tokenLogProbs().sum().item<double>();
        const auto count = static_cast<double>(sample.scoredCount());
        sums += sum;
        means += sum / count;
        tokens += count;
    }
    const auto count = static_cast<double>(samples.size());
    const double wanted = code == QLatin1String("TM")   ? sums / tokens
                          : code == QLatin1String("SM") ? means / count
                                                        : sums / count;
    ParamSet params({normalisationSpec()});
    QVERIFY(params.set(normalisationSpec(), code.toStdString(), "method"));
    LikelihoodTerm term(+1.0, {}, answerMeanOf(params));
    QVERIFY(std::abs(lossOf(term, *decoder, samples).item<double>() - wanted) < 1e-12);
    LikelihoodTerm cut(+1.0, {}, answerMeanOf(params));
    QVERIFY(std::abs(lossAndGradient(cut, *decoder, samples, {1, 2, 1}) - wanted) < 1e-12);
}

void TestIdentities::someWeightsAreThoseOfPlainAscent_data()
{
    QTest::addColumn<QString>("method");
    QTest::newRow("WGA with beta 0") << R"({"id": "wga", "beta": 0})";
    QTest::newRow("SatImp with both exponents 0") << R"({"id": "satimp", "beta1": 0, "beta2": 0})";
    QTest::newRow("the whole of each answer") << R"({"id": "loss-selection", "share": 1})";
}

void TestIdentities::someWeightsAreThoseOfPlainAscent()
{
    QFETCH(QString, method);
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    const MethodSpec spec = readMethodSpec(Json::parse(method.toStdString()), "method").value();
    const auto term = methods().find(spec.id).value()->make(spec.params);
    const Evaluated weighted = evaluated(*term, *decoder, samples);
    const Evaluated ascent = evaluated(*makeTerm("method ga"), *decoder, samples);
    QVERIFY(std::abs(weighted.loss - ascent.loss) <= 1e-14);
    QVERIFY(largestDifference(weighted.gradients, ascent.gradients) <= 1e-14);
}

void TestIdentities::tokenNpoStartsAtTwoLogTwoOverBeta()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    TokenNpoTerm term(0.5);
    prepareTerm(term, *decoder, samples);
    const Evaluated start = evaluated(term, *decoder, samples);
    QVERIFY(std::abs(start.loss - 4 * std::numbers::ln2) <= 1e-14);
    const Evaluated ascent = evaluated(*makeTerm("method ga"), *decoder, samples);
    QVERIFY(largestDifference(start.gradients, ascent.gradients) <= 1e-14);
}

void TestIdentities::simNpoOfWhatIsKnownByHeartIsTwoLogTwoOverBeta()
{
    const at::Tensor none = hiddenRows(*tinyModel(), {{0}}).new_zeros({3});
    const double loss = simNpoLoss(none, 4.5, 0, 3).item<double>();
    QVERIFY(std::abs(loss - 2 * std::numbers::ln2 / 4.5) <= 1e-15);
    QVERIFY(simNpoLoss(none.add(10), 4.5, 0, 3).item<double>() < 1e-15); // forgotten
    QVERIFY_EXCEPTION_THROWN((void)simNpoLoss(none, 0, 0, 3), std::exception);
}

void TestIdentities::aWeightFallsWithWhatIsForgotten()
{
    at::Tensor logProbs = hiddenRows(*tinyModel(), {{0}}).new_zeros({3});
    logProbs[0].fill_(std::log(0.99));
    logProbs[1].fill_(std::log(0.5));
    logProbs[2].fill_(-800.0);
    const auto weight = [](const at::Tensor& weights, int i) { return weights[i].item<double>(); };
    const at::Tensor wga = saturationImportance(logProbs, 1, 0);
    QVERIFY(std::abs(weight(wga, 0) - 0.99) <= 1e-15);
    QVERIFY(std::abs(weight(wga, 1) - 0.5) <= 1e-15);
    QVERIFY(weight(wga, 2) < 1e-300);
    const at::Tensor satImp = saturationImportance(logProbs, 5, 1);
    QVERIFY(std::abs(weight(satImp, 0) - std::pow(0.99, 5) * 0.01) <= 1e-15);
    QVERIFY(std::abs(weight(satImp, 1) - std::pow(0.5, 6)) <= 1e-15);
}

void TestIdentities::onlyTheBestKnownShareIsSelected()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus(3);
    ScoredBatch batch(*decoder, pointersTo(samples));
    const at::Tensor logProbs = batch.tokenLogProbs().detach();
    const at::Tensor chosen = lowestLosses(logProbs, batch, 0.5);
    std::int64_t start = 0;
    for (const ScoredSample& sample : samples) {
        const std::int64_t count = sample.scoredCount();
        const at::Tensor mine = chosen.narrow(0, start, count);
        QCOMPARE(mine.sum().item<double>(), std::ceil(static_cast<double>(count) / 2));
        const at::Tensor known = logProbs.narrow(0, start, count);
        const at::Tensor left = known.masked_select(mine.eq(0));
        QVERIFY(left.numel() == 0 ||
                known.masked_select(mine.eq(1)).min().item<double>() >= left.max().item<double>());
        start += count;
    }
}

void TestIdentities::anUnadjustedTeacherTeachesNothing()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    UndialTerm same(0);
    prepareTerm(same, *decoder, samples);
    const Evaluated start = evaluated(same, *decoder, samples);
    QVERIFY(start.loss > 0); // the teacher's entropy
    QVERIFY(largestElement(start.gradients) <= 1e-14);
    UndialTerm lowered(10);
    prepareTerm(lowered, *decoder, samples);
    QVERIFY(largestElement(evaluated(lowered, *decoder, samples).gradients) > 0.01);
}

void TestIdentities::theUniformDistributionIsTheAimOfMaximumEntropy()
{
    const DistanceFromUniform loss;
    const at::Tensor even = hiddenRows(*tinyModel(), {{0}}).new_full({2, 7}, 3.0);
    QVERIFY(loss.value(even.clone(), 0).abs().max().item<double>() <= 1e-14);
    const at::Tensor upstream = even.new_ones({2});
    QVERIFY(loss.gradient(even.clone(), 0, upstream).abs().max().item<double>() <= 1e-14);
    at::Tensor certain = even.new_zeros({1, 7});
    certain[0][2].fill_(200.0);
    QVERIFY(std::abs(loss.value(certain, 0).item<double>() - std::log(7.0)) <= 1e-14);
}

void TestIdentities::theHingeEndsWhereAnotherTokenHasWon()
{
    at::Tensor logits = hiddenRows(*tinyModel(), {{0}}).new_zeros({2, 4});
    logits[0][1].fill_(100.0); // the true token has all
    logits[1][3].fill_(100.0); // another one has
    const InvertedHinge loss(logits.new_ones({2}).to(at::kLong));
    const at::Tensor values = loss.value(logits.clone(), 0);
    QVERIFY(std::abs(values[0].item<double>() - 2) <= 1e-14);
    QVERIFY(std::abs(values[1].item<double>()) <= 1e-14);
    const at::Tensor slopes = loss.gradient(logits.clone(), 0, logits.new_ones({2}));
    QVERIFY(slopes.abs().max().item<double>() <= 1e-14);
}

void TestIdentities::preferenceStartsAtLogTwo_data()
{
    QTest::addColumn<bool>("twoOverBeta");
    QTest::newRow("as first published") << false;
    QTest::newRow("with the factor 2 / beta") << true;
}

void TestIdentities::preferenceStartsAtLogTwo()
{
    QFETCH(bool, twoOverBeta);
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    constexpr double kBeta = 0.1;
    DpoTerm term(kBeta, twoOverBeta ? 2 / kBeta : 1);
    prepareTerm(term, *decoder, samples);
    const double wanted = std::numbers::ln2 * (twoOverBeta ? 2 / kBeta : 1);
    QVERIFY(std::abs(evaluated(term, *decoder, samples).loss - wanted) <= 1e-14 * wanted);
}

void TestIdentities::aPreferenceThatIsWonLosesItsWeight()
{
    const at::Tensor ratio = hiddenRows(*tinyModel(), {{0}}).new_full({1}, 800.0).requires_grad_();
    const at::Tensor loss = dpoLoss(ratio, ratio.detach().zero_(), 0.1, 20, 1);
    loss.backward();
    QVERIFY(loss.item<double>() < 40 && std::abs(ratio.grad().item<double>()) < 2);
    QVERIFY_EXCEPTION_THROWN((void)dpoLoss(ratio, ratio, 0, 1, 1), std::exception);
}

void TestIdentities::crossEntropyToItselfIsTheEntropyOfTheReference()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    DivergenceTerm term(RowChoice::Scored, DivergenceTerm::Measure::CrossEntropy);
    prepareTerm(term, *decoder, samples);
    const Evaluated start = evaluated(term, *decoder, samples);
    UndialTerm entropy(0); // the entropy of a teacher that nothing is taken from
    prepareTerm(entropy, *decoder, samples);
    QVERIFY(std::abs(start.loss - evaluated(entropy, *decoder, samples).loss) <= 1e-13);
    QVERIFY(largestElement(start.gradients) <= 1e-14);
}

void TestIdentities::misdirectionIsTheDistanceOfTheStart()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus(1);
    constexpr double kCoefficient = 6.5;
    MisdirectionTerm term({.layer = 0, .coefficient = kCoefficient, .seed = 3});
    prepareTerm(term, *decoder, samples);
    // (|h|^2 + c^2 - 2 c h.u) / d, with u from two other lengths of the same direction.
    const auto lossAt = [&](double coefficient) {
        MisdirectionTerm other({.layer = 0, .coefficient = coefficient, .seed = 3});
        prepareTerm(other, *decoder, samples);
        return evaluated(other, *decoder, samples).loss;
    };
    const auto width = static_cast<double>(decoder->config().width);
    const double square = lossAt(0);
    const double product = (square + 1 / width - lossAt(1)) / 2;
    const double wanted = square + kCoefficient * kCoefficient / width - 2 * kCoefficient * product;
    QVERIFY(std::abs(evaluated(term, *decoder, samples).loss - wanted) <= 1e-12);
    ScoredBatch batch(*decoder, pointersTo(samples), 0);
    QVERIFY(std::abs(batch.labelledHidden().square().mean().item<double>() - square) <= 1e-13);
}

void TestIdentities::whatHasNotMovedHasNotDrifted_data()
{
    QTest::addColumn<int>("mean");
    QTest::addColumn<int>("type");
    for (const std::string& id : residualMeanIds())
        for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kBFloat16})
            QTest::addRow("%s, %s", id.c_str(), c10::toString(type))
                << static_cast<int>(residualMeanOf(id)) << static_cast<int>(type);
}

void TestIdentities::whatHasNotMovedHasNotDrifted()
{
    QFETCH(int, mean);
    QFETCH(int, type);
    const auto decoder = tinyModel(tinyConfig(), static_cast<at::ScalarType>(type));
    const std::vector<ScoredSample> samples = tinyCorpus();
    ResidualDriftTerm term(1, static_cast<ResidualMean>(mean));
    prepareTerm(term, *decoder, samples);
    const Evaluated start = evaluated(term, *decoder, samples);
    QCOMPARE(start.loss, 0.0);
    QCOMPARE(largestElement(start.gradients), 0.0);
    disturb(*decoder);
    QVERIFY(evaluated(term, *decoder, samples).loss > 0);
}

void TestIdentities::meansOfResidualsAgreeWhereCountsDo()
{
    std::vector<ScoredSample> samples = tinyCorpus(3);
    std::vector<double> losses;
    for (const bool equal : {false, true}) {
        if (equal)
            samples.assign(3, samples.front());
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i].index = static_cast<std::int64_t>(i);
        for (const ResidualMean mean : {ResidualMean::Sequences, ResidualMean::Crossed}) {
            const auto decoder = tinyModel();
            MisdirectionTerm term({.layer = 1, .coefficient = 2, .mean = mean});
            prepareTerm(term, *decoder, samples);
            losses.push_back(evaluated(term, *decoder, samples).loss);
        }
    }
    QVERIFY(std::abs(losses[0] - losses[1]) > 1e-6);
    QVERIFY(std::abs(losses[2] - losses[3]) <= 1e-13);
}

void TestIdentities::everyAlternateComesUpInItsTurn()
{
    const std::vector<ScoredSample> samples = tinyCorpus(3);
    const AlternateAnswers alternates = tinyAlternates(samples, 5);
    const TermCorpus corpus{samples, &alternates};
    const TermInput two{.own = true, .alternates = 2};
    std::set<const ScoredSample*> seen;
    for (std::int64_t epoch = 0; epoch < 5; ++epoch) {
        const auto sequences = sequencesOf(two, corpus, {2, 0}, epoch);
        QCOMPARE(sequences.size(), std::size_t{6});
        QCOMPARE(sequences[0], &samples[2]);
        QCOMPARE(sequences[1], &samples[0]);
        for (std::size_t i = 2; i < 6; ++i) {
            const std::int64_t item = i < 4 ? 2 : 0;
            QVERIFY(sequences[i]->index / 5 == item);
            seen.insert(sequences[i]);
        }
    }
    QCOMPARE(seen.size(), std::size_t{10});
    // A mean is over the own answers, and over the alternates where there are no others.
    QCOMPARE(normaliserOf(two, corpus, {0, 1, 2}, 0).tokens, normaliserOf(samples).tokens);
    QCOMPARE(normaliserOf({.own = false, .alternates = 1}, corpus, {1}, 3).tokens,
             static_cast<double>(alternates.samples[8].scoredCount()));
    QVERIFY_EXCEPTION_THROWN((void)sequencesOf(two, {samples}, {0}, 0), std::logic_error);
}

void TestIdentities::temperatureDividesTheLogits()
{
    const at::Tensor logits = hiddenRows(*tinyModel(), {{0, 1, 2}});
    const at::Tensor targets = logits.new_ones({3}).to(at::kLong);
    const TemperedLogProb tempered(targets, 2);
    const TokenLogProb plain(targets);
    const at::Tensor upstream = logits.new_ones({3});
    QVERIFY(tempered.value(logits.clone(), 0).equal(plain.value(logits.div(2), 0)));
    QVERIFY(tempered.gradient(logits.clone(), 0, upstream)
                .equal(plain.gradient(logits.div(2), 0, upstream).div(2)));
}

void TestIdentities::flatLogitsAreAtTheirAim()
{
    const PeakOverMean loss;
    at::Tensor logits = hiddenRows(*tinyModel(), {{0}}).new_full({2, 4}, 3.0);
    logits[1][2].fill_(7.0);
    const at::Tensor values = loss.value(logits.clone(), 0);
    QCOMPARE(values[0].item<double>(), 0.0);
    QCOMPARE(values[1].item<double>(), 9.0); // 7 above a mean of 4
    const at::Tensor slopes = loss.gradient(logits.clone(), 0, logits.new_ones({2}));
    QVERIFY(slopes[0].abs().max().item<double>() == 0);
    QCOMPARE(slopes[1][2].item<double>(), 6 * 0.75);
    QCOMPARE(slopes[1][0].item<double>(), -6 * 0.25);
    // A constant added to all logits changes nothing.
    QVERIFY(loss.value(logits.add(100), 0).allclose(values));
}

void TestIdentities::aBrakedPushIsReported()
{
    const std::vector<ScoredSample> samples = tinyCorpus();
    for (const char* name : {"method npo", "method tnpo", "method dpo"}) {
        const auto decoder = tinyModel();
        const auto term = makeTerm(name);
        prepareTerm(*term, *decoder, samples);
        (void)evaluated(*term, *decoder, samples, {1, 3});
        const std::optional<double> start = term->takeMeanWeight();
        QVERIFY2(start && std::abs(*start - 1) <= 1e-14, name);
        QVERIFY(!term->takeMeanWeight());
    }
    const auto decoder = tinyModel();
    const auto wga = makeTerm("method wga");
    (void)evaluated(*wga, *decoder, samples);
    ScoredBatch batch(*decoder, pointersTo(samples));
    QVERIFY(std::abs(*wga->takeMeanWeight() - batch.tokenLogProbs().exp().mean().item<double>()) <=
            1e-14);
    const auto ga = makeTerm("method ga");
    (void)evaluated(*ga, *decoder, samples);
    QVERIFY(!ga->takeMeanWeight());
}

void TestIdentities::randomLabelsAreThoseOfTheirSeed()
{
    const auto decoder = tinyModel();
    const std::vector<ScoredSample> samples = tinyCorpus();
    std::vector<double> losses;
    for (const std::int64_t seed : {1, 1, 2}) {
        RandomLabelTerm term(seed);
        prepareTerm(term, *decoder, samples);
        losses.push_back(evaluated(term, *decoder, samples).loss);
    }
    QCOMPARE(losses[0], losses[1]);
    QVERIFY(losses[0] != losses[2]);
}

void TestIdentities::adversarialLabelsAreNeverTheTrueOnes()
{
    at::Tensor logits = hiddenRows(*tinyModel(), {{0}}).new_zeros({3, 4});
    logits[0][1].fill_(9.0);
    logits[0][2].fill_(5.0);
    logits[1][0].fill_(9.0);
    logits[2][3].fill_(-1.0);
    const at::Tensor targets = logits.new_ones({3}).to(at::kLong); // token 1
    const at::Tensor others = bestOther(logits.clone(), targets);
    QCOMPARE(others[0].item<std::int64_t>(), std::int64_t{2});
    QCOMPARE(others[1].item<std::int64_t>(), std::int64_t{0});
    QVERIFY(others[2].item<std::int64_t>() != 1);
}

void TestIdentities::genericLogitsLackWhatMoreTrainingRaised()
{
    at::Tensor start = hiddenRows(*tinyModel(), {{0}}).new_zeros({1, 3});
    at::Tensor reinforced = start.clone();
    start[0][0].fill_(4.0);
    start[0][1].fill_(3.0);
    reinforced[0][0].fill_(5.0);
    reinforced[0][2].fill_(-7.0); // what more training lowers is left alone
    const at::Tensor generic = genericLogits(start, reinforced, 2);
    QCOMPARE(generic[0][0].item<double>(), 4.0 - 2 * 1.0);
    QCOMPARE(generic[0][1].item<double>(), 3.0);
    QCOMPARE(generic[0][2].item<double>(), 0.0);
    QVERIFY(genericLogits(start, reinforced, 0).equal(start)); // the baseline's logits
}

void TestIdentities::genericLabelsAreTheOriginalsOwnChoiceAtAlphaZero()
{
    const auto decoder = tinyModel();
    const auto stranger = tinyModel();
    disturb(*stranger);
    const std::vector<ScoredSample> samples = tinyCorpus();
    const auto contextOf = [&](Decoder& model) {
        return PrepareContext{model, {samples}, 1000, [](double) { return true; }};
    };
    GenericLabelTerm own(0);
    QVERIFY(own.prepare(contextOf(*decoder)) && own.prepareReinforced(contextOf(*stranger)));
    // The choice that costs least: -log of the largest probability of each row.
    double wanted = 0;
    double tokens = 0;
    for (const ScoredSample& sample : samples) {
        const ScoredBatch batch(*decoder, {&sample});
        visitLogits(batch.scoredHidden(), decoder->head(),
                    [&](const at::Tensor& logits, std::int64_t) {
                        wanted -= std::get<0>(logits.log_softmax(1).max(1)).sum().item<double>();
                        tokens += static_cast<double>(logits.size(0));
                    });
    }
    QVERIFY(std::abs(lossOf(own, *decoder, samples).item<double>() - wanted / tokens) < 1e-12);
}

QTEST_GUILESS_MAIN(TestIdentities)
#include "tst_identities.moc"
