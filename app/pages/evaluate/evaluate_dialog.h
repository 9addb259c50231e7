#pragma once

#include "app/cancellable_job.h"
#include "app/pages/evaluate/model_scores.h"
#include "app/services.h"

#include <QDialog>

#include <optional>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace lacuna {

/// Measures the models of a run apart from it and files what was measured under the run: which
/// models, how many samples, by which suite. Deletes itself.
class EvaluateDialog : public QDialog {
    Q_OBJECT

public:
    /// What can be measured.
    struct SuiteChoice {
        QString id;
        QString title;
        QString problem = {}; ///< why it cannot be; empty: it can
    };

    /// \param models  those of \p record
    /// \param suites  at least one that can be measured
    EvaluateDialog(Services& services, RunRecord record, std::vector<MeasuredModel> models,
                   const std::vector<SuiteChoice>& suites, QWidget* parent);

    /// Ends a measurement that goes on first.
    void reject() override;

protected:
    void changeEvent(QEvent* event) override;

private:
    enum class Phase : std::uint8_t { Idle, Measuring, Saving, Ending };

    void addSuites(const std::vector<SuiteChoice>& suites);
    void start();
    void take(Result<std::vector<Evaluation>> measured);
    void saved(const Status& status);
    void setPhase(Phase phase);
    void updateStart();
    void report(const Error& error);
    void retranslate();

    Services& m_services;
    RunRecord m_record;
    std::vector<MeasuredModel> m_models;
    Phase m_phase = Phase::Idle;
    QLabel* m_explanation;
    std::vector<QCheckBox*> m_choices; ///< by position in m_models
    std::vector<QLabel*> m_facts;      ///< folder, or why there is none
    QLabel* m_suiteTitle;
    QComboBox* m_suite;
    QLabel* m_samplesTitle;
    QSpinBox* m_samples;
    QCheckBox* m_generate;
    QLabel* m_phaseText;
    QProgressBar* m_progress;
    QPushButton* m_start;
    QPushButton* m_cancel;
    CancellableJob m_job; // last: joins before what it uses goes
};

} // namespace lacuna
