#include "app/export/export_dialog.h"

#include "app/pages/history/history_page.h"
#include "core/exchange/delta.h"
#include "core/exchange/gguf.h"
#include "core/models/inspection.h"
#include "tests/app/pages/history_bench.h"
#include "tests/core/base/std_text.h"
#include "tests/core/exchange/model_folder.h"
#include "tests/support/model_folders.h"
#include "widgets/form/message_bar.h"
#include "widgets/form/note_line.h"
#include "widgets/form/path_picker.h"
#include "widgets/table/run_table.h"
#include "widgets/text/elided_label.h"

#include <nlohmann/json.hpp>

#include <QApplication>
#include <QComboBox>
#include <QDesktopServices>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QSignalSpy>
#include <QTableView>
#include <QToolButton>
#include <QUrl>
#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

const fs::path kStories = TEST_DATA_DIR "/models/stories260K";
const fs::path kSharded = TEST_DATA_DIR "/models/stories260K-bf16-sharded";
constexpr int kPatience = 20'000;

/// The history with a finished run in front, and its export asked for as a person does.
struct Opened {
    HistoryBench bench;
    std::unique_ptr<HistoryPage> page;
    QString into;

    /// \param model  that the run has left; empty: none
    explicit Opened(const fs::path& model, bool adapter = false)
        : into(bench.folder.filePath(u"exports"_s))
    {
        fs::create_directories(into.toStdString());
        bench.settings.setValue(u"export/folder"_s, into);
        Store store = bench.store();
        Run run = store.run(1).value();
        run.name = "forget the park";
        run.uid.clear();
        run.createdAt = utcText(HistoryBench::kLater);
        run.model = {.path = kStories};
        run = store.createRun(run).value();
        if (!model.empty())
            store.addArtefact(run.id, {.kind = "model", .path = model}).value();
        if (adapter) {
            smallAdapter(bench.path("adapter"));
            store.addArtefact(run.id, {.kind = "adapter", .path = bench.path("adapter")}).value();
        }
        store.endRun(run.id, {.state = RunState::Done}).value();
        page = std::make_unique<HistoryPage>(bench.services);
        page->resize(1024, 700);
        page->show();
        page->shown();
    }

    [[nodiscard]] QToolButton* button() const
    {
        return page->findChild<QToolButton*>(u"history.export.button"_s);
    }
    [[nodiscard]] ExportDialog* dialog() const { return page->findChild<ExportDialog*>(); }
    template <class T> [[nodiscard]] T* part(const char* name) const
    {
        return dialog()->findChild<T*>(QString::fromLatin1(name));
    }
    void open() const
    {
        QTRY_VERIFY_WITH_TIMEOUT(button() && button()->isEnabled(), kPatience);
        QTest::mouseClick(button(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(dialog() && part<QRadioButton>("exportModel")->isEnabled(),
                                 kPatience);
    }
    void choose(const char* option) const
    {
        auto* radio = part<QRadioButton>(option);
        QVERIFY(radio->isEnabled());
        QTest::mouseClick(radio, Qt::LeftButton, {}, QPoint(10, radio->height() / 2));
        QVERIFY(radio->isChecked());
    }
    void waitForPlan() const
    {
        QTRY_VERIFY_WITH_TIMEOUT(part<QPushButton>("exportButton")->isEnabled(), kPatience);
    }
    [[nodiscard]] QString writes() const { return part<ElidedLabel>("exportWrites")->fullText(); }
    [[nodiscard]] QString note() const
    {
        const auto* line = part<NoteLine>("exportNote");
        return line ? line->text() : QString();
    }
    [[nodiscard]] QString message() const
    {
        const auto* label = bench.messages.findChild<QLabel*>(u"messageText"_s);
        return label ? label->text() : QString();
    }
    [[nodiscard]] fs::path exported(const char* name) const
    {
        return fs::path(into.toStdString()) / name;
    }
};

/// A model of one matrix that takes a while to copy; its zeros take no room on the disk.
fs::path largeModel(const fs::path& folder)
{
    fs::create_directories(folder);
    writeBytes(folder / "config.json", R"({"model_type": "llama"})");
    const TensorPlace place{"model.embed_tokens.weight", ElementType::F32, {131072, 1024}};
    const std::string header = safetensorsHeader({place}, {});
    writeBytes(folder / "model.safetensors", header);
    fs::resize_file(folder / "model.safetensors", header.size() + place.byteCount());
    return folder;
}

} // namespace

/// Takes the place of the file manager.
class Opener : public QObject {
    Q_OBJECT

public:
    Opener() { QDesktopServices::setUrlHandler(u"file"_s, this, "open"); }
    ~Opener() override { QDesktopServices::unsetUrlHandler(u"file"_s); }

