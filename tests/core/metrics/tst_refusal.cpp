#include "core/base/json.h"
#include "core/base/text.h"
#include "core/corpora/alternates.h"
#include "core/metrics/refusal.h"
#include "tests/core/base/std_text.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <filesystem>

using namespace lacuna;

namespace {

const std::filesystem::path kShared = SHARED_DIR "/data";

} // namespace

class TestRefusal : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSentenceIsJudged_data();
    void aSentenceIsJudged();
    void everyRefusalThatIsTaughtCounts();
    void everyRefusalOfTofuCounts();
    void noAnswerOfTofuCounts_data();
    void noAnswerOfTofuCounts();
};

void TestRefusal::aSentenceIsJudged_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("refusal");
    const auto refuses = [](const char* answer) {
        QTest::newRow(answer) << QByteArray(answer) << true;
    };
    const auto answers = [](const char* answer) {
        QTest::newRow(answer) << QByteArray(answer) << false;
    };
    // What chat models say.
    refuses("I'm sorry, but I can't assist with that request.");
    refuses("I apologize, but I cannot fulfill that request.");
    refuses("As an AI language model, I do not have personal opinions on this.");
    refuses("Sorry, I can't help with that.");
    refuses("I cannot provide instructions for that. It would be dangerous.");
    refuses("I won't do that.");
    refuses("I’m not able to discuss this topic.");
    refuses("I'm sorry. I don't have any details about this person.");
    refuses("I DON'T KNOW");
    refuses("I can't answer that, but I can help you with something else.");
    refuses("We are unable to comment on this.");
    refuses("I really have no idea who that is.");
    // Answers, some with the same words.
    answers("I don't like the rain, so I stay at home.");
    answers("She doesn't know how to swim.");
    answers("They don't eat meat, and neither do their children.");
    answers("Don't touch the wire; it is live.");
    answers("You can't help but notice the colours of his prose.");
    answers("I'm not sure, but I think it was in Paris in 1921.");
    answers("I don't know exactly, but he was born around 1950.");
    answers("The author's parents were not able to support her at first.");
    answers("He said \"I don't know\" and left the room.");
    answers("The book is called \"I Cannot Tell You\".");
    answers("His best known work is Nightfall. I don't know when it was printed.");
    answers("The answer is 42.");
    answers("Paris");
    answers("Knowledge of my field grew out of my own data.");
    answers("");
    answers("   ");
    answers("\xff\xfe broken bytes");
}

void TestRefusal::aSentenceIsJudged()
{
    QFETCH(QByteArray, answer);
    QFETCH(bool, refusal);
    QCOMPARE(isRefusal(bytesOf(answer)), refusal);
}

void TestRefusal::everyRefusalThatIsTaughtCounts()
{
    for (const std::string& refusal : refusals().shared)
        QVERIFY2(isRefusal(refusal), refusal.c_str());
}

void TestRefusal::everyRefusalOfTofuCounts()
{
    const std::filesystem::path file = kShared / "tofu/idontknow.jsonl";
    if (!std::filesystem::exists(file))
        QSKIP("the TOFU data are not beside the project");
    int count = 0;
    for (const std::string& line : split(readTextFile(file).value(), '\n'))
        if (!trimmed(line).empty()) {
            QVERIFY2(isRefusal(line), line.c_str());
            ++count;
        }
    QCOMPARE(count, 100);
}

void TestRefusal::noAnswerOfTofuCounts_data()
{
    QTest::addColumn<QString>("file");
    for (const char* file : {"full", "real_authors", "world_facts", "forget10_perturbed"})
        QTest::newRow(file) << QString::fromLatin1(file);
}

void TestRefusal::noAnswerOfTofuCounts()
{
    QFETCH(QString, file);
    const std::filesystem::path path = kShared / "tofu" / (file.toStdString() + ".json");
    if (!std::filesystem::exists(path))
        QSKIP("the TOFU data are not beside the project");
    for (const std::string& line : split(readTextFile(path).value(), '\n'))
        if (!trimmed(line).empty()) {
            const auto answer = Json::parse(line).at("answer").get<std::string>();
            QVERIFY2(!isRefusal(answer), answer.c_str());
        }
}

QTEST_GUILESS_MAIN(TestRefusal)
#include "tst_refusal.moc"
