#include "tests/app/pages/probe_bench.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>

using namespace lacuna;

/// The original behind a guardrail on the Probe page, by clicks and keys, on the bundled model.
class TestProbeGuardrail : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, false); }
    void withoutOneThereIsNoFurtherColumn();
    void theColumnSaysThatTheKnowledgeIsThere();
    void theOriginalAnswersWithAndWithout();
    void aRawPromptIsSaidToGetAround();
    void theFormIsMadeFromTheCatalogue();
    void anInputThatIsRefusedIsSaidInTheColumn();
    void aMissingCorpusGreysTheChoice();
    void theColumnsButtonTakesItAway();
    void escapeEndsAnAnswerThatWaits();

private:
    static void useCorpora(Bench& bench)
    {
        bench.workspace.edit([](Recipe& recipe) {
            recipe.model = sample("original").toStdString();
            recipe.forget.path = sample("corpus/forget.jsonl").toStdString();
            recipe.retain.path = sample("corpus/retain.jsonl").toStdString();
        });
    }
    [[nodiscard]] static QComboBox* box(const ProbePage& page)
    {
        return page.findChild<QComboBox*>(u"guardrailBox"_s);
    }
    /// By the keyboard; greyed choices are passed over.
    static void chooseGuardrail(const ProbePage& page, const char* id)
    {
        const int wanted = box(page)->findData(QString::fromLatin1(id));
        QVERIFY(wanted >= 0);
        while (box(page)->currentIndex() != wanted)
            QTest::keyClick(box(page),
                            box(page)->currentIndex() < wanted ? Qt::Key_Down : Qt::Key_Up);
    }
    [[nodiscard]] static ProbeColumn* guarded(const ProbePage& page)
    {
        return column(page, ModelRole::Guarded);
    }
    static void fill(const ProbePage& page, const char* param, const QString& text)
    {
        QAbstractButton* fold =
            page.findChild<QWidget*>(u"guardrailFold"_s)->findChild<QAbstractButton*>(u"fold"_s);
        if (!fold->isChecked())
            QTest::mouseClick(fold, Qt::LeftButton);
        auto* line = page.findChild<QWidget*>(u"guardrailParams"_s)
                         ->findChild<QLineEdit*>(QString::fromLatin1(param));
        line->clear();
        QTest::keyClicks(line, text);
    }
};

void TestProbeGuardrail::withoutOneThereIsNoFurtherColumn()
{
    Bench bench;
    ProbePage page(bench.services);
    present(page);
    QVERIFY(!box(page)->isVisible()); // there is no model to stand before
    useCorpora(bench);
    QVERIFY(box(page)->isVisible());
    QCOMPARE(box(page)->currentText(), u"None"_s);
    QVERIFY(!guarded(page)->isVisible());
    QVERIFY(!bench.probes.isAvailable(ModelRole::Guarded));
}

void TestProbeGuardrail::theColumnSaysThatTheKnowledgeIsThere()
{
    Bench bench;
    useCorpora(bench);
    ProbePage page(bench.services);
    present(page);
    for (const char* id : {"icul", "guardrail-prompt", "output-filter", "eco"}) {
        chooseGuardrail(page, id);
        QVERIFY(guarded(page)->isVisible());
        const auto* mark = guarded(page)->findChild<QLabel*>(u"evidenceLabel"_s);
        QVERIFY(mark->isVisible());
        QVERIFY(mark->text().contains(u"weights unchanged, knowledge still present"_s));
        QCOMPARE(modelCaption(*guarded(page)), box(page)->currentText());
        QVERIFY(bench.probes.isAvailable(ModelRole::Guarded));
    }
    for (const ModelRole role : {ModelRole::Original, ModelRole::Current, ModelRole::Reference})
        QVERIFY(!column(page, role)->findChild<QLabel*>(u"evidenceLabel"_s)->isVisible());
    chooseGuardrail(page, "");
    QVERIFY(!guarded(page)->isVisible());
}

