#pragma once

#include "app/export/export_job.h"
#include "app/services.h"
#include "core/store/records.h"

#include <QDialog>
#include <QTimer>

#include <optional>

class QLabel;
class QProgressBar;
class QPushButton;

namespace lacuna {

class ElidedLabel;
class ExportChoices;

/// Exports what a run has left: choices, what will be written, and the way there. It closes to a
/// message in the message bar; closed before, nothing is written. Deletes itself.
class ExportDialog : public QDialog {
    Q_OBJECT

public:
    ExportDialog(Services& services, const Run& run, QWidget* parent);
    ~ExportDialog() override;

    /// Ends an export that goes on first.
    void reject() override;

protected:
    void changeEvent(QEvent* event) override;

private:
    void take(const Result<ExportOffer>& offer);
    void replan();
    void takePlan(const Result<PlannedExport>& planned);
    void showPlan();
    void addNotes();
    void fitHeight();
    void start();
    void showProgress(const QString& what, quint64 doneBytes, quint64 totalBytes);
    void finish(const Result<ExportReport>& report);
    void retranslate();

    Services& m_services;
    QString m_runName;
    std::optional<ExportSource> m_source;
    std::optional<PlannedExport> m_plan; ///< nothing while it is being worked out
    QString m_problem;                   ///< why there is no plan
    QTimer m_planning;                   ///< waits until changes rest
    ExportChoices* m_choices;
    QLabel* m_writesTitle;
    ElidedLabel* m_writes;
    QLabel* m_size;
    QWidget* m_notes;
    QLabel* m_phase;
    QProgressBar* m_progress;
    QPushButton* m_export;
    QPushButton* m_cancel;
    ExportJob m_job; // last: its answers use the rest
};

} // namespace lacuna
