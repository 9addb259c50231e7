#pragma once

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace lacuna {

/// The recipe of a run as the file that would run it again.
class RecipeView : public QWidget {
    Q_OBJECT

public:
    explicit RecipeView(QWidget* parent = nullptr);

    void setRecipe(const QString& json);
    [[nodiscard]] QString recipe() const;

Q_SIGNALS:
    void saveRequested(const QString& json);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    QPlainTextEdit* m_text;
    QPushButton* m_copy;
    QPushButton* m_save;
    QLabel* m_hint;
};

} // namespace lacuna
