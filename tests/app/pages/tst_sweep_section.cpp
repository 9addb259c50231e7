#include "app/pages/setup/sweep_section.h"

#include "app/background.h"
#include "app/pages/setup/planner.h"
#include "app/pages/setup/sweep_values.h"
#include "app/workspace.h"
#include "tests/core/base/std_text.h"
#include "tests/core/run/small_run.h"
#include "widgets/form/fold.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include <memory>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// The open fold over a recipe of the tests' small model.
class Shown {
public:
    explicit Shown(const char* several = "{}")
    {
        Json document = smallRecipe();
        document.update(Json::parse(several));
        workspace.open(parseDraft(document, "/data").value());
        QObject::connect(&workspace, &Workspace::recipeChanged, &section,
                         [this] { section.follow(); });
        section.follow();
        section.resize(800, 600);
        section.show();
        if (auto* fold = child<Fold>("sweepFold"); !fold->isOpen())
            QTest::mouseClick(fold->findChild<QToolButton*>(u"fold"_s), Qt::LeftButton);
    }
    template <class T> [[nodiscard]] T* child(const char* name) const
    {
        return section.findChild<T*>(QString::fromLatin1(name));
    }
    /// Of the rows that are shown, the \p index-th one's.
    template <class T> [[nodiscard]] T* part(const char* name, int index = 0) const
    {
        for (T* found : section.findChildren<T*>(QString::fromLatin1(name)))
            if (found->isVisible() && index-- == 0)
                return found;
        return nullptr;
    }
    void addRow(const char* path, const QString& values, int row = 0) const
    {
        QTest::mouseClick(child<QPushButton>("sweepAdd"), Qt::LeftButton);
        auto* key = part<QComboBox>("sweepKey", row);
        QVERIFY(key);
        const int wanted = key->findData(QString::fromLatin1(path));
        QVERIFY2(wanted >= 0, path);
        while (key->currentIndex() != wanted)
            QTest::keyClick(key, key->currentIndex() < wanted ? Qt::Key_Down : Qt::Key_Up);
        QTest::keyClicks(part<QLineEdit>("sweepValues", row), values);
    }
    [[nodiscard]] Json several() const { return workspace.draft().several; }
    [[nodiscard]] QString count() const
    {
        const auto* label = child<QLabel>("sweepCount");
        return label->isVisible() ? label->text() : QString();
    }

    Workspace workspace;
    SweepSection section{workspace};
};

} // namespace

class TestSweepSection : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_s));
    }
    void valuesAreReadAsTheyAreWritten_data();
    void valuesAreReadAsTheyAreWritten();
    void rowsMakeAGrid();
    void methodsVaryWhole();
    void aRefusedValueIsNamedAndKeptOut_data();
    void aRefusedValueIsNamedAndKeptOut();
    void theSameTwiceIsRefused();
    void anEmptyRowKeepsStartAwayUntilItGoes();
    void aFilesGridIsShownAndEdited();
    void whatIsBeingTypedSurvivesOtherChanges();
    void anotherExperimentHasNoHalfWrittenRows();
    void aMethodsParameterIsRefusedByAnotherMethod();
    void casesAndRequestsAreListedAndTakenAway_data();
    void casesAndRequestsAreListedAndTakenAway();
    void theCasesGoWithoutARowThatIsBeingWritten();
    void everyRunIsPlanned();
    void oneRefusedRunRefusesAll();

private:
    static constexpr int kPatience = 20'000;
};

void TestSweepSection::valuesAreReadAsTheyAreWritten_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QByteArray>("values");
    QTest::addColumn<QString>("again");
    const auto row = [](const char* name, const char* path, const QString& text, const char* values,
                        const QString& again) {
        QTest::newRow(name) << QString::fromLatin1(path) << text << QByteArray(values) << again;
    };
    row("numbers", "seed", u"1,2 , 3"_s, "[1, 2, 3]", u"1, 2, 3"_s);
    row("words", "training.schedule", u"linear, cosine"_s, R"(["linear", "cosine"])",
        u"linear, cosine"_s);
    row("a word and a number", "scope.layers", u"all, 3"_s, R"(["all", 3])", u"all, 3"_s);
    row("text with a comma", "scope.layers", u"\"0,2\", all"_s, R"(["0,2", "all"])",
        u"\"0,2\", all"_s);
    row("methods by their ids", "method", u"ga, npo"_s, R"([{"id": "ga"}, {"id": "npo"}])",
        u"ga, npo"_s);
    row("a method with its values", "method", u"{\"id\": \"npo\", \"beta\": 0.5}"_s,
        R"([{"id": "npo", "beta": 0.5}])", u"{\"beta\":0.5,\"id\":\"npo\"}"_s);
    row("commas alone", "seed", u" , ,"_s, "[]", {});
}

void TestSweepSection::valuesAreReadAsTheyAreWritten()
{
    QFETCH(const QString, path);
    QFETCH(const QString, text);
    QFETCH(const QByteArray, values);
    const Json read = readSweepValues(path.toStdString(), text);
    QCOMPARE(read.dump(), Json::parse(values.constData()).dump());
    QTEST(sweepValuesText(read), "again");
    QCOMPARE(readSweepValues(path.toStdString(), sweepValuesText(read)).dump(), read.dump());
}

