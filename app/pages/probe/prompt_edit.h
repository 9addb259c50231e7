#pragma once

#include <QPlainTextEdit>

namespace lacuna {

/// A few lines for a question: Enter asks, Shift+Enter begins a new line, Tab goes on.
class PromptEdit : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit PromptEdit(QWidget* parent = nullptr);

Q_SIGNALS:
    void submitted();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void fitHeight();
};

} // namespace lacuna
