#include "core/tokens/added_tokens.h"

#include <QTest>

using namespace lacuna;

namespace {

/// The segments as one line: plain text as it is, tokens as #id.
std::string shown(const std::vector<AddedToken>& tokens, std::string_view text,
                  WordEdge edge = WordEdge::Space)
{
    const AddedTokenSplitter splitter(tokens, edge);
    std::string line;
    for (const AddedTokenSplitter::Segment& segment : splitter.split(text))
        line +=
            "[" +
            (segment.token ? "#" + std::to_string(segment.token->id) : std::string(segment.text)) +
            "]";
    return line;
}

} // namespace

class TestAddedTokens : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textWithoutTokensIsOneSegment()
    {
        QCOMPARE(shown({}, "a b"), std::string("[a b]"));
        QCOMPARE(shown({{.text = "<x>", .id = 5}}, "a b"), std::string("[a b]"));
        QCOMPARE(shown({{.text = "<x>", .id = 5}}, ""), std::string());
    }

    void theLongestTokenWins()
    {
        const std::vector<AddedToken> tokens = {
            {.text = "ab", .id = 1}, {.text = "abc", .id = 2}, {.text = "c", .id = 3}};
        QCOMPARE(shown(tokens, "xabcabc"), std::string("[x][#2][#2]"));
        QCOMPARE(shown(tokens, "abdc"), std::string("[#1][d][#3]"));
    }

    void theLeftmostTokenWins()
    {
        QCOMPARE(shown({{.text = "ab", .id = 1}, {.text = "bcde", .id = 2}}, "abcde"),
                 std::string("[#1][cde]"));
    }

    void strippingTakesTheSpaceOnItsSideOnly()
    {
        QCOMPARE(shown({{.text = "<x>", .id = 5, .stripLeft = true}}, "a \t<x> b"),
                 std::string("[a][#5][ b]"));
        QCOMPARE(
            shown({{.text = "<x>", .id = 5, .stripRight = true}}, "a <x> \xC2\xA0\xE3\x80\x80 b"),
            std::string("[a ][#5][b]"));
    }

    void stripsSpaceBetweenTwoTokensAltogether()
    {
        QCOMPARE(shown({{.text = "<x>", .id = 5, .stripRight = true}}, "<x> \n <x>"),
                 std::string("[#5][#5]"));
    }

    void aSingleWordIsNotFoundInsideAnother()
    {
        const std::vector<AddedToken> tokens = {{.text = "cat", .id = 7, .singleWord = true}};
        QCOMPARE(shown(tokens, "cat"), std::string("[#7]"));
        QCOMPARE(shown(tokens, "a cat sat"), std::string("[a ][#7][ sat]"));
        QCOMPARE(shown(tokens, "concat cats"), std::string("[concat cats]"));
        QCOMPARE(shown(tokens, "cat,cat"), std::string("[cat,cat]"));
        const auto asTheLibrary = [&](std::string_view text) {
            return shown(tokens, text, WordEdge::NonCharacter);
        };
        QCOMPARE(asTheLibrary("cat,cat _cat cat\u0301"),
                 std::string("[#7][,][#7][ _cat cat\u0301]"));
    }

    void aLongerTokenThatIsNoSingleWordGivesWayToAShorterOne()
    {
        const std::vector<AddedToken> tokens = {{.text = "cat", .id = 7},
                                                {.text = "cats", .id = 8, .singleWord = true}};
        QCOMPARE(shown(tokens, "catsy"), std::string("[#7][sy]"));
        QCOMPARE(shown(tokens, "catsy", WordEdge::NonCharacter), std::string("[catsy]"));
    }

    /// 50 000 tokens of one first byte; comparing each at every place would take minutes.
    void manyTokensTakeNoQuadraticTime()
    {
        std::vector<AddedToken> tokens;
        for (int i = 0; i < 50'000; ++i)
            tokens.push_back({.text = "aaa" + std::to_string(i) + "#", .id = i});
        QCOMPARE(shown(tokens, std::string(100'000, 'a') + "aaa77#").substr(100'000),
                 std::string("a][#77]"));
    }
};

QTEST_GUILESS_MAIN(TestAddedTokens)
#include "tst_added_tokens.moc"
