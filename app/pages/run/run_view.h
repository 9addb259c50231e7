#pragma once

#include "app/run_record.h"
#include "core/run/event.h"
#include "widgets/chart/live_chart.h"

#include <QWidget>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QMenu;
class QPushButton;
class QStackedWidget;

namespace lacuna {

class SmoothingControl;

/// The curves of one run, live or finished: forgetting, what is kept, probability of the answers
/// and a diagnostic of the training that can be chosen, over one step axis. Each is read against
/// the original's level, and the reference's where the record has it.
class RunView : public QWidget {
    Q_OBJECT

public:
    explicit RunView(QWidget* parent = nullptr);

    /// What somebody zoomed stays when it is the same run again.
    void setRecord(const RunRecord& record);
    void appendPoints(const std::vector<SeriesPoint>& points);
    void appendEvaluation(const EvaluationDone& evaluation);
    /// Says that the data stands still because the run is paused.
    void setFrozen(bool frozen);
    /// A vertical line where a run was stopped or something happened.
    void setMark(const QString& id, std::int64_t step, const QString& label);

    /// All charts show these steps until somebody fits them.
    void zoomTo(const AxisRange& steps);

    [[nodiscard]] double smoothing() const;
    void setSmoothing(double weight);
    [[nodiscard]] bool isLogarithmic() const;
    void setLogarithmic(bool logarithmic);

Q_SIGNALS:
    /// Smoothing or axis changed by somebody.
    void displayChanged();
    /// Somebody zoomed, or fitted: then \p steps is empty.
    void zoomChanged(const QString& uid, const std::optional<lacuna::AxisRange>& steps);
    /// setRecord() has shown another run than before.
    void runShown(const QString& uid);
    void exportRequested(lacuna::LiveChart* chart, lacuna::ChartFormat format);

protected:
    void changeEvent(QEvent* event) override;

private:
    static constexpr std::size_t kCharts = 11;

    void link(LiveChart* chart);
    /// Those that the run has.
    void addSeries();
    /// The run has a point of it, whatever its recipe says.
    void addSeries(std::string_view series);
    void addEvaluation(const Evaluation& evaluation);
    void appendChange(const std::vector<SeriesPoint>& points);
    /// Offers the diagnostics that the run has.
    void offer(const RunRecord& record);
    void offer(const std::string& key);
    void showDiagnostic(std::size_t place);
    void showClipping();
    void addMarks(const RunRecord& record);
    void explainGaps(const Recipe& recipe);
    void fillExportMenu();
    void updateFit();
    void retranslate();

    std::array<LiveChart*, kCharts> m_charts{};
    SmoothingControl* m_smoothing;
    QCheckBox* m_logarithmic;
    QStackedWidget* m_diagnostics;
    QLabel* m_diagnosticName;
    QComboBox* m_diagnostic;
    QPushButton* m_fit;
    QPushButton* m_export;
    QMenu* m_exportMenu;
    std::set<std::string> m_sets; ///< beside the forget set; of the run that is shown
    double m_clipNorm = 0;        ///< of the run that is shown; 0: never clipped
    std::string m_uid;            ///< of the run that is shown
};

} // namespace lacuna
