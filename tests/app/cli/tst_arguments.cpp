#include "app/cli/arguments.h"
#include "core/base/text.h"
#include "tests/support/test_main.h"

#include <stdexcept>

using namespace lacuna;

namespace {

const std::vector<Positional> kPositionals = {
    {.name = "MODEL"}, {.name = "FILE", .required = false, .repeatable = true}};
const std::vector<Option> kOptions = {
    {.name = "json"},
    {.name = "prompt", .value = "P"},
    {.name = "seed", .value = "S", .type = ValueType::Integer, .min = 0},
    {.name = "top-p", .value = "P", .type = ValueType::Number, .min = 0, .max = 1},
    {.name = "set", .value = "K=V", .repeatable = true},
};

std::vector<std::string> words(const QString& line)
{
    std::vector<std::string> list;
    for (const QString& word : line.split(u'|', Qt::SkipEmptyParts))
        list.push_back(word.toStdString());
    return list;
}

} // namespace

class TestArguments : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatFitsIsRead_data();
    void whatFitsIsRead();
    void whatDoesNotFitIsExplained_data();
    void whatDoesNotFitIsExplained();
    void absentOptionsHaveNoValue();
    void valuesKeepTheirTypes();
    void aRequiredOptionIsAskedFor();
    void anUndeclaredNameIsABug();
};

void TestArguments::whatFitsIsRead_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("values");
    QTest::newRow("a positional") << "m"
                                  << "MODEL"
                                  << "m";
    QTest::newRow("a dash alone is a positional") << "-"
                                                  << "MODEL"
                                                  << "-";
    QTest::newRow("the last positional repeats") << "m|a|b"
                                                 << "FILE"
                                                 << "a|b";
    QTest::newRow("options between positionals") << "m|--json|a|--seed|4|b"
                                                 << "FILE"
                                                 << "a|b";
    QTest::newRow("a value in the next word") << "m|--prompt|Who?"
                                              << "prompt"
                                              << "Who?";
    QTest::newRow("a value behind an equals sign") << "m|--prompt=Who?"
                                                   << "prompt"
                                                   << "Who?";
    QTest::newRow("only the first equals sign splits") << "m|--prompt=a=b"
                                                       << "prompt"
                                                       << "a=b";
    QTest::newRow("a value that begins with dashes") << "m|--prompt=--x"
                                                     << "prompt"
                                                     << "--x";
    QTest::newRow("a value that begins with one dash") << "m|--prompt|-1"
                                                       << "prompt"
                                                       << "-1";
    QTest::newRow("repeated keys keep their order") << "m|--set|b=1|--set=a=2"
                                                    << "set"
                                                    << "b=1|a=2";
    QTest::newRow("two dashes end the options") << "--|--json"
                                                << "MODEL"
                                                << "--json";
    QTest::newRow("only the first two dashes end them") << "--|m|--"
                                                        << "FILE"
                                                        << "--";
    QTest::newRow("a range includes its ends") << "m|--top-p|1"
                                               << "top-p"
                                               << "1";
}

void TestArguments::whatFitsIsRead()
{
    QFETCH(QString, line);
    QFETCH(QString, name);
    QFETCH(QString, values);
    const auto arguments = Arguments::parse(kPositionals, kOptions, words(line));
    QVERIFY2(arguments, arguments ? "" : arguments.error().text().c_str());
    QCOMPARE(join(arguments->list(name.toStdString()), "|"), values.toStdString());
}

