#include "core/run/best_models.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

#include <limits>

using namespace lacuna;

class TestBestModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyWhatNoOtherBeatsIsKept_data();
    void onlyWhatNoOtherBeatsIsKept();
    void folderAndListAgree();
    void theMostCrowdedGoesFirst();
    void aContinuedRunFindsThemAgain();
    void aFailedSaveKeepsWhatWasThere();
    void whatWasLeftUnfinishedIsRemoved();
};

namespace {

/// Saves a folder with one file.
Status saveFolder(const std::filesystem::path& folder)
{
    std::filesystem::create_directories(folder);
    writeBytes(folder / "model.safetensors", "weights");
    return {};
}

QList<int> stepsOf(const BestModels& best)
{
    QList<int> steps;
    for (const BestModel& model : best.models())
        steps << static_cast<int>(model.step);
    return steps;
}

} // namespace

void TestBestModels::onlyWhatNoOtherBeatsIsKept_data()
{
    using Models = QList<QPair<double, double>>; // forget and retain NLL of the steps 1, 2, ...
    QTest::addColumn<Models>("models");
    QTest::addColumn<QList<int>>("kept"); // from the least forgetting on
    const double nan = std::numeric_limits<double>::quiet_NaN();
    QTest::newRow("a trade") << Models{{1, 1}, {2, 2}, {3, 3}} << QList<int>{1, 2, 3};
    QTest::newRow("a later one beats them") << Models{{1, 2}, {2, 3}, {3, 1}} << QList<int>{3};
    QTest::newRow("a later one is beaten") << Models{{3, 1}, {2, 1}} << QList<int>{1};
    QTest::newRow("equal ones: the first") << Models{{1, 1}, {1, 1}} << QList<int>{1};
    QTest::newRow("no number") << Models{{nan, 1}, {2, nan}, {1, 1}} << QList<int>{3};
}

void TestBestModels::onlyWhatNoOtherBeatsIsKept()
{
    using Models = QList<QPair<double, double>>;
    QFETCH(Models, models);
    QFETCH(QList<int>, kept);
    const TemporaryFolder folder;
    BestModels best(folder.file("best"), 10);
    for (int i = 0; i < models.size(); ++i)
        QVERIFY(best.offer({i + 1, models[i].first, models[i].second}, saveFolder));
    QCOMPARE(stepsOf(best), kept);
}

void TestBestModels::folderAndListAgree()
{
    const TemporaryFolder folder;
    BestModels best(folder.file("best"), 10);
    QVERIFY(best.offer({1, 1, 2}, saveFolder)->empty());
    QVERIFY(best.offer({2, 2, 3}, saveFolder)->empty());
    const auto removed = best.offer({3, 3, 1}, saveFolder).value();
    QCOMPARE(removed.size(), std::size_t{2});
    QVERIFY(!std::filesystem::exists(best.folderOf(1)));
    QVERIFY(!std::filesystem::exists(best.folderOf(2)));
    QVERIFY(std::filesystem::exists(best.folderOf(3) / "model.safetensors"));
}

void TestBestModels::theMostCrowdedGoesFirst()
{
    const TemporaryFolder folder;
    BestModels best(folder.file("best"), 4);
    for (const double place : {0.0, 0.4, 0.5, 0.6, 1.0}) // 0.5 stands between near neighbours
        QVERIFY(best.offer({std::llround(place * 10), place, place}, saveFolder));
    QCOMPARE(stepsOf(best), (QList<int>{0, 4, 6, 10}));
}

void TestBestModels::aContinuedRunFindsThemAgain()
{
    const TemporaryFolder folder;
    {
        BestModels best(folder.file("best"), 10);
        for (int step = 1; step <= 3; ++step)
            QVERIFY(best.offer({step, step + 0.25, step * 0.1}, saveFolder));
    }
    BestModels again(folder.file("best"), 10);
    QCOMPARE(stepsOf(again), (QList<int>{1, 2, 3}));
    QCOMPARE(again.models()[1].forgetNll, 2.25);
    QCOMPARE(again.truncateAfter(1).size(), std::size_t{2});
    QCOMPARE(stepsOf(again), QList<int>{1});
    QVERIFY(!std::filesystem::exists(again.folderOf(3)));
}

void TestBestModels::aFailedSaveKeepsWhatWasThere()
{
    const TemporaryFolder folder;
    BestModels best(folder.file("best"), 10);
    QVERIFY(best.offer({1, 1, 2}, saveFolder));
    const auto full = [](const std::filesystem::path&) -> Status {
        return Error{.code = ErrorCode::Io, .message = "the disk is full"};
    };
    QVERIFY(!best.offer({2, 2, 1}, full));
    QCOMPARE(stepsOf(best), QList<int>{1});
    QVERIFY(std::filesystem::exists(best.folderOf(1)));
    QVERIFY(!std::filesystem::exists(best.folderOf(2)));
}

void TestBestModels::whatWasLeftUnfinishedIsRemoved()
{
    const TemporaryFolder folder;
    {
        BestModels best(folder.file("best"), 10);
        QVERIFY(best.offer({1, 1, 2}, saveFolder));
        QVERIFY(saveFolder(best.folderOf(2))); // the power went before its score
        QVERIFY(saveFolder(best.folderOf(3)));
        writeBytes(best.folderOf(3) / "score.json", R"({"step": "three"})");
    }
    const BestModels again(folder.file("best"), 10);
    QCOMPARE(stepsOf(again), QList<int>{1});
    QVERIFY(!std::filesystem::exists(again.folderOf(2)));
    QVERIFY(!std::filesystem::exists(again.folderOf(3)));
}

QTEST_GUILESS_MAIN(TestBestModels)
#include "tst_best_models.moc"
