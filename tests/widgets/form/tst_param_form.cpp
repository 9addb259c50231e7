#include "widgets/form/param_form.h"

#include "core/controls/control.h"
#include "widgets/form/note_line.h"
#include "widgets/form/param_field.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

using namespace lacuna;
using namespace Qt::StringLiterals;

namespace {

std::vector<ParamSpec> oneOfEach()
{
    return {{.name = "learning_rate",
             .fallback = 1e-5,
             .min = 0,
             .max = 10,
             .help = "how far a step goes",
             .provenance = "open-unlearning"},
            {.name = "steps", .fallback = std::int64_t{5}, .min = 1, .unit = "steps"},
            {.name = "generate", .fallback = true},
            {.name = "schedule",
             .fallback = std::string("linear"),
             .choices = {"constant", "linear", "cosine"}},
            {.name = "note", .fallback = std::string()}};
}

/// Qt Test cannot compare Json itself.
QString dumped(const Json& json)
{
    return QString::fromStdString(json.dump());
}

void retype(QLineEdit* line, const QString& text)
{
    line->selectAll();
    QTest::keyClicks(line, text);
}

} // namespace

class TestParamForm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void defaultsComeBackAsTheyAre();
    void catalogueEntriesMakeForms_data();
    void catalogueEntriesMakeForms();
    void everyKindOfValueIsEdited();
    void onlyWhatDiffersIsGivenWhenAsked();
    void wrongInputIsRefusedInPlace_data();
    void wrongInputIsRefusedInPlace();
    void wrongInputDoesNotChangeTheValue();
    void resetIsThereWhenItIsNeeded();
    void settingTheSameLeavesTheCursor();
    void settingIsSilent();
    void strangeValuesAreLeftOut();
    void hoverTellsTheRest();
    void theWheelScrollsPastAChoice();
    void newSpecsKeepWhatTheyShare();

private:
    template <class T> static T* part(const ParamForm& form, const char* name)
    {
        return form.findChild<T*>(QLatin1String(name));
    }
};

/// The offscreen platform's own complaint about size hints is none of ours.
void TestParamForm::init()
{
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_s));
}

void TestParamForm::defaultsComeBackAsTheyAre()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    QCOMPARE(dumped(form.values()), dumped(ParamSet(oneOfEach()).toJson()));
    QVERIFY(form.isValid());
}

void TestParamForm::catalogueEntriesMakeForms_data()
{
    QTest::addColumn<std::vector<ParamSpec>>("specs");
    for (const ControlInfo& control : controls().entries())
        QTest::addRow("control %s", control.id.c_str()) << control.params;
}

void TestParamForm::catalogueEntriesMakeForms()
{
    QFETCH(const std::vector<ParamSpec>, specs);
    ParamForm form;
    form.setSpecs(specs);
    QCOMPARE(dumped(form.values()), dumped(ParamSet(specs).toJson()));
    QVERIFY(readParams(specs, form.values(), "form"));
    for (const ParamSpec& spec : specs) {
        auto* line = form.findChild<QLineEdit*>(QString::fromStdString(spec.name));
        if (!line || !spec.max)
            continue;
        retype(line, QString::number(*spec.max * 2 + 1));
        QVERIFY2(!form.isValid(), spec.name.c_str());
        form.findChild<QToolButton*>(QString::fromStdString(spec.name + "-reset"))->click();
    }
    QVERIFY(form.isValid());
    QCOMPARE(dumped(form.values()), dumped(ParamSet(specs).toJson()));
}

void TestParamForm::everyKindOfValueIsEdited()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    form.show();
    QSignalSpy changed(&form, &ParamForm::changed);
    retype(part<QLineEdit>(form, "learning_rate"), u"2e-4"_s);
    retype(part<QLineEdit>(form, "steps"), u"1e3"_s);
    auto* flag = part<QCheckBox>(form, "generate");
    QTest::keyClick(flag, Qt::Key_Space);
    QTest::keyClick(part<QComboBox>(form, "schedule"), Qt::Key_Down);
    retype(part<QLineEdit>(form, "note"), u"first try"_s);
    QCOMPARE(dumped(form.values()), dumped({{"learning_rate", 2e-4},
                                            {"steps", 1000},
                                            {"generate", false},
                                            {"schedule", "cosine"},
                                            {"note", "first try"}}));
    QVERIFY(changed.size() >= 5);
}

void TestParamForm::onlyWhatDiffersIsGivenWhenAsked()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    QCOMPARE(dumped(form.values(ParamForm::Which::Changed)), u"{}"_s);
    retype(part<QLineEdit>(form, "steps"), u"9"_s);
    QCOMPARE(dumped(form.values(ParamForm::Which::Changed)), dumped({{"steps", 9}}));
}

