#pragma once

#include "core/attacks/catalog.h"

#include <QWidget>

#include <optional>

class QCheckBox;
class QLabel;
class QToolButton;

namespace lacuna {

class ParamForm;

/// One attack of the checklist: whether it is to be made, what it takes, and on request what it
/// does and with which parameters.
class AttackRow : public QWidget {
    Q_OBJECT

public:
    explicit AttackRow(const AttackInfo& info, QWidget* parent = nullptr);

    [[nodiscard]] const AttackInfo& info() const { return m_info; }
    [[nodiscard]] bool isChosen() const;
    /// \return why it cannot be made as its parameters are
    [[nodiscard]] Result<AttackSpec> spec() const;
    void setChosen(bool chosen);
    /// Of one model; nothing: not known.
    void setSeconds(std::optional<double> seconds);
    /// Whether a battery is at this attack now.
    void setWorking(bool working);
    void setEditable(bool editable);

Q_SIGNALS:
    /// Chosen or not, or another parameter; by the person.
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    const AttackInfo& m_info; ///< of the catalogue
    QCheckBox* m_choice;
    QLabel* m_time;
    QToolButton* m_more;
    QWidget* m_body;
    QLabel* m_explanation;
    ParamForm* m_form;
    std::optional<double> m_seconds;
    bool m_working = false;
};

} // namespace lacuna
