#include "core/run/run_export.h"

#include "core/exchange/gguf.h"
#include "core/models/adapter_files.h"
#include "core/models/inspection.h"
#include "core/store/store.h"
#include "tests/core/base/std_text.h"
#include "tests/core/exchange/model_folder.h"
#include "tests/support/model_folders.h"

#include <QtTest>

using namespace lacuna;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

const fs::path kStories = TEST_DATA_DIR "/models/stories260K";
const fs::path kSharded = TEST_DATA_DIR "/models/stories260K-bf16-sharded";

/// A run that went from the stories to their rounded form, with an adapter of one matrix.
ExportSource sourceIn(const TemporaryFolder& folder)
{
    Store store = Store::open(folder.file("history.sqlite"), OpenMode::CreateIfMissing).value();
    Run run{.name = "forget the park", .recipe = "{}", .method = "npo"};
    run.model = {.path = kStories};
    run = store.createRun(run).value();
    const fs::path adapter = smallAdapter(folder.file("adapter"), 2);
    store.addArtefact(run.id, {.kind = "model", .path = kSharded}).value();
    store.addArtefact(run.id, {.kind = "adapter", .path = adapter}).value();
    store.endRun(run.id, {.state = RunState::Done}).value();
    return exportSource(store, store.run(run.id).value()).value();
}

void addForms()
{
    QTest::addColumn<ExportForm>("form");
    QTest::newRow("folder") << ExportForm::Folder;
    QTest::newRow("gguf") << ExportForm::Gguf;
    QTest::newRow("delta") << ExportForm::Delta;
    QTest::newRow("adapter") << ExportForm::Adapter;
}

std::uint64_t sizeOf(const fs::path& target)
{
    if (!fs::is_directory(target))
        return fs::file_size(target);
    std::uint64_t size = 0;
    for (const auto& entry : fs::directory_iterator(target))
        if (entry.path().extension() == ".safetensors")
            size += entry.file_size();
    return size;
}

} // namespace

Q_DECLARE_METATYPE(lacuna::ExportForm)

class TestRunExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sizesAreReadAsPeopleWriteThem_data();
    void sizesAreReadAsPeopleWriteThem();
    void whatIsWrittenIsNamedBefore();
    void thePlanIsWhatIsWritten_data();
    void thePlanIsWhatIsWritten();
    void aCancelledExportLeavesNothing_data();
    void aCancelledExportLeavesNothing();
    void foldersThatWereThereStay();
    void anAdapterOpensAgainAndSaysThatItComesOff();
    void whatCannotBeExportedIsRefusedWithAReason_data();
    void whatCannotBeExportedIsRefusedWithAReason();
    void aRunWithoutAModelIsRefused();
    void aFileInTheWayIsNamed();
};

void TestRunExport::sizesAreReadAsPeopleWriteThem_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<quint64>("bytes"); // 0: refused
    QTest::newRow("bytes") << "4096" << quint64{4096};
    QTest::newRow("megabytes") << "500MB" << quint64{500'000'000};
    QTest::newRow("with a space, small letters") << "5 gb" << quint64{5'000'000'000};
    QTest::newRow("binary") << "1GiB" << (quint64{1} << 30);
    QTest::newRow("a part") << "1.5KB" << quint64{1500};
    QTest::newRow("nothing") << "" << quint64{0};
    QTest::newRow("below a byte") << "0.5" << quint64{0};
    QTest::newRow("negative") << "-5GB" << quint64{0};
    QTest::newRow("another unit") << "5 apples" << quint64{0};
    QTest::newRow("infinite") << "inf" << quint64{0};
}

void TestRunExport::sizesAreReadAsPeopleWriteThem()
{
    QFETCH(QString, text);
    QFETCH(quint64, bytes);
    QCOMPARE(byteCount(text.toStdString()).value_or(0), bytes);
}

