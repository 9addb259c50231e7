#include "core/tokens/regex.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lacuna;

namespace {

/// \p text with its matches in brackets, or the error.
std::string marked(std::string_view pattern, std::string_view text)
{
    const Result<Regex> regex = Regex::compile(pattern);
    if (!regex)
        return regex.error().message;
    MatchBudget budget(text.size());
    const auto matches = regex->matches(text, budget);
    if (!matches)
        return matches.error().message;
    std::string result;
    std::size_t at = 0;
    for (const Regex::Span& span : *matches) {
        result.append(text, at, span.begin - at);
        result += "[" + std::string(text.substr(span.begin, span.end - span.begin)) + "]";
        at = span.end;
    }
    return result.append(text, at);
}

} // namespace

class TestRegex : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// As Oniguruma's manual (doc/RE of its version 6.9) describes the constructs.
    void patternsMeanWhatOnigurumaMeans_data()
    {
        QTest::addColumn<QByteArray>("pattern");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("result");
        const auto row = [](const char* name, const char* pattern, const char* text,
                            const char* result) {
            QTest::newRow(name) << QByteArray(pattern) << QByteArray(text) << QByteArray(result);
        };
        row("white space is Unicode's", "\\s+", "a \u00a0\u0085\u2003b\u180ec\u200bd",
            "a[ \u00a0\u0085\u2003]b\u180ec\u200bd");
        row("in a class too", "[^\\s]+", "a\u00a0b", "[a]\u00a0[b]");
        row("words have marks and connectors", "\\w+", "e\u0301_a\u203f\u0661-",
            "[e\u0301_a\u203f\u0661]-");
        row("no word", "\\W", "a-\u0301b", "a[-]\u0301b");
        row("lines begin and end anywhere", "^a$", "a\na\r\na", "[a]\na\r\n[a]");
        row("the text begins once", "\\Aa", "a\na", "[a]\na");
        row("a dot is no line end", ".+", "ab\ncd", "[ab]\n[cd]");
        row("a script is no extension of one", "\\p{Han}+", "\u6f22\u3001\u5b57",
            "[\u6f22]\u3001[\u5b57]");
        row("a property negated inside", "\\p{^L}+", "a12b", "a[12]b");
        row("at most", "xa{,2}", "xaaa", "[xaa]a");
        row("vertical tab", "\\v", "a\vb\nc", "a[\v]b\nc");
        row("code points", "\\u00e9|\\x{65e5}|\\x2a", "\u00e9\u65e5*", "[\u00e9][\u65e5][*]");
        row("possessive", "a?+b++", "abb", "[abb]");
        row("look around", "(?<=a)b(?!c)", "abc ab", "abc a[b]");
        row("letters of any case", "(?i:'s)", "'S '\u017f", "['S] ['\u017f]");
        row("a class of POSIX", "[[:alpha:]]+", "ab1", "[ab]1");
    }

    void patternsMeanWhatOnigurumaMeans()
    {
        QFETCH(QByteArray, pattern);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, result);
        QCOMPARE(marked(pattern.toStdString(), text.toStdString()), result.toStdString());
    }

    void whatOtherLibrariesReadDifferentlyIsRefused_data()
    {
        QTest::addColumn<QByteArray>("pattern");
        QTest::addColumn<QByteArray>("construct");
        for (const auto& [pattern, construct] :
             {std::pair("[a-z&&[^b]]", "&&"), std::pair("[a[b]]", "[ inside a class"),
              std::pair("\\h", "\\h"), std::pair("\\1(a)", "\\1"), std::pair("\\b", "\\b"),
              std::pair("(?m)a.b", "(?m"), std::pair("(?<n>a)", "(?<"), std::pair("(*FAIL)", "(*F"),
              std::pair("a{2}+", "}+"), std::pair("[]a]", "[]"), std::pair("[a", "["),
              std::pair("a\\", "\\"), std::pair("\\p{L", "\\p"), std::pair("\\x{}", "\\x"),
              std::pair("\\u12", "\\u"), std::pair("\\K", "\\K"), std::pair("\\X", "\\X"),
              std::pair("[\\W]", "\\W inside a class")})
            QTest::newRow(pattern) << QByteArray(pattern) << QByteArray(construct);
    }

    void whatOtherLibrariesReadDifferentlyIsRefused()
    {
        QFETCH(QByteArray, pattern);
        QFETCH(QByteArray, construct);
        const Result<Regex> regex = Regex::compile(pattern.toStdString());
        QVERIFY(!regex);
        QVERIFY(regex.error().code == ErrorCode::Unsupported);
        QCOMPARE(regex.error().message, "the regular expression has \"" + construct.toStdString() +
                                            "\", which is not supported");
    }

    void patternsThatDoNotCompileAreRefused_data()
    {
        QTest::addColumn<QByteArray>("pattern");
        QTest::newRow("a group that stays open") << QByteArray("(a");
        QTest::newRow("a property that is none") << QByteArray("\\p{Nope}");
        QTest::newRow("a range backwards") << QByteArray("[z-a]");
        QTest::newRow("nothing to repeat") << QByteArray("+");
        QTest::newRow("an empty match") << QByteArray("a*");
        QTest::newRow("only a look ahead") << QByteArray("(?=a)");
        QTest::newRow("a look behind of any length") << QByteArray("(?<=a+)b");
        QTest::newRow("too long") << QByteArray(20'000, 'a');
        QTest::newRow("too large") << QByteArray("((a{999}){999}){999}");
        QTest::newRow("too deep") << QByteArray(QByteArray(5'000, '(') + QByteArray(5'000, ')'));
        QTest::newRow("not UTF-8") << QByteArray("\xFF");
    }

    void patternsThatDoNotCompileAreRefused()
    {
        QFETCH(QByteArray, pattern);
        const Result<Regex> regex = Regex::compile(pattern.toStdString());
        QVERIFY(!regex);
        QVERIFY(regex.error().code == ErrorCode::Unsupported);
    }

    void aTextIsItsOwnPattern()
    {
        const std::string text = "a.b*[\\]{2}^$\u00e9()";
        const Regex regex = Regex::literal(text).value();
        MatchBudget budget(100);
        QCOMPARE(regex.matches("x" + text + text, budget).value().size(), std::size_t(2));
    }

    void whatMayBecomeAMatchIsSeen_data()
    {
        QTest::addColumn<QByteArray>("pattern");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("begin"); // -1: nothing begins
        QTest::addColumn<bool>("isMatch");
        const auto row = [](const char* name, const char* pattern, const char* text, int begin,
                            bool isMatch) {
            QTest::newRow(name) << QByteArray(pattern) << QByteArray(text) << begin << isMatch;
        };
        row("nothing", "abc", "xyz", -1, false);
        row("the beginning of a match", "abc", "xyzab", 3, false);
        row("a match", "abc", "xabcx", 1, true);
        row("a beginning that came to nothing", "abc", "abx", -1, false);
        row("the first of two beginnings", "abab!", "xabab", 1, false);
        row("a match that may get longer", "ab+", "xab", 1, false);
        row("and has ended", "ab+", "xabx", 1, true);
        row("what follows decides", "cat(?!\\w)", "cat", 0, false);
        row("and has decided", "cat(?!\\w)", "cats", -1, false);
        row("a match behind a beginning", "a.*z|c", "xaxc", 1, false);
        row("characters of several bytes", "\u00e9\u65e5", "x\u00e9", 1, false);
        row("an empty text", "a", "", -1, false);
    }

    void whatMayBecomeAMatchIsSeen()
    {
        QFETCH(QByteArray, pattern);
        QFETCH(QByteArray, text);
        QFETCH(int, begin);
        const Regex regex = Regex::compile(pattern.toStdString()).value();
        MatchBudget budget(static_cast<std::size_t>(text.size()));
        const auto sight = regex.sight(text.toStdString(), budget).value();
        QCOMPARE(sight ? static_cast<int>(sight->begin) : -1, begin);
        QTEST(sight && sight->isMatch, "isMatch");
    }

    void aSightThatTakesTooLongIsAnError()
    {
        const Regex regex = Regex::compile("(a+)+c").value();
        const std::string text = std::string(60, 'a') + "bc";
        MatchBudget budget(text.size());
        QVERIFY(!regex.sight(text, budget));
    }

    void anExplosionEnds_data()
    {
        QTest::addColumn<QByteArray>("pattern");
        QTest::newRow("nested") << QByteArray("(a+)+[^a]");
        QTest::newRow("alternatives") << QByteArray("(a|a)+[^a]");
        QTest::newRow("captures") << QByteArray("(?:(a*)(a*)(a*)(a*)(a*)(a*))+[^a]");
        QTest::newRow("look ahead") << QByteArray("(?=(a+)+[^a])a");
    }

    void anExplosionEnds()
    {
        QFETCH(QByteArray, pattern);
        QElapsedTimer clock;
        clock.start();
        QCOMPARE(marked(pattern.toStdString(), std::string(100'000, 'a')),
                 std::string("a regular expression of the tokenizer takes too long on this text"));
        QVERIFY(clock.elapsed() < 10'000); // two seconds and a slow machine's share
    }

    void longMatchesAreNoExplosion()
    {
        const std::string spaces(200'000, ' ');
        QCOMPARE(marked("\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", spaces + "x"),
                 "[" + spaces.substr(1) + "][ ]x");
        QCOMPARE(marked("(?:ab|cd)+", std::string("abcd")), std::string("[abcd]"));
        std::string groups;
        for (int i = 0; i < 50'000; ++i)
            groups += "abcd";
        QCOMPARE(marked("(?:ab|cd)+", groups), "[" + groups + "]");
    }
};

QTEST_GUILESS_MAIN(TestRegex)
#include "tst_regex.moc"
