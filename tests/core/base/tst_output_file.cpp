#include "core/base/output_file.h"
#include "tests/core/base/std_text.h"
#include "tests/core/store/temporary_folder.h"

#include <QtTest>

using namespace lacuna;
namespace fs = std::filesystem;

class TestOutputFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCommittedFileHasAllThatWasWritten();
    void untilThenTheOldFileStays();
    void withoutACommitNothingStays();
    void aPlaceThatCannotBeWrittenIsNamed();
    void aNameThatAFolderHasIsRefused();
};

void TestOutputFile::aCommittedFileHasAllThatWasWritten()
{
    const TemporaryFolder folder;
    OutputFile file = OutputFile::create(folder.file("f")).value();
    file.write("one ").value();
    OutputFile moved = std::move(file);
    moved.write("two").value();
    moved.commit().value();
    QVERIFY(fileBytes(folder.file("f")) == "one two");
    QVERIFY(!fs::exists(folder.file("f.partial")));
}

void TestOutputFile::untilThenTheOldFileStays()
{
    const TemporaryFolder folder;
    writeBytes(folder.file("f"), "old");
    OutputFile file = OutputFile::create(folder.file("f")).value();
    file.write("new").value();
    QVERIFY(fileBytes(folder.file("f")) == "old");
    file.commit().value();
    QVERIFY(fileBytes(folder.file("f")) == "new");
}

void TestOutputFile::withoutACommitNothingStays()
{
    const TemporaryFolder folder;
    {
        OutputFile file = OutputFile::create(folder.file("f")).value();
        file.write("half").value();
        QVERIFY(fs::exists(folder.file("f.partial")));
    }
    QVERIFY(!fs::exists(folder.file("f")));
    QVERIFY(!fs::exists(folder.file("f.partial")));
}

void TestOutputFile::aPlaceThatCannotBeWrittenIsNamed()
{
    const TemporaryFolder folder;
    const Result<OutputFile> file = OutputFile::create(folder.file("absent") / "f");
    QCOMPARE(file.error().code, ErrorCode::Io);
    QVERIFY(shown(file.error().context).endsWith(u"absent/f"));
}

void TestOutputFile::aNameThatAFolderHasIsRefused()
{
    const TemporaryFolder folder;
    fs::create_directories(folder.file("f") / "inside");
    OutputFile file = OutputFile::create(folder.file("f")).value();
    QCOMPARE(file.commit().error().code, ErrorCode::Io);
    QVERIFY(!fs::exists(folder.file("f.partial")));
    QVERIFY(fs::exists(folder.file("f") / "inside"));
}

QTEST_GUILESS_MAIN(TestOutputFile)
#include "tst_output_file.moc"
