#pragma once

#include <QStringList>
#include <QWidget>

#include <vector>

class QLabel;
class QMenu;
class QPushButton;
class QToolButton;

namespace lacuna {

/// Questions to click: as many as fit into one line, and all of them, with those asked before, in a
/// menu.
class SuggestionRow : public QWidget {
    Q_OBJECT

public:
    explicit SuggestionRow(QWidget* parent = nullptr);

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override { return minimumSizeHint(); }

    void setSuggestions(const QStringList& prompts);
    /// Newest first.
    void setAsked(const QStringList& prompts);

Q_SIGNALS:
    void chosen(const QString& prompt);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void arrange();
    void fillMenu();

    QLabel* m_title;
    QToolButton* m_more;
    QMenu* m_menu;
    std::vector<QPushButton*> m_chips;
    QStringList m_suggestions;
    QStringList m_asked;
};

} // namespace lacuna
