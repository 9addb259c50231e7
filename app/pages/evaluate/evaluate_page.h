#pragma once

#include "app/history.h"
#include "app/pages/evaluate/sample_rows.h"
#include "app/pages/evaluate/score_figures.h"
#include "app/pages/page.h"
#include "app/services.h"

#include <QTimer>

#include <filesystem>
#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QToolButton;
class QVBoxLayout;

namespace lacuna {

class MetricsView;
class SamplesView;

/// Has it forgotten? The scores of one run before and after, and of a reference, with what is known
/// of where they lie; the samples behind a number, how they are spread, and how well an attack
/// tells them from text that was never trained on. Reads what was measured; only Evaluate measures.
class EvaluatePage : public Page {
    Q_OBJECT

public:
    explicit EvaluatePage(Services& services, QWidget* parent = nullptr);

    void shown() override;
    /// A run of the history, as soon as that has been read.
    void openRun(qint64 id);
    /// A run of another history file, such as the bundled experiment.
    void openFrom(const std::filesystem::path& file, const Run& run);

Q_SIGNALS:
    /// The bundled finished experiment is asked for, from the empty page.
    void experimentRequested();

protected:
    void changeEvent(QEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    /// Where a run's record is.
    struct Place {
        std::filesystem::path file;
        RunId id = 0;
        friend bool operator==(const Place&, const Place&) = default;
    };
    /// What is worked out about a number that was asked for.
    struct Behind {
        CorpusTexts texts;
        std::vector<SampleRow> samples;
        std::vector<RocResult> roc;
    };
    struct Number {
        MetricRow row;
        ModelRole role = ModelRole::Current;
    };

    [[nodiscard]] QWidget* makeEmpty();
    [[nodiscard]] QWidget* makeTop();
    [[nodiscard]] QWidget* makeContent();
    void addActions();
    void connectServices();
    void updateActions();
    void retranslate();

    void refresh();
    void take(const Result<std::vector<RunOverview>>& overviews);
    void fillChooser();
    void load(const Place& place);
    [[nodiscard]] QString lastRun() const;
    void setLastRun(const std::string& uid);
    void takeRecord(const Place& place, const Result<RunRecord>& record);
    void setSheet(const ScoreSheetPtr& sheet);
    void showNotices();
    void addNotice(bool isWarning, const QString& text);
    void chooseFirst();
    void drill(std::size_t row, ModelRole role);
    void showBehind(const Behind& behind);
    void showFigures();
    void measure();
    void saveScores();
    void report(const Error& error);

    Services& m_services;
    std::vector<RunOverview> m_overviews;
    std::optional<std::pair<Place, Run>> m_foreign; ///< a run of another file
    std::optional<Place> m_wish;
    std::optional<Place> m_chosen;
    QString m_lastRun; ///< uid that the settings named when it was looked at last
    std::optional<Place> m_sheetPlace;
    ScoreSheetPtr m_sheet; ///< of m_sheetPlace
    std::optional<Number> m_number;
    std::vector<RocResult> m_roc;
    bool m_stale = true;
    quint64 m_question = 0; ///< answers to older ones are dropped
    quint64 m_drill = 0;
    QTimer m_refreshing;

    QStackedWidget* m_stack;
    QLabel* m_emptyTitle = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_toExperiment = nullptr;
    QPushButton* m_toSetup = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_runTitle = nullptr;
    QComboBox* m_run = nullptr;
    QVBoxLayout* m_notices = nullptr;
    MetricsView* m_metrics = nullptr;
    QTabWidget* m_tabs = nullptr;
    SamplesView* m_samples = nullptr;
    FigureChart* m_histogram = nullptr;
    FigureChart* m_rocChart = nullptr;
};

} // namespace lacuna