void TestSweepSection::rowsMakeAGrid()
{
    const Shown shown;
    QVERIFY(shown.count().isEmpty());
    shown.addRow("training.learning_rate", u"1e-5, 2e-5"_s);
    shown.addRow("seed", u"1, 2, 3"_s, 1);
    QVERIFY2(shown.section.problem().isEmpty(), qPrintable(shown.section.problem()));
    QCOMPARE(shown.several().dump(),
             Json::parse(R"({"sweep": {"training.learning_rate": [1e-5, 2e-5],
                                       "seed": [1, 2, 3]}})")
                 .dump());
    QVERIFY(shown.count().contains(u"6"_s));
    QTest::mouseClick(shown.part<QToolButton>("sweepRemove"), Qt::LeftButton);
    QCOMPARE(shown.several().dump(), Json::parse(R"({"sweep": {"seed": [1, 2, 3]}})").dump());
    QTest::mouseClick(shown.part<QToolButton>("sweepRemove"), Qt::LeftButton);
    QVERIFY(shown.several().empty());
    QVERIFY(shown.count().isEmpty());
}

void TestSweepSection::methodsVaryWhole()
{
    const Shown shown; // its method has values that no other takes
    shown.addRow("method", u"ga, npo"_s);
    QVERIFY2(shown.section.problem().isEmpty(), qPrintable(shown.section.problem()));
    const Sweep sweep = parseSweep(shown.workspace.draft().toJson(), {}, {}).value();
    QCOMPARE(sweep.points.front().label, std::string("method ga"));
    QCOMPARE(sweep.points.front().recipe.method.dump(), std::string(R"({"id":"ga"})"));
}

void TestSweepSection::aRefusedValueIsNamedAndKeptOut_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QString>("values");
    QTest::addColumn<QString>("says");
    QTest::newRow("out of the recipe's range")
        << QByteArray("training.learning_rate") << u"1e-5, 20"_s << u"between 0 and 10"_s;
    QTest::newRow("no number") << QByteArray("training.batch_size") << u"many"_s << u"batch_size"_s;
    QTest::newRow("out of the parameter's range")
        << QByteArray("method.beta") << u"0.1, -3"_s << u"beta"_s;
    QTest::newRow("no such method") << QByteArray("method") << u"ga, npoo"_s << u"npoo"_s;
}

void TestSweepSection::aRefusedValueIsNamedAndKeptOut()
{
    QFETCH(const QByteArray, path);
    QFETCH(const QString, values);
    QFETCH(const QString, says);
    const Shown shown;
    shown.addRow(path.constData(), values);
    QVERIFY2(shown.section.problem().contains(says), qPrintable(shown.section.problem()));
    QVERIFY(shown.part<QWidget>("sweepProblem"));
    QVERIFY(shown.several().dump().find(values.section(u' ', -1).toStdString()) ==
            std::string::npos);
}

void TestSweepSection::theSameTwiceIsRefused()
{
    const Shown shown;
    shown.addRow("seed", u"1, 2"_s);
    shown.addRow("seed", u"3"_s, 1);
    QVERIFY(shown.section.problem().contains(u"same"_s));
    QCOMPARE(shown.several().dump(), std::string(R"({"sweep":{"seed":[1,2]}})"));
}

void TestSweepSection::anEmptyRowKeepsStartAwayUntilItGoes()
{
    const Shown shown;
    QTest::mouseClick(shown.child<QPushButton>("sweepAdd"), Qt::LeftButton);
    QVERIFY(!shown.section.problem().isEmpty());
    QVERIFY(!shown.part<QWidget>("sweepProblem")); // nobody has done anything wrong yet
    QTest::mouseClick(shown.part<QToolButton>("sweepRemove"), Qt::LeftButton);
    QVERIFY(shown.section.problem().isEmpty());
}

void TestSweepSection::aFilesGridIsShownAndEdited()
{
    const Shown shown(R"({"sweep": {"seed": [1, 2], "training.max_length": [32, 64]}})");
    QVERIFY(shown.child<Fold>("sweepFold")->isOpen());
    QCOMPARE(shown.part<QLineEdit>("sweepValues")->text(), u"1, 2"_s);
    // What the list does not offer is shown under its own name.
    QCOMPARE(shown.part<QComboBox>("sweepKey", 1)->currentText(), u"training.max_length"_s);
    QTest::keyClicks(shown.part<QLineEdit>("sweepValues"), u", 3"_s);
    QCOMPARE(shown.several()["sweep"]["seed"].dump(), std::string("[1,2,3]"));
    QVERIFY(shown.count().contains(u"6"_s));
}

