#include "app/actions.h"
#include "app/background.h"
#include "app/error_text.h"
#include "app/export/export_dialog.h"
#include "app/mix/calibration_dialog.h"
#include "app/pages/history/history_page.h"
#include "app/pages/history/run_details.h"
#include "app/pages/history/run_row.h"
#include "app/run_controller.h"
#include "app/workspace.h"
#include "core/base/json.h"
#include "widgets/base/prompts.h"
#include "widgets/form/message_bar.h"
#include "widgets/table/run_table.h"

#include <QDesktopServices>
#include <QUrl>

#include <algorithm>

/// What can be done with the run that is shown.
namespace lacuna {

using namespace Qt::StringLiterals;

void HistoryPage::addActions()
{
    const auto add = [this](const char* id, const QString& icon, const QString& key,
                            std::function<void()> trigger) {
        m_actions.push_back(m_services.actions.add({.id = QString::fromLatin1(id),
                                                    .name = QString::fromLatin1(id),
                                                    .help = {},
                                                    .key = QKeySequence(key),
                                                    .icon = icon,
                                                    .trigger = std::move(trigger)}));
    };
    add("history.continue", u"play"_s, u"Ctrl+Shift+Return"_s, [this] { resume(); });
    add("history.repeat", u"setup"_s, u"Ctrl+R"_s, [this] { repeat(); });
    add("history.evaluate", u"evaluate"_s, u"Ctrl+Shift+M"_s,
        [this] { Q_EMIT scoresRequested(m_details->record()->run.id); });
    add("history.compare", u"compare"_s, u"Ctrl+Shift+P"_s, [this] { compare(); });
    add("history.export", u"export"_s, u"Ctrl+E"_s, [this] { exportRun(); });
    add("history.report", u"report"_s, u"Ctrl+Shift+R"_s,
        [this] { Q_EMIT reportRequested(m_details->record()->run.id); });
    add("history.calibrate", u"calibrate"_s, u"Ctrl+Shift+C"_s, [this] { calibrate(); });
    add("history.open-folder", u"folder"_s, u"Ctrl+Shift+F"_s, [this] { openFolder(); });
    add("history.delete", u"discard"_s, u"Ctrl+Shift+Del"_s,
        [this] { removeRuns(m_table->selectedRuns()); });
}

void HistoryPage::updateActions()
{
    Actions& actions = m_services.actions;
    const std::optional<RunRecord>& record = m_details->record();
    const bool chosen = isVisible() && record.has_value();
    const bool active = !m_services.run.isFree();
    const QString none = tr("Choose a run in the history first.");
    actions.setEnabled(u"history.repeat"_s, chosen, none);
    actions.setEnabled(u"history.report"_s, chosen, none);
    actions.setEnabled(u"history.evaluate"_s, chosen, none);
    actions.setEnabled(u"history.continue"_s, chosen && !active && canContinue(record->run),
                       !chosen  ? none
                       : active ? tr("A run is going on.")
                                : tr("Only a run that was interrupted can be continued."));
    const bool hasModel = chosen && std::ranges::find(record->artefacts, "model",
                                                      &Artefact::kind) != record->artefacts.end();
    actions.setEnabled(u"history.export"_s, hasModel,
                       chosen ? tr("This run has left no model.") : none);
    actions.setEnabled(u"history.calibrate"_s, hasModel && !record->recipe.newModel,
                       !chosen    ? none
                       : hasModel ? tr("This run started from no model to mix its result with.")
                                  : tr("This run has left no model."));
    actions.setEnabled(u"history.open-folder"_s, chosen && !record->run.folder.empty(),
                       chosen ? tr("This run left no folder.") : none);
    actions.setEnabled(u"history.compare"_s, isVisible() && m_table->selectedRuns().size() > 1,
                       tr("Select two runs or more in the history first."));
    // It is of the selection, not of the run that is shown: beside that only when there is one.
    if (auto* button = m_details->findChild<QWidget*>(u"history.compare.button"_s))
        button->setVisible(m_table->selectedRuns().size() > 1);
    actions.setEnabled(u"history.delete"_s, isVisible() && !m_table->selectedRuns().empty(), none);
}

void HistoryPage::compare()
{
    std::vector<RunId> ids = m_table->selectedRuns();
    const auto current = std::ranges::find(ids, m_table->currentRun().value_or(0));
    if (current != ids.end())
        std::rotate(ids.begin(), current, current + 1);
    Q_EMIT compareRequested(ids);
}

void HistoryPage::repeat()
{
    m_services.workspace.open({.recipe = m_details->record()->recipe});
    Q_EMIT pageRequested(u"setup"_s);
}

void HistoryPage::resume()
{
    if (const Status status = m_services.run.resume(*m_details->record()); !status)
        report(status.error());
    else
        Q_EMIT pageRequested(u"run"_s);
}

/// Undoes a request of a sequence: nothing goes, but work goes on from what was there before it.
void HistoryPage::goBack()
{
    const RunRecord& record = *m_details->record();
    const QString name = QString::fromStdString(record.run.name);
    const QString model = QString::fromStdString(record.recipe.model);
    if (record.recipe.newModel) {
        m_services.messages.show(
            MessageKind::Error,
            tr("\u201c%1\u201d started from a new model, which was made for it: "
               "there is none to go back to. Repeat the run instead.")
                .arg(name));
        return;
    }
    std::error_code ignored;
    if (!std::filesystem::exists(record.recipe.model, ignored)) {
        m_services.messages.show(MessageKind::Error,
                                 tr("The model that \u201c%1\u201d started from is gone: %2. "
                                    "Repeat the run that made it.")
                                     .arg(name, model));
        return;
    }
    RecipeDraft draft = m_services.workspace.draft();
    draft.recipe.model = record.recipe.model;
    draft.recipe.newModel.reset();
    draft.recipe.origin = record.recipe.origin;
    draft.recipe.earlier = record.recipe.earlier;
    draft.several.erase("requests"); // they began with another model
    m_services.workspace.open(std::move(draft));
    m_services.messages.show(MessageKind::Success,
                             tr("The setup has the model from before \u201c%1\u201d: %2. The run "
                                "and its result stay in the history.")
                                 .arg(name, model),
                             {}, {tr("Set up"), [this] { Q_EMIT pageRequested(u"setup"_s); }});
}

QString HistoryPage::whatGoes(const std::vector<RunId>& ids) const
{
    QStringList folders;
    QString name;
    for (const RunId id : ids)
        if (const Run* one = run(id)) {
            name = QString::fromStdString(one->name);
            if (ownsFolder(*one))
                folders << QString::fromStdString(one->folder);
        }
    QString text = ids.size() == 1
                       ? tr("The record of \u201c%1\u201d goes: its curves, metrics, answers and "
                            "notes.")
                             .arg(name)
                       : tr("The records of %n runs go: their curves, metrics, answers and notes.",
                            nullptr, static_cast<int>(ids.size()));
    if (folders.size() == 1)
        text +=
            u"\n\n"_s + tr("So does the folder %1 with the unlearned model and its checkpoints.")
                            .arg(folders.first());
    else if (!folders.isEmpty())
        text += u"\n\n"_s + tr("So do %n folders with unlearned models and their checkpoints.",
                               nullptr, static_cast<int>(folders.size()));
    return text + u"\n\n"_s + tr("This cannot be undone.");
}

void HistoryPage::removeRuns(const std::vector<RunId>& ids)
{
    if (ids.empty())
        return;
    const int count = static_cast<int>(ids.size());
    if (!m_services.prompts.confirm(
            count == 1 ? tr("Delete this run?") : tr("Delete %n runs?", nullptr, count),
            whatGoes(ids), count == 1 ? tr("Delete run") : tr("Delete runs")))
        return;
    setExpanded(false);
    for (const RunId id : ids)
        m_services.history.remove(this, id, [this](const Status& status) {
            if (!status)
                report(status.error());
        });
}

void HistoryPage::openFolder()
{
    const QString folder = QString::fromStdString(m_details->record()->run.folder);
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(folder)))
        m_services.messages.show(MessageKind::Warning,
                                 tr("The folder %1 could not be shown.").arg(folder));
}

