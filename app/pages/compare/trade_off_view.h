#pragma once

#include "app/pages/compare/comparison.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QLabel;

namespace lacuna {

class ScatterChart;

/// Each run as a point: how much it forgot against what it kept, and the front of those that no
/// other run beats.
class TradeOffView : public QWidget {
    Q_OBJECT

public:
    explicit TradeOffView(QWidget* parent = nullptr);

    void show(const RunComparison& comparison);
    using QWidget::show;

    /// Names of the two quantities, as Quantity::name() has them; empty: the usual ones.
    [[nodiscard]] QStringList axes() const { return m_wish; }
    /// Takes effect once the runs have them.
    void setAxes(const QStringList& names);

Q_SIGNALS:
    void runChosen(lacuna::RunId id);
    void runActivated(lacuna::RunId id);
    void axesChosen();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void offer();
    void draw();
    [[nodiscard]] std::optional<Quantity> chosen(const QComboBox& box) const;

    RunComparison m_comparison;
    std::vector<Quantity> m_quantities; ///< those with a good direction
    QStringList m_wish;
    QLabel* m_forgetName;
    QComboBox* m_forget;
    QLabel* m_keepName;
    QComboBox* m_keep;
    ScatterChart* m_chart;
};

} // namespace lacuna
