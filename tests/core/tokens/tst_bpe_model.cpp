#include "core/tokens/bpe_model.h"

#include <QTest>

using namespace lacuna;

namespace {

using Ids = std::vector<std::int64_t>;

/// Pieces get ids by their order.
BpeDescription described(const std::vector<std::string>& pieces,
                         std::vector<std::pair<std::string, std::string>> merges)
{
    BpeDescription description;
    for (std::size_t id = 0; id < pieces.size(); ++id)
        description.vocabulary.emplace_back(pieces[id], static_cast<std::int64_t>(id));
    description.merges = std::move(merges);
    return description;
}

std::string spelled(const BpeDescription& description, std::string_view word)
{
    const BpeModel model = BpeModel::make(description, 1000).value();
    BpeModel::Workspace workspace;
    Ids ids;
    model.encode(word, ids, workspace);
    std::string text;
    for (const std::int64_t id : ids)
        for (const auto& [piece, pieceId] : model.vocabulary())
            if (pieceId == id)
                text += (text.empty() ? "" : " ") + piece;
    return text;
}

} // namespace

class TestBpeModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLowestRankGoesFirst()
    {
        const std::vector<std::string> pieces = {"a", "b", "c", "ab", "bc", "abc"};
        QCOMPARE(spelled(described(pieces, {{"b", "c"}, {"a", "b"}}), "abc"), std::string("a bc"));
        QCOMPARE(spelled(described(pieces, {{"a", "b"}, {"b", "c"}}), "abc"), std::string("ab c"));
        QCOMPARE(spelled(described(pieces, {{"b", "c"}, {"a", "bc"}}), "abc"), std::string("abc"));
    }

    void theLeftmostOfEqualsGoesFirst()
    {
        QCOMPARE(spelled(described({"a", "aa", "aaaa"}, {{"a", "a"}}), "aaaaa"),
                 std::string("aa aa a"));
        QCOMPARE(spelled(described({"a", "aa", "aaaa"}, {{"a", "a"}, {"aa", "aa"}}), "aaaaaaa"),
                 std::string("aaaa aa a"));
    }

    void aMergeThatIsThereTwiceHasTheLaterRank()
    {
        const std::vector<std::string> pieces = {"a", "b", "c", "ab", "bc"};
        QCOMPARE(spelled(described(pieces, {{"a", "b"}, {"b", "c"}, {"a", "b"}}), "abc"),
                 std::string("a bc"));
    }

    void mergesOfAnEmptyPieceEnd()
    {
        QCOMPARE(spelled(described({"", "a"}, {{"a", ""}, {"", "a"}, {"", ""}}), "aa"),
                 std::string("a a"));
    }

    void charactersWithoutAPieceAreNothing()
    {
        QCOMPARE(spelled(described({"a", "ab"}, {}), "axa\u00e9\u65e5"), std::string("a a"));
    }

    void bytesSpellWhatHasNoPiece()
    {
        BpeDescription description = described({"a", "<0xC3>", "<0xA9>", "<unk>"}, {});
        description.byteFallback = true;
        description.unknownPiece = "<unk>";
        QCOMPARE(spelled(description, "a\u00e9"), std::string("a <0xC3> <0xA9>"));
        QCOMPARE(spelled(description, "\u65e5\u65e5"), std::string("<unk> <unk>"));
        description.fuseUnknown = true;
        QCOMPARE(spelled(description, "\u65e5\u65e5"), std::string("<unk>"));
    }

    void aWholeWordGoesBeforeItsMerges()
    {
        BpeDescription description = described({"a", "b", "c", "ab", "abc"}, {{"a", "b"}});
        QCOMPARE(spelled(description, "abc"), std::string("ab c"));
        description.ignoreMerges = true;
        QCOMPARE(spelled(description, "abc"), std::string("abc"));
    }

    void idsOutOfRangeAreRefused()
    {
        BpeDescription description;
        description.vocabulary = {{"a", 10}};
        QVERIFY(BpeModel::make(description, 11));
        const auto refused = BpeModel::make(description, 10);
        QVERIFY(!refused);
        QCOMPARE(refused.error().context, std::string("vocab.a"));
    }
};

QTEST_GUILESS_MAIN(TestBpeModel)
#include "tst_bpe_model.moc"