    QList<QUrl> urls;

public Q_SLOTS:
    void open(const QUrl& url) { urls << url; }
};

class TestExportDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u"^(?!This plugin)"_s)); }

    void aRunIsExportedInEveryForm_data();
    void aRunIsExportedInEveryForm();
    void typeAndFileSizeAreTaken();
    void anAdapterIsSaidToBeReversible();
    void aFormThatTheModelCannotTakeSaysWhy();
    void cancelLeavesNothing_data();
    void cancelLeavesNothing();
    void whatGoesWrongIsReported();
    void aTakenNameIsRefusedAndAProposedOneGivesWay();
    void whatIsNotInOrderIsSaidInPlace_data();
    void whatIsNotInOrderIsSaidInPlace();
    void choicesAreRemembered();
    void theKeyboardIsEnough();
    void aRunWithoutAModelCannotBeExported();
    void aModelThatIsGoneIsReported();
};

void TestExportDialog::aRunIsExportedInEveryForm_data()
{
    QTest::addColumn<QByteArray>("option");
    QTest::addColumn<QString>("target");
    QTest::newRow("Hugging Face folder") << QByteArray("exportFolder") << u"forget-the-park"_s;
    QTest::newRow("GGUF") << QByteArray("exportGguf") << u"forget-the-park/forget-the-park.gguf"_s;
    QTest::newRow("delta") << QByteArray("exportDelta") << u"forget-the-park/model.lacdelta"_s;
    QTest::newRow("adapter") << QByteArray("exportAdapter") << u"forget-the-park-adapter"_s;
}