void TestRunExport::whatIsWrittenIsNamedBefore()
{
    Run run{.name = "forget: the/park"};
    const ExportSource source{.model = kSharded, .run = run};
    QCOMPARE(shown(exportName(source)), u"forget--the-park"_s);
    QCOMPARE(shown(exportName({.model = kSharded})), u"stories260K-bf16-sharded"_s);
    const auto target = [&](ExportForm form, const ExportType* type) {
        return exportTarget(source, {.form = form, .type = type}, "out").string();
    };
    QCOMPARE(shown(target(ExportForm::Folder, nullptr)), u"out"_s);
    QCOMPARE(shown(target(ExportForm::Adapter, nullptr)), u"out"_s);
    QCOMPARE(shown(target(ExportForm::Gguf, nullptr)), u"out/forget--the-park.gguf"_s);
    QCOMPARE(shown(target(ExportForm::Gguf, exportType("q8_0"))),
             u"out/forget--the-park-Q8_0.gguf"_s);
    QCOMPARE(shown(target(ExportForm::Delta, nullptr)), u"out/model.lacdelta"_s);
}

void TestRunExport::thePlanIsWhatIsWritten_data()
{
    addForms();
}

void TestRunExport::thePlanIsWhatIsWritten()
{
    QFETCH(ExportForm, form);
    const TemporaryFolder folder;
    const ExportSource source = sourceIn(folder);
    const ExportChoice choice{.form = form, .shardBytes = 200'000};
    const fs::path place = folder.file("new") / "place";
    const ExportReport planned = planExport(source, choice, place).value();
    QVERIFY(!fs::exists(place));
    Progress progress;
    const ExportReport written = exportModel(source, choice, place, progress).value();
    QCOMPARE(written.ending, Ending::Complete);
    QVERIFY(written.target == planned.target);
    QCOMPARE(written.tensors, planned.tensors);
    QCOMPARE(written.files, planned.files);
    QCOMPARE(shown(written.type), shown(planned.type));
    const std::uint64_t size = sizeOf(written.target);
    if (form == ExportForm::Delta)
        QVERIFY(size < planned.bytes);
    else // headers and paddings are not counted
        QVERIFY2(size >= planned.bytes && size < planned.bytes + 20'000,
                 qPrintable(QString::number(planned.bytes) + u' ' + QString::number(size)));
}

void TestRunExport::aCancelledExportLeavesNothing_data()
{
    addForms();
}

void TestRunExport::aCancelledExportLeavesNothing()
{
    QFETCH(ExportForm, form);
    const TemporaryFolder folder;
    const ExportSource source = sourceIn(folder);
    std::stop_source stop;
    Progress progress(stop.get_token(), [&](std::string_view what, std::uint64_t, std::uint64_t) {
        if (what == "writing")
            stop.request_stop();
    });
    const ExportReport report =
        exportModel(source, {.form = form}, folder.file("new") / "place", progress).value();
    QCOMPARE(report.ending, Ending::Cancelled);
    if (form == ExportForm::Folder || form == ExportForm::Adapter)
        QVERIFY(!fs::exists(folder.file("new") / "place.partial"));
    else
        QVERIFY(!fs::exists(folder.file("new")));
    QVERIFY(!fs::exists(folder.file("new") / "place"));
}

void TestRunExport::foldersThatWereThereStay()
{
    const TemporaryFolder folder;
    ExportSource source = sourceIn(folder);
    source.model = TEST_DATA_DIR "/golden/hf-parity/opt-pre"; // which llama.cpp does not know
    const fs::path place = folder.file("place");
    fs::create_directories(place);
    Progress progress;
    QVERIFY(!exportModel(source, {.form = ExportForm::Gguf}, place, progress));
    QVERIFY(fs::is_empty(place));
    QVERIFY(!exportModel(source, {.form = ExportForm::Gguf}, place / "a" / "b", progress));
    QVERIFY(fs::is_empty(place));
}

void TestRunExport::anAdapterOpensAgainAndSaysThatItComesOff()
{
    const TemporaryFolder folder;
    const ExportSource source = sourceIn(folder);
    Progress progress;
    const fs::path place = folder.file("place");
    (void)exportModel(source, {.form = ExportForm::Adapter}, place, progress).value();
    const ModelInspection found = inspectModel(place).value();
    QVERIFY(found.loadable());
    QVERIFY(found.adapter.has_value());
    QCOMPARE(found.adapter->rank, std::int64_t{2});
    QVERIFY(fileBytes(place / kAdapterWeights) == fileBytes(source.adapter / kAdapterWeights));
    const std::string card = fileBytes(place / "README.md");
    for (const char* part :
         {"library_name: peft", "base_model: \"stories260K\"", "whoever takes it off"})
        QVERIFY2(card.find(part) != std::string::npos, part);
}

void TestRunExport::whatCannotBeExportedIsRefusedWithAReason_data()
{
    QTest::addColumn<ExportForm>("form");
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("original"); // empty: the run started from none
    QTest::addColumn<QString>("reason");
    const auto golden = [](const char* name) {
        return QStringLiteral(TEST_DATA_DIR "/golden/hf-parity/") + QLatin1String(name);
    };
    const QString stories = shown(kStories.string());
    QTest::newRow("GGUF of a family that llama.cpp does not know")
        << ExportForm::Gguf << golden("opt-pre") << stories << "opt";
    QTest::newRow("a delta of other tensors")
        << ExportForm::Delta << golden("gpt2") << stories << "no tensor";
    QTest::newRow("a delta of a new model") << ExportForm::Delta << stories << ""
                                            << "started";
    QTest::newRow("an adapter that there is not")
        << ExportForm::Adapter << stories << stories << "no adapter";
    QTest::newRow("a folder without weights")
        << ExportForm::Folder << QStringLiteral(TEST_DATA_DIR) << stories << "config.json";
}

void TestRunExport::whatCannotBeExportedIsRefusedWithAReason()
{
    QFETCH(ExportForm, form);
    QFETCH(QString, model);
    QFETCH(QString, original);
    QFETCH(QString, reason);
    const TemporaryFolder folder;
    Run run{.name = "a run"};
    run.model = {.path = original.toStdString()};
    const ExportSource source{.model = model.toStdString(), .run = run};
    const Result<ExportReport> planned = planExport(source, {.form = form}, folder.file("x"));
    QVERIFY(!planned);
    QVERIFY2(shown(planned.error().text()).contains(reason), planned.error().text().c_str());
    Progress progress;
    const Result<ExportReport> done =
        exportModel(source, {.form = form}, folder.file("x"), progress);
    QVERIFY(!done);
    QCOMPARE(shown(done.error().text()), shown(planned.error().text()));
    QVERIFY(!fs::exists(folder.file("x")));
}

void TestRunExport::aRunWithoutAModelIsRefused()
{
    const TemporaryFolder folder;
    Store store = Store::open(folder.file("history.sqlite"), OpenMode::CreateIfMissing).value();
    const Run run = store.createRun({.name = "none", .recipe = "{}", .method = "npo"}).value();
    QVERIFY(shown(exportSource(store, run).error().text()).contains(u"has left no model"_s));
    store.addArtefact(run.id, {.kind = "model", .path = folder.file("gone").string()}).value();
    QVERIFY(shown(exportSource(store, run).error().text()).contains(u"no longer there"_s));
}

void TestRunExport::aFileInTheWayIsNamed()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("taken"), "x");
    const Result<ExportReport> planned =
        planExport({.model = kStories}, {}, folder.file("taken") / "sub");
    QVERIFY(!planned);
    QVERIFY(shown(planned.error().text()).contains(u"in the way"_s));
}

QTEST_GUILESS_MAIN(TestRunExport)
#include "tst_run_export.moc"
