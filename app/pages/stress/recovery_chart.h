#pragma once

#include <QWidget>

#include <string>
#include <vector>

namespace lacuna {

class LiveChart;
struct StressResult;

/// How fast each model gets back what was forgotten when it is trained on part of it.
class RecoveryChart : public QWidget {
    Q_OBJECT

public:
    explicit RecoveryChart(QWidget* parent = nullptr);

    void setResults(const std::vector<StressResult>& results, const std::string& metric);
    /// Whether anything was relearned.
    [[nodiscard]] bool hasCurves() const { return m_hasCurves; }
    [[nodiscard]] LiveChart& chart() { return *m_chart; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    LiveChart* m_chart;
    std::string m_metric;
    bool m_hasCurves = false;
};

} // namespace lacuna