void TestSweepSection::whatIsBeingTypedSurvivesOtherChanges()
{
    Shown shown;
    shown.addRow("training.learning_rate", u"1e-5, 2e"_s); // on the way to 2e-5
    QVERIFY(!shown.section.problem().isEmpty());
    shown.workspace.edit([](Recipe& recipe) { recipe.seed = 7; });
    QCOMPARE(shown.part<QLineEdit>("sweepValues")->text(), u"1e-5, 2e"_s);
    QTest::keyClicks(shown.part<QLineEdit>("sweepValues"), u"-5"_s);
    QVERIFY(shown.section.problem().isEmpty());
    QCOMPARE(shown.several()["sweep"]["training.learning_rate"].size(), std::size_t{2});
}

void TestSweepSection::anotherExperimentHasNoHalfWrittenRows()
{
    Shown shown;
    QTest::mouseClick(shown.child<QPushButton>("sweepAdd"), Qt::LeftButton);
    QVERIFY(!shown.section.problem().isEmpty());
    shown.workspace.open({.recipe = shown.workspace.recipe()});
    QVERIFY(!shown.part<QLineEdit>("sweepValues"));
    QVERIFY(shown.section.problem().isEmpty());
}

void TestSweepSection::aMethodsParameterIsRefusedByAnotherMethod()
{
    Shown shown(R"({"sweep": {"method.beta": [0.1, 0.5]}})");
    QVERIFY(shown.section.problem().isEmpty());
    shown.workspace.edit([](Recipe& recipe) { recipe.method = {{"id", "ga"}}; });
    QVERIFY2(shown.section.problem().contains(u"beta"_s), qPrintable(shown.section.problem()));
}

void TestSweepSection::casesAndRequestsAreListedAndTakenAway_data()
{
    QTest::addColumn<QByteArray>("several");
    QTest::addColumn<QStringList>("labels");
    QTest::addColumn<QString>("count");
    QTest::addColumn<QByteArray>("left");
    QTest::newRow("cases beside a row")
        << QByteArray(R"({"sweep": {"cases": [{"label": "slow", "training.steps": 3},
                                              {"method": {"id": "ga"}}], "seed": [1, 2]}})")
        << QStringList{u"slow"_s, u"ga"_s} << u"4"_s << QByteArray(R"({"sweep":{"seed":[1,2]}})");
    QTest::newRow("requests")
        << QByteArray(
               R"({"requests": [{"label": "first", "forget": "a"}, {"label": "second", "forget": "b"}]})")
        << QStringList{u"first"_s, u"second"_s} << u"2"_s << QByteArray("{}");
}

void TestSweepSection::casesAndRequestsAreListedAndTakenAway()
{
    QFETCH(const QByteArray, several);
    QFETCH(const QString, count);
    QFETCH(const QByteArray, left);
    const Shown shown(several.constData());
    const auto* list = shown.child<QListWidget>("sweepCases");
    QStringList labels;
    for (int row = 0; row < list->count(); ++row)
        labels << list->item(row)->text();
    QTEST(labels, "labels");
    QVERIFY2(shown.count().contains(count), qPrintable(shown.count()));
    QTest::mouseClick(shown.child<QPushButton>("sweepRemoveCases"), Qt::LeftButton);
    QCOMPARE(shown.several().dump(), left.toStdString());
    QVERIFY(!list->isVisible());
    QVERIFY(shown.child<QPushButton>("sweepAdd")->isVisible());
}

void TestSweepSection::theCasesGoWithoutARowThatIsBeingWritten()
{
    const Shown shown(R"({"sweep": {"cases": [{"label": "a", "seed": 1}]}})");
    QTest::mouseClick(shown.child<QPushButton>("sweepAdd"), Qt::LeftButton);
    QTest::mouseClick(shown.child<QPushButton>("sweepRemoveCases"), Qt::LeftButton);
    QVERIFY(shown.several().empty());
    QVERIFY(shown.part<QLineEdit>("sweepValues"));
    QVERIFY(shown.child<QPushButton>("sweepAdd")->hasFocus() || !shown.section.isActiveWindow());
}

void TestSweepSection::everyRunIsPlanned()
{
    Background background;
    Planner planner(background);
    const Shown shown(R"({"sweep": {"training.steps": [3, 4]}})");
    planner.plan(shown.workspace.draft());
    QTRY_VERIFY_WITH_TIMEOUT(!planner.isWorking(), kPatience);
    QVERIFY2(*planner.result(), "the plan is refused");
    QCOMPARE(planner.runCount(), std::size_t{2});
    QCOMPARE((**planner.result()).totalSteps, std::int64_t{3});
}

void TestSweepSection::oneRefusedRunRefusesAll()
{
    Background background;
    Planner planner(background);
    const Shown shown(R"({"sweep": {"method": [{"id": "ga"}, {"id": "rmu", "layer": 77}]}})");
    planner.plan(shown.workspace.draft());
    QTRY_VERIFY_WITH_TIMEOUT(!planner.isWorking(), kPatience);
    QVERIFY(!*planner.result());
    const QString text = ::lacuna::shown(planner.result()->error().text());
    QVERIFY2(text.contains(u"layer 77"_s) && text.contains(u"method rmu"_s), qPrintable(text));
}

QTEST_MAIN(TestSweepSection)
#include "tst_sweep_section.moc"