void TestParamForm::wrongInputIsRefusedInPlace_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("says");
    QTest::newRow("above the range") << u"learning_rate"_s << u"11"_s << u"between 0 and 10"_s;
    QTest::newRow("below the range") << u"steps"_s << u"0"_s << u"at least 1"_s;
    QTest::newRow("a word") << u"learning_rate"_s << u"fast"_s << u"not a number"_s;
    QTest::newRow("a fraction of a step") << u"steps"_s << u"1.5"_s << u"whole number"_s;
    QTest::newRow("more than a double counts") << u"steps"_s << u"1e30"_s << u"whole number"_s;
    QTest::newRow("nothing") << u"steps"_s << u" "_s << u"needed"_s;
}

void TestParamForm::wrongInputIsRefusedInPlace()
{
    QFETCH(const QString, field);
    QFETCH(const QString, text);
    QFETCH(const QString, says);
    ParamForm form;
    form.setSpecs(oneOfEach());
    form.show();
    auto* line = form.findChild<QLineEdit*>(field);
    retype(line, text);
    auto* problem = form.findChild<NoteLine*>(field + u"-problem"_s);
    QVERIFY(problem->isVisible());
    QVERIFY2(problem->text().contains(says), qPrintable(problem->text()));
    QVERIFY(!form.isValid());
    QVERIFY(form.problem().contains(says));
    retype(line, u"2"_s);
    QVERIFY(form.isValid());
    QVERIFY(!problem->isVisible());
}

void TestParamForm::wrongInputDoesNotChangeTheValue()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    retype(part<QLineEdit>(form, "learning_rate"), u"x"_s);
    QCOMPARE(form.values()["learning_rate"].get<double>(), 1e-5);
}

void TestParamForm::resetIsThereWhenItIsNeeded()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    form.show();
    auto* reset = part<QToolButton>(form, "steps-reset");
    QVERIFY(!reset->isVisible());
    retype(part<QLineEdit>(form, "steps"), u"12"_s);
    QVERIFY(reset->isVisible());
    QTest::mouseClick(reset, Qt::LeftButton);
    QCOMPARE(part<QLineEdit>(form, "steps")->text(), u"5"_s);
    QVERIFY(!reset->isVisible());
}

void TestParamForm::settingTheSameLeavesTheCursor()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    auto* line = part<QLineEdit>(form, "learning_rate");
    retype(line, u"0.00010"_s);
    line->setCursorPosition(3);
    form.setValues(form.values());
    QCOMPARE(line->text(), u"0.00010"_s);
    QCOMPARE(line->cursorPosition(), 3);
}

void TestParamForm::settingIsSilent()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    QSignalSpy changed(&form, &ParamForm::changed);
    form.setValues({{"learning_rate", 0.5}, {"generate", false}, {"schedule", "constant"}});
    QCOMPARE(changed.size(), 0);
    QCOMPARE(part<QLineEdit>(form, "learning_rate")->text(), u"0.5"_s);
    QVERIFY(!part<QCheckBox>(form, "generate")->isChecked());
    QCOMPARE(part<QComboBox>(form, "schedule")->currentText(), u"constant"_s);
}

void TestParamForm::strangeValuesAreLeftOut()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    form.setValues({{"learning_rate", "much"}, {"unknown", 3}, {"steps", 8}});
    QCOMPARE(dumped(form.values(ParamForm::Which::Changed)), dumped({{"steps", 8}}));
}

void TestParamForm::hoverTellsTheRest()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    const QString tip = part<QLineEdit>(form, "learning_rate")->toolTip();
    for (const auto& wanted : {u"How far a step goes."_s, u"between 0 and 10"_s,
                               u"open-unlearning"_s, u"learning_rate"_s})
        QVERIFY2(tip.contains(wanted), qPrintable(wanted));
    QCOMPARE(part<QLineEdit>(form, "learning_rate")->accessibleName(), u"Learning rate"_s);
}

void TestParamForm::theWheelScrollsPastAChoice()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    form.show();
    auto* choice = part<QComboBox>(form, "schedule");
    choice->clearFocus();
    QWheelEvent wheel(QPointF(5, 5), choice->mapToGlobal(QPointF(5, 5)), {}, QPoint(0, -120),
                      Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(choice, &wheel);
    QCOMPARE(choice->currentText(), u"linear"_s);
    QVERIFY(!wheel.isAccepted());
}

void TestParamForm::newSpecsKeepWhatTheyShare()
{
    ParamForm form;
    form.setSpecs(oneOfEach());
    retype(part<QLineEdit>(form, "steps"), u"77"_s);
    form.setSpecs({oneOfEach()[1]});
    QCOMPARE(dumped(form.values()), dumped({{"steps", 77}}));
}

QTEST_MAIN(TestParamForm)
#include "tst_param_form.moc"
