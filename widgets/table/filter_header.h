#pragma once

#include <QHeaderView>
#include <QTimer>

#include <vector>

class QLineEdit;

namespace lacuna {

/// A horizontal header with a box to filter by under every title. Tab and Shift+Tab walk between
/// the boxes in the order in which the columns stand, Escape empties one. What is typed counts once
/// typing pauses, or at Enter.
class FilterHeader : public QHeaderView {
    Q_OBJECT

public:
    explicit FilterHeader(QWidget* parent = nullptr);

    void setModel(QAbstractItemModel* model) override;

    [[nodiscard]] QString filter(int column) const;
    /// At once, without filterChanged().
    void setFilter(int column, const QString& text);
    /// \p reason shows that the filter cannot be used and why; empty: it can.
    void setProblem(int column, const QString& reason);
    void focusFilter(int column);
    void retranslate();

    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    /// Typing has paused.
    void filterChanged(int column, const QString& text);
    /// The box of \p column got the focus and should be in sight.
    void filterFocused(int column);
    /// The focus wants to go on behind the last box or before the first.
    void focusLeft(bool forward);

protected:
    void updateGeometries() override;
    bool eventFilter(QObject* object, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Box {
        QLineEdit* edit = nullptr;
        QString problem;
        bool waiting = false; ///< for typing to pause
    };

    void makeBoxes();
    void placeBoxes();
    void tellWaiting();
    void showProblem(const Box& box);
    [[nodiscard]] int boxHeight() const;
    [[nodiscard]] bool walk(int column, bool forward);
    [[nodiscard]] int columnOf(const QObject* edit) const;

    std::vector<Box> m_boxes; ///< one a column
    QTimer m_typing;
};

} // namespace lacuna
