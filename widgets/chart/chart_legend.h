#pragma once

#include "widgets/chart/chart_style.h"

#include <QPixmap>
#include <QWidget>

#include <map>
#include <vector>

class QToolButton;

namespace lacuna {

/// The series of a chart as buttons that show and hide them, in as many rows as they need.
class ChartLegend : public QWidget {
    Q_OBJECT

public:
    explicit ChartLegend(QWidget* parent = nullptr);

    /// Adds \p id or changes how it looks.
    void setSeries(const QString& id, const SeriesStyle& style);
    void removeSeries(const QString& id);
    void setShown(const QString& id, bool shown);
    void retranslate();

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void toggled(const QString& id, bool shown);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Entry {
        SeriesStyle style;
        QToolButton* button = nullptr;
    };

    void restyle(Entry& entry);
    int arrange(int width, bool move) const;

    std::map<QString, Entry> m_entries;
    std::vector<QString> m_order;
};

/// Line and marker of \p style as a small picture, as a legend shows it.
[[nodiscard]] QPixmap seriesSwatch(const SeriesStyle& style, const QWidget& widget, double ratio);

} // namespace lacuna