void HistoryPage::exportRun()
{
    (new ExportDialog(m_services, m_details->record()->run, window()))->open();
}

void HistoryPage::calibrate()
{
    const RunRecord& record = *m_details->record();
    const Result<CalibrationRequest> request = calibrationOf(record.run, record.recipe);
    if (!request)
        return report(request.error());
    (new CalibrationDialog(m_services, record, *request, window()))->open();
}

void HistoryPage::save(const NotesView::Edit& edit)
{
    struct Saving {
        int waiting = 0;
        bool failed = false;
    };
    const Run* about = run(edit.run);
    const QString uid = about ? QString::fromStdString(about->uid) : QString();
    auto saving = std::make_shared<Saving>();
    const auto done = [this, saving, uid, id = edit.run,
                       serial = m_unsaved.add(uid, edit)](const Status& status) {
        if (!status && !std::exchange(saving->failed, true))
            report(status.error());
        if (--saving->waiting > 0)
            return;
        if (saving->failed)
            return m_details->notes()->saveFailed(id);
        m_unsaved.remove(uid, serial);
        m_details->notes()->saved(id);
    };
    saving->waiting =
        int{edit.name.has_value()} + int{edit.note.has_value()} + int{edit.tags.has_value()};
    History& history = m_services.history;
    if (edit.name)
        history.rename(this, edit.run, edit.name->toStdString(), done);
    if (edit.note)
        history.setNote(this, edit.run, edit.note->toStdString(), done);
    if (edit.tags) {
        std::vector<std::string> tags;
        for (const QString& tag : *edit.tags)
            tags.push_back(tag.toStdString());
        history.setTags(this, edit.run, tags, done);
    }
}

/// What an earlier session could not save.
void HistoryPage::saveLeftOver()
{
    for (UnsavedNotes::Entry& entry : m_unsaved.entries()) {
        const auto found =
            std::find_if(m_overviews.begin(), m_overviews.end(), [&](const RunOverview& one) {
                return QString::fromStdString(one.run.uid) == entry.uid;
            });
        if (found == m_overviews.end())
            continue;
        entry.edit.run = found->run.id;
        save(entry.edit);
    }
}

void HistoryPage::saveRecipe(const QString& json)
{
    const QString file = m_services.prompts.chooseSaveFile(tr("Save the recipe"), u"recipe.json"_s,
                                                           tr("Recipes (*.json)"));
    if (file.isEmpty())
        return;
    m_services.background.run(
        this,
        [path = file.toStdString(), bytes = json.toStdString() + "\n"] {
            return writeFileAtomically(path, bytes);
        },
        [this, file](const Status& status) {
            if (!status)
                report(status.error());
            else
                m_services.messages.show(MessageKind::Success, tr("Saved %1.").arg(file));
        });
}

void HistoryPage::report(const Error& error)
{
    m_services.messages.show(MessageKind::Error, errorText(error), errorDetails(error));
}

} // namespace lacuna
