#pragma once

#include "app/history.h"
#include "app/pages/page.h"
#include "app/services.h"

#include <optional>
#include <vector>

class QLabel;

namespace lacuna {

class HomeCard;
class InterruptedBanner;
class RecentRuns;

/// Three ways in, the newest runs, and the run that the last session left unfinished.
class HomePage : public Page {
    Q_OBJECT

public:
    explicit HomePage(Services& services, QWidget* parent = nullptr);

    void shown() override;

Q_SIGNALS:
    void experimentRequested();
    void lessonRequested();
    void modelRequested(const QString& folder);
    void runRequested(qint64 id);

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QWidget* makeCards();
    void connectServices();
    void retranslate();
    void refresh();
    void take(const Result<std::vector<RunOverview>>& overviews);
    void offerInterrupted(const std::vector<RunOverview>& overviews);
    void showBanner(const Run& run, std::optional<qint64> checkpoint);
    void updateBanner();
    void chooseModel();
    void resume();
    void keep();
    void discard();
    void report(const Error& error);

    Services& m_services;
    bool m_stale = true;
    std::optional<Run> m_interrupted; ///< the one that the banner is about
    InterruptedBanner* m_banner;
    QLabel* m_title;
    QLabel* m_text;
    HomeCard* m_see;
    HomeCard* m_lesson;
    HomeCard* m_model;
    RecentRuns* m_recent;
};

} // namespace lacuna
