#pragma once

#include "core/run/stress_battery.h"

#include <QWidget>

#include <optional>
#include <string>
#include <vector>

class QToolButton;

namespace lacuna {

class AttackRow;

/// The battery as a checklist: every attack of the catalogue with what it takes and its settings.
class BatteryList : public QWidget {
    Q_OBJECT

public:
    explicit BatteryList(QWidget* parent = nullptr);

    /// Those that are chosen, or the first one that cannot be made and why.
    [[nodiscard]] Result<std::vector<AttackSpec>> specs() const;
    [[nodiscard]] int chosenCount() const;
    /// What the chosen ones take together on one model; nothing where that is not known.
    [[nodiscard]] std::optional<double> seconds() const;
    /// Of this machine with the model that is to be attacked; nothing: not known.
    void setSpeed(const std::optional<StressSpeed>& speed);
    /// Marks the attack that is being made; empty: none.
    void setWorking(const std::string& attack);
    void setEditable(bool editable);

Q_SIGNALS:
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void chooseAll(bool all);
    void showTimes();
    void retranslate();

    std::vector<AttackRow*> m_rows;
    std::optional<StressSpeed> m_speed;
    QToolButton* m_all;
    QToolButton* m_none;
};

} // namespace lacuna
