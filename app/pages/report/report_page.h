#pragma once

#include "app/cancellable_job.h"
#include "app/pages/page.h"
#include "app/services.h"
#include "core/report/document.h"
#include "core/store/records.h"

#include <memory>
#include <optional>
#include <vector>

class QAction;
class QCheckBox;
class QComboBox;
class QLabel;
class QStackedWidget;
class QTextBrowser;
class QTextDocument;

namespace lacuna {

struct RunOverview;

/// The report of a run as it will be passed on: what is seen is what is saved. Read and laid out in
/// the background; follows the history.
class ReportPage : public Page {
    Q_OBJECT

public:
    explicit ReportPage(Services& services, QWidget* parent = nullptr);
    ~ReportPage() override;

    void shown() override;
    /// The report of this run, as soon as the history has been read.
    void showRun(RunId id);

protected:
    void changeEvent(QEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    struct Made {
        Report report;
        std::shared_ptr<QTextDocument> preview;
    };

    void addActions();
    void makeLayout();
    void connectHistory();
    void retranslate();
    void readRuns();
    void takeRuns(const std::vector<RunOverview>& runs);
    void make();
    void takeReport(const Result<Made>& made);
    void showText(const QString& text);
    void updateActions();
    [[nodiscard]] QString suggestedFile(const QString& ending) const;
    void saveHtml();
    void savePdf();
    void tellSaved(const Status& status, const QString& file);

    Services& m_services;
    QLabel* m_title;
    QLabel* m_intro;
    QLabel* m_runLabel;
    QComboBox* m_runs;
    QCheckBox* m_answers;
    QStackedWidget* m_stack;
    QLabel* m_text; ///< where there is no report
    QTextBrowser* m_browser;
    std::vector<QAction*> m_actions;
    std::optional<RunId> m_wished; ///< to be chosen once it is in the list
    std::optional<Made> m_made;
    bool m_stale = true;  ///< the history changed while nobody looked
    bool m_again = false; ///< another report is asked for than the one being made
    CancellableJob m_making;
    CancellableJob m_writing;
};

} // namespace lacuna
