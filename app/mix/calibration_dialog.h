#pragma once

#include "app/cancellable_job.h"
#include "app/run_record.h"
#include "app/services.h"
#include "core/run/calibration.h"

#include <QDialog>

#include <optional>

class QDoubleSpinBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace lacuna {

class CalmComboBox;
class FactTable;

/// How much of what a run did to its model may be kept without losing too much of the rest: finds
/// it, shows what was tried, and saves the model in between. Deletes itself.
class CalibrationDialog : public QDialog {
    Q_OBJECT

public:
    /// \param request  of the run, from calibrationOf()
    CalibrationDialog(Services& services, RunRecord record, CalibrationRequest request,
                      QWidget* parent);

    /// Ends what goes on first.
    void reject() override;

protected:
    void changeEvent(QEvent* event) override;

private:
    enum class Phase { Idle, Measuring, Writing, Ending };
    /// A result with what was asked for: the dialog may ask for something else by now.
    struct Found {
        CalibrationRequest request;
        Calibration result;
    };

    void calibrate();
    void take(const CalibrationRequest& request, const Result<Calibration>& found);
    void save();
    void report(const Error& error);
    void setPhase(Phase phase);
    void showPhase();
    void showResult();
    [[nodiscard]] QString reading() const;
    void retranslate();

    Services& m_services;
    RunRecord m_record;
    CalibrationRequest m_request;
    std::optional<Found> m_found;
    Phase m_current = Phase::Idle;
    QLabel* m_explanation;
    QLabel* m_keepTitle;
    QDoubleSpinBox* m_keep;
    QLabel* m_metricTitle;
    CalmComboBox* m_metric;
    QLabel* m_reading;
    FactTable* m_points;
    QLabel* m_phase;
    QProgressBar* m_progress;
    QPushButton* m_start;
    QPushButton* m_save;
    QPushButton* m_cancel;
    CancellableJob m_job; // last: its answers use the rest
};

} // namespace lacuna
