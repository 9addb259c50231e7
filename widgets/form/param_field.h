#pragma once

#include "core/base/params.h"

#include <QString>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QToolButton;

namespace lacuna {

class NoteLine;

/// "learning_rate" as a person reads it: "Learning rate".
[[nodiscard]] QString paramTitle(const std::string& name);
/// "between 0 and 10", "at least 1"; empty when anything goes.
[[nodiscard]] QString paramRange(const ParamSpec& spec);

/// One parameter of a ParamForm: name, editor, unit, reset, its help below, and what is wrong with
/// the input where something is.
class ParamField : public QWidget {
    Q_OBJECT

public:
    /// \param title  instead of the one made from the parameter's name
    explicit ParamField(ParamSpec spec, const QString& title = {}, QWidget* parent = nullptr);

    [[nodiscard]] const ParamSpec& spec() const { return m_spec; }
    [[nodiscard]] QString title() const;
    /// The last input that was in order.
    [[nodiscard]] const ParamValue& value() const { return m_value; }
    [[nodiscard]] bool isDefault() const { return m_value == m_spec.fallback; }
    [[nodiscard]] bool isValid() const { return m_problem.isEmpty(); }
    /// Why the input is refused; empty when it is in order.
    [[nodiscard]] const QString& problem() const { return m_problem; }

    /// Text that says the same already is left as it is, cursor included.
    void setValue(const ParamValue& value);

Q_SIGNALS:
    /// By the person; setValue() is silent.
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QWidget* makeEditor();
    void showValue();
    void take(const QString& text);
    void accept(const ParamValue& value);
    void refuse(const QString& problem);
    void showState();
    void retranslate();

    ParamSpec m_spec;
    QString m_title; ///< given; empty: made from the name
    ParamValue m_value;
    QString m_problem;
    QLabel* m_name = nullptr;
    QLineEdit* m_line = nullptr; // one of these three
    QCheckBox* m_check = nullptr;
    QComboBox* m_combo = nullptr;
    QLabel* m_unit = nullptr;
    QToolButton* m_reset = nullptr;
    QLabel* m_help = nullptr;
    NoteLine* m_note = nullptr; ///< the problem
};

} // namespace lacuna
