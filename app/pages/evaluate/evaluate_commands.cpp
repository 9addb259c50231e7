#include "app/actions.h"
#include "app/background.h"
#include "app/error_text.h"
#include "app/pages/evaluate/evaluate_dialog.h"
#include "app/pages/evaluate/evaluate_page.h"
#include "app/pages/evaluate/score_files.h"
#include "app/run_controller.h"
#include "app/scores/metric_text.h"
#include "core/base/json.h"
#include "core/run/suite.h"
#include "widgets/base/prompts.h"
#include "widgets/form/message_bar.h"
#include "widgets/form/note_line.h"
#include "widgets/table/value_text.h"
#include "widgets/text/model_mark.h"

#include <QAction>
#include <QFileInfo>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>

/// What can be done with the scores that are shown, and what has to be said about them.
namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

/// The default measures the run's own corpora; each of the others says what it lacks.
std::vector<EvaluateDialog::SuiteChoice> suiteChoices(const Recipe& recipe)
{
    std::vector<EvaluateDialog::SuiteChoice> choices = {
        {.id = QString::fromLatin1(kDefaultSuite),
         .title = EvaluatePage::tr("The run\u2019s own sets, every metric")}};
    for (const Suite& suite : suites().entries()) {
        const Result<std::vector<SuiteSource>> sources = suiteSources(suite, recipe);
        choices.push_back({.id = QString::fromStdString(suite.id),
                           .title = QString::fromStdString(suite.title),
                           .problem = sources ? QString() : errorText(sources.error())});
    }
    const QString own = QString::fromStdString(recipe.evaluation.suite); // may be a file
    if (std::ranges::find(choices, own, &EvaluateDialog::SuiteChoice::id) == choices.end())
        choices.push_back({.id = own, .title = QFileInfo(own).completeBaseName()});
    return choices;
}

} // namespace

void EvaluatePage::addActions()
{
    const auto add = [this](const char* id, const QString& icon, const char* key,
                            std::function<void()> trigger) {
        addAction(m_services.actions.add({.id = QString::fromLatin1(id),
                                          .name = QString::fromLatin1(id),
                                          .help = {},
                                          .key = QKeySequence(QString::fromLatin1(key)),
                                          .icon = icon,
                                          .trigger = std::move(trigger)}));
    };
    add("evaluate.measure", u"evaluate"_s, "Ctrl+M", [this] { measure(); });
    add("evaluate.save", u"export"_s, "Ctrl+Shift+S", [this] { saveScores(); });
}

void EvaluatePage::updateActions()
{
    Actions& actions = m_services.actions;
    const bool chosen = isVisible() && m_sheet;
    const QString none = tr("Choose a run on the Evaluate page first.");
    const bool own = chosen && m_chosen->file == m_services.history.file();
    const bool ended = chosen && isEnded(m_sheet->record.run.state);
    actions.setEnabled(u"evaluate.measure"_s, own && ended,
                       !chosen ? none
                       : !own  ? tr("The finished experiment came without its model.")
                               : tr("The run is going on: it measures its model at its end."));
    const bool any = chosen && !m_sheet->rows.empty();
    actions.setEnabled(u"evaluate.save"_s, any, chosen ? tr("Nothing was measured.") : none);
}

void EvaluatePage::measure()
{
    const RunRecord& record = m_sheet->record;
    (new EvaluateDialog(m_services, record, modelsOf(record), suiteChoices(record.recipe),
                        window()))
        ->open();
}

void EvaluatePage::saveScores()
{
    const ModelRole role = m_number ? m_number->role : ModelRole::Current;
    const QString file = m_services.prompts.chooseSaveFile(
        tr("Save the scores"), u"scores.csv"_s,
        tr("Table of all models (*.csv);;Evaluation log of one model: %1 (*.json)")
            .arg(modelName(role)));
    if (file.isEmpty())
        return;
    m_services.background.run(
        this,
        [sheet = m_sheet, role, file, log = file.endsWith(u".json"_s)] {
            const std::string path = file.toStdString();
            return writeFileAtomically(path, log ? scoresLog(*sheet, role) : scoresTable(*sheet));
        },
        [this, file](const Status& status) {
            if (!status)
                report(status.error());
            else
                m_services.messages.show(MessageKind::Success, tr("Saved %1.").arg(file));
        });
}

void EvaluatePage::addNotice(bool isWarning, const QString& text)
{
    auto* note = new NoteLine(isWarning ? MessageKind::Warning : MessageKind::Info, text);
    note->setObjectName(u"evaluateNotice"_s);
    m_notices->addWidget(note);
}

/// What would be read wrong without being told.
void EvaluatePage::showNotices()
{
    while (QLayoutItem* item = m_notices->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const ScoreSheet& sheet = *m_sheet;
    if (const auto& prior = sheet.prior; prior && !prior->known) {
        const QString metric = metricText(prior->metric).title;
        const QLocale locale;
        const QString forget = shortNumber(prior->forget, locale);
        const QString compared = shortNumber(prior->compared, locale);
        const QString told =
            prior->yardstick == Yardstick::Holdout
                ? tr("its value of \u201c%1\u201d is %2 on the forget set and %3 on text that it "
                     "never saw")
                      .arg(metric, forget, compared)
            : prior->yardstick == Yardstick::Reference
                ? tr("its value of \u201c%1\u201d is %2, and the reference, which never saw the "
                     "forget set, has %3")
                      .arg(metric, forget, compared)
                : tr("its value of \u201c%1\u201d is %2, no more than a model has that knows "
                     "nothing (%3)")
                      .arg(metric, forget, compared);
        addNotice(true, tr("The original does not show that it knew the forget set: %1. What was "
                           "never known cannot be forgotten, so the numbers below show no "
                           "forgetting.")
                            .arg(told));
    }
    if (!isEnded(sheet.record.run.state))
        addNotice(false, tr("The run is not over: values measured on the way have fewer samples "
                            "behind them."));
}

} // namespace lacuna
