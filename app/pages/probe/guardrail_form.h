#pragma once

#include "core/guardrails/catalog.h"

#include <QFrame>
#include <QString>

class QComboBox;
class QLabel;

namespace lacuna {

class Fold;
class ParamForm;

/// Which guardrail stands before the original model, as a form made from the catalogue. None at
/// first.
class GuardrailForm : public QFrame {
    Q_OBJECT

public:
    explicit GuardrailForm(QWidget* parent = nullptr);

    /// The experiment's corpora; guardrails that cannot do without one are greyed where it is
    /// missing.
    void setCorpora(const std::string& forget, const std::string& retain);
    /// What was chosen, with the corpora; an empty spec: none, or one that problem() keeps from
    /// being used.
    [[nodiscard]] GuardrailRequest request() const;
    /// "In-context unlearning"; empty: none was chosen.
    [[nodiscard]] QString title() const;
    /// Why the chosen one cannot be used; empty: it can.
    [[nodiscard]] QString problem() const;
    void chooseNone();

Q_SIGNALS:
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void build();
    void retranslate();
    void choose();
    void showAvailable();
    /// Null: none was chosen.
    [[nodiscard]] const GuardrailInfo* info() const;
    /// Which corpus \p info misses; empty: none.
    [[nodiscard]] QString missing(const GuardrailInfo& info) const;

    std::string m_forget;
    std::string m_retain;
    QLabel* m_name = nullptr;
    QComboBox* m_box = nullptr;
    QLabel* m_summary = nullptr;
    Fold* m_fold = nullptr;
    QLabel* m_explanation = nullptr;
    QLabel* m_source = nullptr;
    ParamForm* m_params = nullptr;
};

} // namespace lacuna