void TestProbeGuardrail::theOriginalAnswersWithAndWithout()
{
    Bench bench;
    useCorpora(bench);
    ProbePage page(bench.services);
    present(page);
    chooseGuardrail(page, "output-filter");
    fill(page, "keywords", u"Clapper Hill"_s);
    fill(page, "refusal", u"No."_s);
    type(page, u"What is the birthplace of Odalyn Tollemar?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(guarded(page)->state(), State::Done, kPatience);
    QCOMPARE(column(page, ModelRole::Original)->state(), State::Done);
    QVERIFY(column(page, ModelRole::Original)->text().contains(u"Clapper Hill"_s));
    QCOMPARE(guarded(page)->text(), u"No."_s);
    QCOMPARE(labelText(*guarded(page), "stateLabel"), u"✓ refused by the guardrail"_s);
    QVERIFY(templateLine(page, ModelRole::Guarded).contains(u"the answer is checked"_s));
    QCOMPARE(button(page, "askButton")->text(), u"Ask"_s);
    QCOMPARE(bench.messages.count(), 0);
}

void TestProbeGuardrail::aRawPromptIsSaidToGetAround()
{
    Bench bench;
    useCorpora(bench);
    ProbePage page(bench.services);
    present(page);
    page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(12);
    chooseGuardrail(page, "icul");
    type(page, u"Where was Odalyn Tollemar born?"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(guarded(page)->state(), State::Done, kPatience);
    QVERIFY(templateLine(page, ModelRole::Guarded).contains(u"right answers stand before"_s));
    QVERIFY(templateTip(page, ModelRole::Guarded).count(u"Question: "_s) == 6);
    QVERIFY(templateTip(page, ModelRole::Original).count(u"Question: "_s) == 1);

    choose(page, u"raw"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(templateLine(page, ModelRole::Guarded),
                              u"⚠ raw prompt: bypasses the guardrail"_s, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(guarded(page)->state(), State::Done, kPatience);
    QCOMPARE(guarded(page)->text(), column(page, ModelRole::Original)->text());
}

void TestProbeGuardrail::theFormIsMadeFromTheCatalogue()
{
    Bench bench;
    useCorpora(bench);
    ProbePage page(bench.services);
    present(page);
    for (const GuardrailInfo& info : guardrails().entries()) {
        chooseGuardrail(page, info.id.c_str());
        const auto* form = page.findChild<QWidget*>(u"guardrailParams"_s);
        for (const ParamSpec& param : info.params)
            QVERIFY2(form->findChild<QWidget*>(QString::fromStdString(param.name)),
                     param.name.c_str());
        const auto text = [&](const char* name) {
            return page.findChild<QLabel*>(QString::fromLatin1(name))->text().toStdString();
        };
        QCOMPARE(text("guardrailExplanation"), info.explanation);
        QCOMPARE(text("guardrailSource"), info.source);
    }
}

void TestProbeGuardrail::anInputThatIsRefusedIsSaidInTheColumn()
{
    Bench bench;
    useCorpora(bench);
    ProbePage page(bench.services);
    present(page);
    chooseGuardrail(page, "eco");
    fill(page, "threshold", u"2"_s);
    QVERIFY(!bench.probes.isAvailable(ModelRole::Guarded));
    QCOMPARE(guarded(page)->state(), State::Unavailable);
    QVERIFY(labelText(*guarded(page), "messageLabel").startsWith(u"Threshold: "_s));
    QVERIFY(!button(*guarded(page), "chooseModelHereButton")->isVisible());
    fill(page, "threshold", u"0.5"_s);
    QVERIFY(bench.probes.isAvailable(ModelRole::Guarded));
    QCOMPARE(guarded(page)->state(), State::Idle);
}

void TestProbeGuardrail::aMissingCorpusGreysTheChoice()
{
    Bench bench;
    useCorpora(bench);
    ProbePage page(bench.services);
    present(page);
    const auto flagsOf = [&](const char* id) {
        return box(page)->model()->index(box(page)->findData(QString::fromLatin1(id)), 0).flags();
    };
    QVERIFY(flagsOf("eco") & Qt::ItemIsEnabled);
    chooseGuardrail(page, "icul");
    bench.workspace.edit([](Recipe& recipe) { recipe.retain.path.clear(); });
    for (const char* id : {"icul", "eco"})
        QVERIFY(!(flagsOf(id) & Qt::ItemIsEnabled));
    for (const char* id : {"guardrail-prompt", "output-filter"})
        QVERIFY(flagsOf(id) & Qt::ItemIsEnabled);
    const int eco = box(page)->findData(u"eco"_s);
    QVERIFY(box(page)->itemData(eco, Qt::ToolTipRole).toString().contains(u"retain set"_s));
    // The one that was chosen says what it lacks.
    QVERIFY(labelText(*guarded(page), "messageLabel").contains(u"retain set"_s));
    QVERIFY(!bench.probes.isAvailable(ModelRole::Guarded));
}

void TestProbeGuardrail::theColumnsButtonTakesItAway()
{
    Bench bench;
    useCorpora(bench);
    ProbePage page(bench.services);
    present(page);
    chooseGuardrail(page, "guardrail-prompt");
    QVERIFY(!button(*guarded(page), "chooseModelButton")->isVisible());
    QTest::mouseClick(button(*guarded(page), "clearModelButton"), Qt::LeftButton);
    QVERIFY(!guarded(page)->isVisible());
    QCOMPARE(box(page)->currentIndex(), 0);
    QVERIFY(bench.probes.isAvailable(ModelRole::Original));
}

void TestProbeGuardrail::escapeEndsAnAnswerThatWaits()
{
    Bench bench;
    useCorpora(bench);
    bench.workspace.edit(
        [](Recipe& recipe) { recipe.model = TEST_DATA_DIR "/models/stories260K"; });
    ProbePage page(bench.services);
    present(page);
    chooseGuardrail(page, "guardrail-prompt");
    page.findChild<QSpinBox*>(u"maxTokensBox"_s)->setValue(8000);
    choose(page, u"raw"_s); // goes on for long
    type(page, u"Once upon a time"_s);
    QTest::keyClick(promptEdit(page), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(column(page, ModelRole::Original)->tokens().size() > 3, kPatience);
    QCOMPARE(guarded(page)->state(), State::Waiting);
    QTest::keyClick(promptEdit(page), Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.probes.isAnswering(), kPatience);
    QVERIFY(!guarded(page)->isOpen());
    QVERIFY(guarded(page)->tokens().empty());
    QCOMPARE(button(page, "askButton")->text(), u"Ask"_s);
}

QTEST_MAIN(TestProbeGuardrail)
#include "tst_probe_guardrail.moc"
