#pragma once

#include "app/services.h"
#include "core/run/sweep.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace lacuna {

/// The recipe as the file that the command line takes: to copy, save, or open another one.
class RecipePanel : public QWidget {
    Q_OBJECT

public:
    explicit RecipePanel(Services& services, QWidget* parent = nullptr);

    void follow(const RecipeDraft& draft);

protected:
    void changeEvent(QEvent* event) override;

private:
    void save();
    void retranslate();

    Services& m_services;
    QString m_file; ///< saved to; empty: not yet
    QPlainTextEdit* m_text = nullptr;
    QLabel* m_commandTitle = nullptr;
    QLabel* m_command = nullptr;
    QPushButton* m_copy = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_open = nullptr;
};

} // namespace lacuna