void TestExportDialog::aRunIsExportedInEveryForm()
{
    QFETCH(QByteArray, option);
    QFETCH(QString, target);
    Opened opened(kSharded, true);
    opened.open();
    opened.choose(option.constData());
    opened.waitForPlan();
    const QString path = opened.into + u'/' + target;
    QCOMPARE(opened.writes(), path);
    QVERIFY(!opened.part<QLabel>("exportSize")->text().isEmpty());
    QTest::mouseClick(opened.part<QPushButton>("exportButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(opened.message().startsWith(u"Exported"_s), kPatience);
    QVERIFY(opened.message().contains(path));
    QTRY_VERIFY(!opened.dialog());

    // What was written opens again.
    const fs::path written = path.toStdString();
    if (option == "exportFolder" || option == "exportAdapter") {
        const ModelInspection found = inspectModel(written).value();
        QVERIFY(found.loadable());
        QCOMPARE(found.adapter.has_value(), option == "exportAdapter");
        QVERIFY(fs::exists(written / "README.md"));
    } else if (option == "exportGguf") {
        QCOMPARE(GgufFile::open(written).value().content().tensors.size(), std::size_t{47});
    } else {
        Progress none;
        const fs::path back = opened.bench.path("back");
        QCOMPARE(restoreDelta(written, kStories, back, none).value().ending, Ending::Complete);
        QVERIFY(fileBytes(back / "config.json") == fileBytes(kSharded / "config.json"));
    }

    Opener opener;
    const auto buttons = opened.bench.messages.findChildren<QPushButton*>();
    const auto open = std::ranges::find(buttons, u"Open folder"_s, &QPushButton::text);
    QVERIFY(open != buttons.end());
    QTest::mouseClick(*open, Qt::LeftButton);
    QCOMPARE(opener.urls,
             QList<QUrl>{QUrl::fromLocalFile(opened.into + u'/' + target.section(u'/', 0, 0))});
}

void TestExportDialog::typeAndFileSizeAreTaken()
{
    Opened opened(kSharded);
    opened.open();
    opened.choose("exportFolder");
    auto* type = opened.part<QComboBox>("exportType");
    QCOMPARE(type->findData(u"q8_0"_s), -1); // not in safetensors
    while (type->currentData() != u"float16"_s)
        QTest::keyClick(type, Qt::Key_Down);
    auto* shard = opened.part<QComboBox>("exportShard");
    shard->lineEdit()->selectAll();
    QTest::keyClicks(shard->lineEdit(), u"200 KB"_s);
    opened.waitForPlan();
    QVERIFY2(opened.part<QLabel>("exportSize")->text().contains(u"in 3 files"_s),
             qPrintable(opened.part<QLabel>("exportSize")->text()));
    QTest::mouseClick(opened.part<QPushButton>("exportButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(opened.message().startsWith(u"Exported"_s), kPatience);
    const fs::path folder = opened.exported("forget-the-park");
    QVERIFY(fs::exists(folder / "model-00003-of-00003.safetensors"));
    QCOMPARE(shown(inspectModel(folder).value().stored.front().type), u"F16"_s);
}

void TestExportDialog::anAdapterIsSaidToBeReversible()
{
    Opened opened(kSharded, true);
    opened.open();
    auto* note = opened.part<NoteLine>("reversibleNote");
    QVERIFY(!note->isVisible());
    opened.choose("exportAdapter");
    QVERIFY(note->isVisible());
    QVERIFY(note->text().contains(u"reversible"_s));
    QVERIFY(opened.part<QRadioButton>("exportFolder")->isChecked());
    QVERIFY(!opened.part<QRadioButton>("exportGguf")->isEnabled());
    QVERIFY(opened.part<QLabel>("exportFolderHelp")->text().contains(u"PEFT"_s));
    QVERIFY(!opened.part<QComboBox>("exportType")->isEnabled());
    opened.choose("exportModel");
    QVERIFY(!note->isVisible());
    QVERIFY(opened.part<QRadioButton>("exportGguf")->isEnabled());

    Opened without(kSharded);
    without.open();
    QVERIFY(!without.part<QRadioButton>("exportAdapter")->isEnabled());
    QVERIFY(without.part<QLabel>("exportAdapterHelp")->text().contains(u"has none"_s));
}

void TestExportDialog::aFormThatTheModelCannotTakeSaysWhy()
{
    Opened opened(TEST_DATA_DIR "/golden/hf-parity/opt-pre");
    opened.bench.settings.setValue(u"export/form"_s, u"gguf"_s); // of the last export
    opened.open();
    const auto* gguf = opened.part<QRadioButton>("exportGguf");
    QVERIFY(gguf->isVisible());
    QVERIFY(!gguf->isEnabled());
    QVERIFY2(opened.part<QLabel>("exportGgufHelp")->text().contains(u"opt"_s),
             qPrintable(opened.part<QLabel>("exportGgufHelp")->text()));
    QVERIFY(gguf->accessibleDescription().contains(u"opt"_s));
    QVERIFY(!opened.part<QRadioButton>("exportDelta")->isEnabled()); // of another model
    QVERIFY(opened.part<QRadioButton>("exportFolder")->isChecked());
    opened.waitForPlan();
}

void TestExportDialog::cancelLeavesNothing_data()
{
    QTest::addColumn<bool>("byKey");
    QTest::newRow("by the button") << false;
    QTest::newRow("by Escape") << true;
}

void TestExportDialog::cancelLeavesNothing()
{
    QFETCH(bool, byKey);
    const TemporaryFolder models;
    Opened opened(largeModel(models.file("large")));
    opened.open();
    opened.waitForPlan();
    QTest::mouseClick(opened.part<QPushButton>("exportButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(opened.part<QProgressBar>("exportProgress")->value() > 0, kPatience);
    QVERIFY(opened.part<QLabel>("exportPhase")->text().contains(u"512.0 MiB"_s));
    if (byKey)
        QTest::keyClick(opened.dialog(), Qt::Key_Escape);
    else
        QTest::mouseClick(opened.part<QPushButton>("cancelExportButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(opened.message().contains(u"cancelled"_s), kPatience);
    QTRY_VERIFY(!opened.dialog());
    QVERIFY(fs::is_empty(opened.into.toStdString()));
}

void TestExportDialog::whatGoesWrongIsReported()
{
    const TemporaryFolder models;
    const fs::path model = copied(kStories, models.file("model"));
    Opened opened(model);
    opened.open();
    opened.waitForPlan();
    fs::remove(model / "model.safetensors"); // while the person thinks
    QTest::mouseClick(opened.part<QPushButton>("exportButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(opened.message().startsWith(u"Not found"_s), kPatience);
    QTRY_VERIFY(!opened.dialog());
    const auto buttons = opened.bench.messages.findChildren<QPushButton*>();
    const auto copy = std::ranges::find(buttons, u"Copy details"_s, &QPushButton::text);
    QVERIFY(copy != buttons.end());
    QVERIFY(fs::is_empty(opened.into.toStdString()));
}

void TestExportDialog::aTakenNameIsRefusedAndAProposedOneGivesWay()
{
    Opened opened(kSharded);
    fs::create_directories(opened.exported("forget-the-park"));
    writeBytes(opened.exported("forget-the-park") / "mine.txt", "keep");
    opened.open();
    opened.waitForPlan();
    auto* name = opened.part<QLineEdit>("exportName");
    QCOMPARE(name->text(), u"forget-the-park-2"_s);
    name->selectAll();
    QTest::keyClicks(name, u"forget-the-park"_s);
    QTRY_VERIFY_WITH_TIMEOUT(opened.note().contains(u"there already"_s), kPatience);
    QVERIFY(!opened.part<QPushButton>("exportButton")->isEnabled());
    QTest::keyClicks(name, u"-again"_s);
    opened.waitForPlan();
    QCOMPARE(opened.writes(), opened.into + u"/forget-the-park-again"_s);
}

void TestExportDialog::whatIsNotInOrderIsSaidInPlace_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("says");
    QTest::newRow("no name") << QByteArray("exportName") << u" "_s << u"a name"_s;
    QTest::newRow("a path") << QByteArray("exportName") << u"../x"_s << u"without slashes"_s;
    QTest::newRow("no size") << QByteArray("exportShard") << u"large"_s << u"500 MB"_s;
}

void TestExportDialog::whatIsNotInOrderIsSaidInPlace()
{
    QFETCH(QByteArray, field);
    QFETCH(QString, typed);
    QFETCH(QString, says);
    Opened opened(kSharded);
    opened.open();
    opened.waitForPlan();
    auto* line = field == "exportShard" ? opened.part<QComboBox>("exportShard")->lineEdit()
                                        : opened.part<QLineEdit>(field.constData());
    line->selectAll();
    QTest::keyClicks(line, typed);
    QVERIFY2(opened.note().contains(says), qPrintable(opened.note()));
    QVERIFY(!opened.part<QPushButton>("exportButton")->isEnabled());
}

void TestExportDialog::choicesAreRemembered()
{
    Opened opened(kSharded, true);
    opened.open();
    opened.choose("exportGguf");
    auto* type = opened.part<QComboBox>("exportType");
    while (type->currentData() != u"q8_0"_s)
        QTest::keyClick(type, Qt::Key_Down);
    // Another place, by the picker.
    const QString elsewhere = opened.bench.folder.filePath(u"elsewhere"_s);
    fs::create_directories(elsewhere.toStdString());
    opened.bench.prompts.path = elsewhere;
    QTest::mouseClick(opened.part<QPushButton>("browse"), Qt::LeftButton);
    opened.waitForPlan();
    QCOMPARE(opened.writes(), elsewhere + u"/forget-the-park/forget-the-park-Q8_0.gguf"_s);
    QTest::mouseClick(opened.part<QPushButton>("exportButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(opened.message().startsWith(u"Exported"_s), kPatience);
    QTRY_VERIFY(!opened.dialog());

    opened.open();
    QVERIFY(opened.part<QRadioButton>("exportGguf")->isChecked());
    QCOMPARE(opened.part<QComboBox>("exportType")->currentData().toString(), u"q8_0"_s);
    QCOMPARE(opened.part<PathPicker>("exportPlace")->path(), elsewhere);
}

void TestExportDialog::theKeyboardIsEnough()
{
    Opened opened(kSharded);
    opened.page->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(opened.page.get()));
    QTRY_VERIFY_WITH_TIMEOUT(opened.button() && opened.button()->isEnabled(), kPatience);
    QTest::keyClick(opened.page.get(), Qt::Key_E, Qt::ControlModifier);
    QTRY_VERIFY(opened.dialog());
    QTRY_VERIFY(opened.part<QRadioButton>("exportModel")->isEnabled());
    QVERIFY(QTest::qWaitForWindowActive(opened.dialog()));
    auto* folder = opened.part<QRadioButton>("exportFolder");
    folder->setFocus();
    QTest::keyClick(folder, Qt::Key_Down);
    QVERIFY(opened.part<QRadioButton>("exportGguf")->isChecked());
    opened.waitForPlan();
    for (const QWidget* part : opened.dialog()->findChildren<QWidget*>())
        if ((part->focusPolicy() & Qt::TabFocus) != 0 && part->isVisible() &&
            !qobject_cast<const QAbstractButton*>(part) && !part->inherits("QComboBoxListView") &&
            !qobject_cast<const QComboBox*>(part->parentWidget()))
            QVERIFY2(!part->accessibleName().isEmpty(), qPrintable(part->objectName()));
    QTest::keyClick(opened.part<QLineEdit>("exportName"), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(opened.message().startsWith(u"Exported"_s), kPatience);
}

void TestExportDialog::aRunWithoutAModelCannotBeExported()
{
    Opened opened({});
    QTRY_VERIFY_WITH_TIMEOUT(opened.bench.actions.action(u"history.repeat"_s)->isEnabled(),
                             kPatience);
    QVERIFY(!opened.button()->isEnabled());
    QVERIFY(opened.button()->toolTip().contains(u"left no model"_s));
}

void TestExportDialog::aModelThatIsGoneIsReported()
{
    Opened opened("/nowhere/model");
    QTRY_VERIFY_WITH_TIMEOUT(opened.button() && opened.button()->isEnabled(), kPatience);
    QTest::mouseClick(opened.button(), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(opened.message().contains(u"no longer there"_s), kPatience);
    QTRY_VERIFY(!opened.dialog());
}

QTEST_MAIN(TestExportDialog)
#include "tst_export_dialog.moc"
