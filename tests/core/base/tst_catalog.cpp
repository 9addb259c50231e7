#include "core/base/catalog.h"
#include "tests/core/base/std_text.h"

#include <QtTest>

using namespace lacuna;

namespace {

struct Entry {
    std::string id;
    int value = 0;
};

Catalog<Entry> methods()
{
    return {"method", {{"grad-diff", 1}, {"npo", 2}, {"rmu", 3}}};
}

} // namespace

class TestCatalog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void entriesKeepTheirOrder();
    void aKnownIdIsFound();
    void aMisspelledIdNamesTheNearest();
    void anIdUnlikeAllListsThem();
    void aDuplicateIdThrows();
    void anEmptyCatalogueFindsNothing();
};

void TestCatalog::entriesKeepTheirOrder()
{
    const auto catalog = methods();
    QCOMPARE(catalog.ids(), (std::vector<std::string>{"grad-diff", "npo", "rmu"}));
    QCOMPARE(catalog.entries().size(), std::size_t{3});
}

void TestCatalog::aKnownIdIsFound()
{
    const auto catalog = methods();
    const Result<const Entry*> found = catalog.find("npo");
    QVERIFY(found);
    QCOMPARE(found.value(), &catalog.entries()[1]);
    QCOMPARE(found.value()->value, 2);
}

void TestCatalog::aMisspelledIdNamesTheNearest()
{
    const auto found = methods().find("grad-dif");
    QVERIFY(!found);
    QCOMPARE(found.error().code, ErrorCode::NotFound);
    QCOMPARE(shown(found.error().text()),
             shown("there is no method \"grad-dif\"; did you mean \"grad-diff\"?"));
}

void TestCatalog::anIdUnlikeAllListsThem()
{
    QCOMPARE(shown(methods().find("something").error().remedy),
             shown("known ones: grad-diff, npo, rmu"));
}

void TestCatalog::aDuplicateIdThrows()
{
    using Entries = Catalog<Entry>;
    QVERIFY_EXCEPTION_THROWN(Entries("method", {{"a"}, {"b"}, {"a"}}), std::logic_error);
}

void TestCatalog::anEmptyCatalogueFindsNothing()
{
    const Catalog<Entry> catalog("method", {});
    QVERIFY(!catalog.find(""));
    QVERIFY(catalog.ids().empty());
}

QTEST_GUILESS_MAIN(TestCatalog)
#include "tst_catalog.moc"
