#include "app/pages/page.h"
#include "core/attacks/catalog.h"
#include "core/controls/control.h"
#include "tests/app/window_bench.h"
#include "tests/support/drop.h"
#include "widgets/base/colors.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QHeaderView>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QScrollBar>
#include <QSet>
#include <QTest>
#include <QTranslator>

#include <algorithm>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

/// A language in which every text is in brackets.
class Brackets : public QTranslator {
public:
    QString translate(const char*, const char* text, const char*, int) const override
    {
        return u"["_s + QString::fromUtf8(text) + u"]"_s;
    }
    [[nodiscard]] bool isEmpty() const override { return false; }
};

} // namespace

/// The whole window as a person uses it, on a data folder of its own.
class TestMainWindow : public QObject, private WindowBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { open(); }
    void cleanup() { close(); }

    void theRailLeadsToEveryPage_data();
    void theRailLeadsToEveryPage();
    void theFirstStartIsReadyToRunTheLesson();
    void thePaletteFindsACommandByItsWords();
    void theKeySheetListsEveryCommand();
    void everyCommandHasHelpAnIconAndAKeyOfItsOwn();
    void theThemeSwitchesAtOnce();
    void everyWordChangesWithTheLanguage();
    void everyControlHasAName();
    void aDroppedPathIsTakenForWhatItIs();
    void theNextStartLooksLikeTheLast();
    void theFinishedExperimentOpensWithoutAModel();
};

void TestMainWindow::theRailLeadsToEveryPage_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<int>("key");
    int key = Qt::Key_1;
    for (const char* id :
         {"home", "setup", "run", "probe", "history", "evaluate", "stress", "compare", "report"})
        QTest::newRow(id) << QString::fromLatin1(id) << key++;
}

void TestMainWindow::theRailLeadsToEveryPage()
{
    QFETCH(const QString, id);
    QFETCH(const int, key);
    auto* button = m_app->window().findChild<QAbstractButton*>(u"rail-"_s + id);
    QVERIFY(button);
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(m_app->window().currentPage(), id);
    QVERIFY(m_app->window().page(id)->isVisible());
    m_app->window().showPage(id == u"home"_s ? u"setup"_s : u"home"_s);
    press(static_cast<Qt::Key>(key), Qt::ControlModifier);
    QCOMPARE(m_app->window().currentPage(), id);
    QVERIFY(button->isChecked());
}

void TestMainWindow::theFirstStartIsReadyToRunTheLesson()
{
    QCOMPARE(m_app->window().currentPage(), u"home"_s);
    const Recipe& recipe = m_app->workspace().recipe();
    QVERIFY(std::filesystem::exists(recipe.model));
    QVERIFY(std::filesystem::exists(recipe.forget.path));
    QVERIFY(std::filesystem::exists(recipe.retain.path));
}

void TestMainWindow::thePaletteFindsACommandByItsWords()
{
    press(Qt::Key_K, Qt::ControlModifier);
    auto* palette = child<QDialog>("commandPalette");
    QVERIFY(palette && palette->isVisible());
    auto* input = child<QLineEdit>("commandInput");
    QTest::keyClicks(input, u"theme dark"_s);
    QVERIFY(child<QListWidget>("commandList")->item(0)->text().startsWith(u"Dark theme"_s));
    QTest::keyClick(input, Qt::Key_Return);
    QCOMPARE(m_app->settings().theme(), u"dark"_s);
    QTRY_VERIFY(!child<QDialog>("commandPalette"));
}

void TestMainWindow::theKeySheetListsEveryCommand()
{
    press(Qt::Key_Slash, Qt::ControlModifier);
    auto* sheet = child<QDialog>("keySheet");
    QVERIFY(sheet && sheet->isVisible());
    const auto* table = sheet->findChild<QAbstractItemView*>();
    QCOMPARE(static_cast<std::size_t>(table->model()->rowCount()), m_app->actions().all().size());
    sheet->close();
}

void TestMainWindow::everyCommandHasHelpAnIconAndAKeyOfItsOwn()
{
    QSet<QKeySequence> keys;
    for (const QAction* action : m_app->actions().all()) {
        const QByteArray id = action->objectName().toUtf8();
        QVERIFY2(!action->text().isEmpty() && !action->whatsThis().isEmpty(), id);
        QVERIFY2(!action->icon().isNull(), id);
        QVERIFY2(!action->shortcut().isEmpty() && !keys.contains(action->shortcut()), id);
        keys << action->shortcut();
    }
}

void TestMainWindow::theThemeSwitchesAtOnce()
{
    for (const bool dark : {true, false}) {
        m_app->actions().action(dark ? u"view.theme-dark"_s : u"view.theme-light"_s)->trigger();
        for (const Page* widget : m_app->window().findChildren<Page*>())
            QVERIFY2(isDark(widget->palette()) == dark, qPrintable(widget->objectName()));
    }
}

