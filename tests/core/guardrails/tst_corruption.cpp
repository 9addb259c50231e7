#include "core/guardrails/corruption.h"
#include "tests/support/test_main.h"

#include <torch/torch.h>

using namespace lacuna;

/// What ECO does to the embeddings of a prompt, on rows small enough to be done by hand.
class TestCorruption : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLargestOfEachRowAreZeroed();
    void everyDimensionCanBeZeroed();
    void noiseStaysInTheFirstDimensions();
    void noiseIsAsLargeAsSigmaSays();
    void noNoiseChangesNoBit();
    void aPromptOfOneTokenIsLeftAlone();

private:
    [[nodiscard]] static at::Tensor rows()
    {
        return torch::tensor(
            {{1.0F, -4.0F, 2.0F, 0.5F}, {-3.0F, 0.25F, 0.0F, 2.0F}, {9.0F, 8.0F, 7.0F, 6.0F}});
    }
};

void TestCorruption::theLargestOfEachRowAreZeroed()
{
    const at::Tensor changed = rows();
    zeroChange(2)->apply(changed);
    // By absolute value; the last token is what the model goes on from.
    QVERIFY(at::equal(changed, torch::tensor({{1.0F, 0.0F, 0.0F, 0.5F},
                                              {0.0F, 0.25F, 0.0F, 0.0F},
                                              {9.0F, 8.0F, 7.0F, 6.0F}})));
}

void TestCorruption::everyDimensionCanBeZeroed()
{
    const at::Tensor changed = rows();
    zeroChange(4)->apply(changed);
    QCOMPARE(changed.narrow(0, 0, 2).abs().sum().item<float>(), 0.0F);
    QVERIFY(at::equal(changed[2], rows()[2]));
}

void TestCorruption::noiseStaysInTheFirstDimensions()
{
    const at::Tensor changed = rows();
    noiseChange(2, 5, 1)->apply(changed);
    const at::Tensor same = changed == rows();
    QVERIFY(!same.narrow(0, 0, 2).narrow(1, 0, 2).any().item<bool>());
    QVERIFY(same.narrow(1, 2, 2).all().item<bool>());
    QVERIFY(same[2].all().item<bool>());

    const at::Tensor again = rows();
    noiseChange(2, 5, 1)->apply(again);
    QVERIFY(at::equal(again, changed));
    const at::Tensor other = rows();
    noiseChange(2, 5, 2)->apply(other);
    QVERIFY(!at::equal(other, changed));
}

void TestCorruption::noiseIsAsLargeAsSigmaSays()
{
    const at::Tensor changed = torch::zeros({401, 50}, at::kDouble);
    noiseChange(50, 3, 7)->apply(changed);
    const at::Tensor noise = changed.narrow(0, 0, 400);
    // 20 000 draws: four standard errors.
    QVERIFY(std::abs(noise.mean().item<double>()) < 4 * 3 / std::sqrt(20'000.0));
    QVERIFY(std::abs(noise.std().item<double>() - 3) < 4 * 3 / std::sqrt(40'000.0));
}

void TestCorruption::noNoiseChangesNoBit()
{
    const at::Tensor changed = torch::tensor({{-0.0F, 1e-30F}, {2.0F, 3.0F}});
    const at::Tensor before = changed.clone();
    noiseChange(2, 0, 1)->apply(changed);
    QCOMPARE(std::memcmp(changed.data_ptr(), before.data_ptr(), before.nbytes()), 0);
}

void TestCorruption::aPromptOfOneTokenIsLeftAlone()
{
    const at::Tensor one = rows().narrow(0, 0, 1).clone();
    noiseChange(4, 10, 1)->apply(one);
    zeroChange(4)->apply(one);
    QVERIFY(at::equal(one, rows().narrow(0, 0, 1)));
}

LACUNA_TEST_MAIN(TestCorruption)
#include "tst_corruption.moc"
