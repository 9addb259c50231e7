#pragma once

#include "app/services.h"
#include "core/run/recipe.h"

#include <QFrame>

class QLabel;
class QVBoxLayout;

namespace lacuna {

/// One of the cards of the setup page. The recipe in the workspace is the only state: a card shows
/// it in follow() and changes it through Workspace::edit(). Each derived class sets its texts in
/// retranslate() and calls it once when it is built.
class SetupCard : public QFrame {
    Q_OBJECT

public:
    explicit SetupCard(Services& services, QWidget* parent = nullptr);

    /// Shows \p recipe; what says the same already is left alone, so that typing is not disturbed.
    virtual void follow(const Recipe& recipe) = 0;

Q_SIGNALS:
    /// What the card knows beside the recipe (files read, input refused) has changed.
    void stateChanged();

protected:
    virtual void retranslate() = 0;
    void changeEvent(QEvent* event) override;

    [[nodiscard]] Services& services() const { return m_services; }
    [[nodiscard]] QVBoxLayout* body() const { return m_body; }
    void setTitle(const QString& title, const QString& explanation);

private:
    Services& m_services;
    QLabel* m_title = nullptr;
    QLabel* m_explanation = nullptr;
    QVBoxLayout* m_body = nullptr;
};

/// Whether a set or model that the recipe names can be used.
enum class CheckState : std::uint8_t { Missing, NotNeeded, Working, Problem, Done };

} // namespace lacuna