void TestMainWindow::everyWordChangesWithTheLanguage()
{
    Brackets brackets;
    QCoreApplication::installTranslator(&brackets);
    QCoreApplication::processEvents();
    for (const QAction* action : m_app->actions().all())
        QVERIFY2(action->text().startsWith(u'['), qPrintable(action->objectName()));
    QStringList left;
    // Signs are the same everywhere, and names come from the engine's catalogues.
    QStringList given;
    for (const ControlInfo& control : controls().entries())
        given << QString::fromStdString(control.title);
    for (const AttackInfo& attack : attacks().entries())
        given << QString::fromStdString(attack.title);
    for (const QAbstractButton* button : m_app->window().findChildren<QAbstractButton*>()) {
        const QString text = button->text();
        const bool word =
            std::any_of(text.begin(), text.end(), [](QChar c) { return c.isLetter(); });
        const bool prompt = button->objectName().startsWith(u"suggestion");
        if (word && !prompt && !given.contains(text) && !text.contains(u'['))
            left << button->objectName() + u": "_s + text;
    }
    // What only a screen reader tells.
    for (const QWidget* widget : m_app->window().findChildren<QWidget*>())
        if ((widget->inherits("lacuna::ModelMark") || widget->inherits("QProgressBar")) &&
            !widget->accessibleName().startsWith(u'['))
            left << widget->accessibleName();
    QCoreApplication::removeTranslator(&brackets);
    QVERIFY2(left.isEmpty(), qPrintable(left.join(u'\n')));
}

void TestMainWindow::everyControlHasAName()
{
    QStringList nameless;
    for (QWidget* widget : m_app->window().findChildren<QWidget*>()) {
        const bool control =
            qobject_cast<QAbstractButton*>(widget) || qobject_cast<QLineEdit*>(widget) ||
            qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSlider*>(widget) ||
            qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QAbstractItemView*>(widget);
        // Parts of other controls, which carry the name.
        const bool part = widget->objectName().startsWith(u"qt_") ||
                          widget->inherits("QLineEditIconButton") ||
                          qobject_cast<QScrollBar*>(widget) || qobject_cast<QHeaderView*>(widget) ||
                          widget->parentWidget()->inherits("QComboBoxPrivateContainer") ||
                          widget->parentWidget()->inherits("QTableView") ||
                          widget->parentWidget()->inherits("QTabBar");
        if (!control || part)
            continue;
        QAccessibleInterface* face = QAccessible::queryAccessibleInterface(widget);
        if (!face || face->text(QAccessible::Name).trimmed().isEmpty())
            nameless << QString::fromLatin1(widget->metaObject()->className()) + u' ' +
                            widget->objectName() + u" in "_s + widget->parentWidget()->objectName();
    }
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(u'\n')));
}

void TestMainWindow::aDroppedPathIsTakenForWhatItIs()
{
    const QString model = QString::fromStdString(smallModel());
    QVERIFY(dropPath(&m_app->window(), model));
    QCOMPARE(QString::fromStdString(m_app->workspace().recipe().model), model);
    QCOMPARE(m_app->window().currentPage(), u"setup"_s);

    const QString lesson = QStringLiteral(RESOURCES_DIR "/recipes/lesson.json");
    QVERIFY(dropPath(&m_app->window(), lesson));
    QCOMPARE(m_app->workspace().recipe().name, std::string("lesson: forget two people"));

    const QString corpus = QString::fromStdString(runData("forget.json"));
    auto* chip = child<QWidget>("retainChip");
    QVERIFY(dropPath(chip, corpus));
    QCOMPARE(QString::fromStdString(m_app->workspace().recipe().retain.path), corpus);
}

void TestMainWindow::theNextStartLooksLikeTheLast()
{
    m_app->window().resize(1100, 700);
    m_app->settings().setTheme(u"dark"_s);
    m_app->workspace().edit([](Recipe& recipe) { recipe.seed = 4711; });
    m_app->window().close();
    start();
    QCOMPARE(m_app->window().size(), QSize(1100, 700));
    QVERIFY(isDark(m_app->window().palette()));
    QCOMPARE(m_app->workspace().recipe().seed, std::int64_t{4711});
    m_app->settings().setTheme(u"light"_s);
}

void TestMainWindow::theFinishedExperimentOpensWithoutAModel()
{
    m_app->actions().action(u"file.experiment"_s)->trigger();
    QTRY_COMPARE(m_app->window().currentPage(), u"run"_s);
    QVERIFY(!m_app->run().isActive());
}

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
