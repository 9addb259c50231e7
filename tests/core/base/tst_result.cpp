#include "core/base/result.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

#include <memory>

using namespace lacuna;

namespace {

Error missing()
{
    return {.code = ErrorCode::NotFound, .message = "no such run"};
}

} // namespace

class TestResult : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aValueIsTrueAndReadable();
    void aValueCanBeMovedOut();
    void anErrorIsFalseAndReadable();
    void theValueOfAnErrorThrowsIt();
    void aStatusIsSuccessUntilItHoldsAnError();
    void everyCodeHasItsOwnName();
    void anErrorIsOneLine_data();
    void anErrorIsOneLine();
    void aPlaceGoesInFrontOfThePlace();
};

void TestResult::aValueIsTrueAndReadable()
{
    Result<std::string> result = std::string("four");
    QVERIFY(result);
    QCOMPARE(result->size(), std::size_t{4});
    *result += "teen";
    QCOMPARE(shown(std::as_const(result).value()), shown("fourteen"));
}

void TestResult::aValueCanBeMovedOut()
{
    Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
    const std::unique_ptr<int> taken = std::move(result).value();
    QCOMPARE(*taken, 7);
}

void TestResult::anErrorIsFalseAndReadable()
{
    const Result<int> result = missing();
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::NotFound);
}

void TestResult::theValueOfAnErrorThrowsIt()
{
    const Result<int> result = missing().at("store");
    try {
        (void)result.value();
        QFAIL("nothing was thrown");
    } catch (const ErrorException& failure) {
        QCOMPARE(failure.error().code, ErrorCode::NotFound);
        QCOMPARE(shown(failure.what()), shown("store: no such run"));
    }
    QVERIFY_EXCEPTION_THROWN((void)*result, ErrorException);
    QVERIFY_EXCEPTION_THROWN(Status(missing()).value(), ErrorException);
}

void TestResult::aStatusIsSuccessUntilItHoldsAnError()
{
    const Status success;
    QVERIFY(success);
    success.value();
    const Status failure = missing();
    QVERIFY(!failure);
    QCOMPARE(shown(failure.error().message), shown("no such run"));
}

void TestResult::everyCodeHasItsOwnName()
{
    QStringList names;
    for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code)
        names << shown(errorCodeName(static_cast<ErrorCode>(code)));
    QCOMPARE(names.removeDuplicates(), 0);
    QCOMPARE(names.first(), shown("not-found"));
    QCOMPARE(names.last(), shown("internal"));
}

void TestResult::anErrorIsOneLine_data()
{
    QTest::addColumn<QByteArray>("context");
    QTest::addColumn<QByteArray>("remedy");
    QTest::addColumn<QByteArray>("line");
    const auto row = [](const char* name, const char* context, const char* remedy,
                        const char* line) {
        QTest::newRow(name) << QByteArray(context) << QByteArray(remedy) << QByteArray(line);
    };
    row("the message alone", "", "", "no such run");
    row("with a place", "store", "", "store: no such run");
    row("with a remedy", "", "list them", "no such run; list them");
    row("with both", "store", "list them", "store: no such run; list them");
}

void TestResult::anErrorIsOneLine()
{
    QFETCH(QByteArray, context);
    QFETCH(QByteArray, remedy);
    QFETCH(QByteArray, line);
    Error error = missing();
    error.context = context.toStdString();
    error.remedy = remedy.toStdString();
    QCOMPARE(shown(error.text()), shown(bytesOf(line)));
}

void TestResult::aPlaceGoesInFrontOfThePlace()
{
    const Error error = missing().at("row 3").at("file.json");
    QCOMPARE(shown(error.context), shown("file.json: row 3"));
    QCOMPARE(error.code, ErrorCode::NotFound);
    QCOMPARE(shown(error.message), shown("no such run"));
}

QTEST_GUILESS_MAIN(TestResult)
#include "tst_result.moc"
