#pragma once

#include "core/base/json.h"
#include "core/base/params.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;

namespace lacuna {

class ParamForm;

/// The recipe's "method" object as a form made from the catalogues: method, its parameters, the
/// weight of forgetting, and the retain term where the method takes one.
class MethodSection : public QWidget {
    Q_OBJECT

public:
    explicit MethodSection(QWidget* parent = nullptr);

    /// Silent; leaves equal input alone.
    void setMethod(const Json& method);
    [[nodiscard]] Json method() const;
    /// Methods that cannot do without a retain set are greyed where there is none. While no data
    /// was chosen at all, it may still come.
    void setHasRetain(bool has);
    [[nodiscard]] QString problem() const;

Q_SIGNALS:
    void changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void chooseMethod();
    void showAvailable();
    void chooseRetain();
    void showMethod();
    void retranslate();
    [[nodiscard]] std::string methodId() const;
    [[nodiscard]] std::string retainId() const;

    bool m_hasRetain = true;
    QLabel* m_methodName = nullptr;
    QComboBox* m_methods = nullptr;
    QLabel* m_explanation = nullptr;
    QLabel* m_source = nullptr;
    ParamForm* m_params = nullptr;
    QLabel* m_retainName = nullptr;
    QComboBox* m_retains = nullptr;
    QLabel* m_retainNote = nullptr;
    ParamForm* m_retainParams = nullptr;
};

} // namespace lacuna
