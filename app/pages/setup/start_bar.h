#pragma once

#include "app/pages/setup/setup_card.h"

#include <QFrame>
#include <QString>

#include <array>

class QLabel;
class QPushButton;
class QToolButton;

namespace lacuna {

/// What stands between the recipe and a run.
struct Readiness {
    enum Item : std::uint8_t { Model, ForgetSet, RetainSet, Method, PlanItem };

    std::array<CheckState, 5> states = {};
    std::array<QString, 5> problems = {}; ///< of items whose state is Problem
    bool running = false;                 ///< another run is going on

    [[nodiscard]] bool ready() const;
    /// The first thing that is to be done before a run can start; empty when it can.
    [[nodiscard]] QString missing() const;
};

/// The foot of the setup page: the check-list, what is missing, and Start.
class StartBar : public QFrame {
    Q_OBJECT

public:
    explicit StartBar(QWidget* parent = nullptr);

    void setReadiness(const Readiness& readiness);

Q_SIGNALS:
    void startRequested();
    void itemClicked(lacuna::Readiness::Item item);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void showItems();

    Readiness m_readiness;
    std::array<QToolButton*, 5> m_items = {};
    QLabel* m_missing = nullptr;
    QPushButton* m_start = nullptr;
};

} // namespace lacuna