void TestArguments::whatDoesNotFitIsExplained_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing at all") << ""
                                    << "MODEL is missing";
    QTest::newRow("a misspelt option") << "m|--promt|x"
                                       << "did you mean --prompt?";
    QTest::newRow("a misspelt option with a value") << "m|--sed=1"
                                                    << "did you mean --seed?";
    QTest::newRow("a strange option") << "m|--wavelength"
                                      << "known ones: --help, --json";
    QTest::newRow("a short option") << "m|-j"
                                    << "there is no option -j";
    QTest::newRow("no value at the end") << "m|--prompt"
                                         << "--prompt needs a value";
    QTest::newRow("an option for a value") << "m|--prompt|--json"
                                           << "--prompt needs a value";
    QTest::newRow("a value for a flag") << "m|--json=yes"
                                        << "--json takes no value";
    QTest::newRow("given twice") << "m|--seed|1|--seed|2"
                                 << "--seed is given twice";
    QTest::newRow("no number") << "m|--seed|ten"
                               << "--seed wants a whole number, 0 or more";
    QTest::newRow("a fraction") << "m|--seed|1.5"
                                << "not \"1.5\"";
    QTest::newRow("an empty number") << "m|--seed="
                                     << "not \"\"";
    QTest::newRow("a number with a tail") << "m|--top-p|0.5x"
                                          << "not \"0.5x\"";
    QTest::newRow("below the range") << "m|--seed|-1"
                                     << "0 or more, not \"-1\"";
    QTest::newRow("above the range") << "m|--top-p|1.5"
                                     << "a number from 0 to 1";
    QTest::newRow("not a number at all") << "m|--top-p|nan"
                                         << "not \"nan\"";
    QTest::newRow("beyond 64 bits") << "m|--seed|99999999999999999999"
                                    << "--seed wants";
}

void TestArguments::whatDoesNotFitIsExplained()
{
    QFETCH(QString, line);
    QFETCH(QString, text);
    const auto arguments = Arguments::parse(kPositionals, kOptions, words(line));
    QVERIFY(!arguments);
    QCOMPARE(arguments.error().code, ErrorCode::InvalidArgument);
    const QString message = QString::fromStdString(arguments.error().text());
    QVERIFY2(message.contains(text), qPrintable(message));
}

void TestArguments::absentOptionsHaveNoValue()
{
    const auto arguments = Arguments::parse(kPositionals, kOptions, {"m"});
    QVERIFY(arguments);
    QVERIFY(!arguments->flag("json"));
    QVERIFY(!arguments->text("prompt"));
    QVERIFY(!arguments->integer("seed"));
    QVERIFY(!arguments->number("top-p"));
    QVERIFY(arguments->list("set").empty());
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(arguments->value("prompt")), std::logic_error);
}

void TestArguments::valuesKeepTheirTypes()
{
    const auto arguments = Arguments::parse(
        kPositionals, kOptions, {"m", "--json", "--seed", "9007199254740993", "--top-p", "2e-5"});
    QVERIFY(arguments);
    QVERIFY(arguments->flag("json"));
    QCOMPARE(arguments->value("MODEL"), std::string("m"));
    QCOMPARE(arguments->integer("seed").value(), std::int64_t{9007199254740993});
    QCOMPARE(arguments->number("top-p").value(), 2e-5);
}

void TestArguments::aRequiredOptionIsAskedFor()
{
    const std::vector<Option> options = {{.name = "out", .value = "DIR", .required = true}};
    const auto arguments = Arguments::parse({}, options, {});
    QVERIFY(!arguments);
    QCOMPARE(arguments.error().message, std::string("--out DIR is missing"));
    QVERIFY(Arguments::parse({}, options, {"--out", "x"}));

    const auto tooMany = Arguments::parse({}, options, {"--out", "x", "y"});
    QVERIFY(!tooMany);
    QCOMPARE(tooMany.error().message, std::string("\"y\" is one argument too many"));
}

void TestArguments::anUndeclaredNameIsABug()
{
    const auto arguments = Arguments::parse(kPositionals, kOptions, {"m", "--prompt", "x"});
    QVERIFY(arguments);
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(arguments->flag("jason")), std::logic_error);
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(arguments->integer("prompt")), std::logic_error);
}

LACUNA_TEST_MAIN(TestArguments)
#include "tst_arguments.moc"
