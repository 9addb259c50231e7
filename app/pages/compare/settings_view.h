#pragma once

#include "app/pages/compare/comparison.h"

#include <QStringList>
#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableWidget;

namespace lacuna {

/// The settings of the runs side by side: only those that differ unless all are asked for, the
/// pinned run first, with how far numbers are from its own.
class SettingsView : public QWidget {
    Q_OBJECT

public:
    explicit SettingsView(QWidget* parent = nullptr);

    void show(const RunComparison& comparison);

    [[nodiscard]] bool onlyDifferences() const;
    void setOnlyDifferences(bool only);
    /// Paths that nobody wants to see, with what lies below them.
    [[nodiscard]] const QStringList& ignored() const { return m_ignored; }
    void setIgnored(const QStringList& paths);

    using QWidget::show;

Q_SIGNALS:
    /// onlyDifferences() or ignored() was changed by somebody.
    void choiceChanged();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void refresh();
    void fill(const std::vector<SettingRow>& rows, const std::vector<std::size_t>& order);
    void filterRows();
    void openMenu(const QPoint& position);

    RunComparison m_comparison;
    QStringList m_ignored;
    QLineEdit* m_search;
    QCheckBox* m_only;
    QPushButton* m_ignoredButton;
    QTableWidget* m_table;
    QLabel* m_note;
};

} // namespace lacuna
