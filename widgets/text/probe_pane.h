#pragma once

#include "core/probe/answer.h"
#include "core/store/records.h"
#include "widgets/text/probe_column.h"

#include <QString>
#include <QTimer>
#include <QWidget>

#include <array>

class QBoxLayout;
class QCheckBox;
class QStackedWidget;

namespace lacuna {

class ChoiceBar;
class HeatLegend;

/// The same question answered by original, unlearned and reference model, and by the original
/// behind a guardrail where one is chosen, side by side or, where it is narrow, one under the
/// other. Answers grow as tokens come; what differs is marked as far as
/// both go; pointing at a token shows what every model thought of at that place.
///
/// "Current" is called unlearned here. Tokens may come at any rate: what is shown follows at most
/// 30 times a second, and less often when showing takes long.
class ProbePane : public QWidget {
    Q_OBJECT

public:
    using View = ProbeColumn::View;

    explicit ProbePane(QWidget* parent = nullptr);

    [[nodiscard]] ProbeColumn* column(ModelRole role) const;
    [[nodiscard]] View view() const;
    [[nodiscard]] bool isStacked() const;
    /// One column wide: it stacks where it gets no more.
    [[nodiscard]] QSize minimumSizeHint() const override;
    /// What it needs, not what it would like: a scroll area around it scrolls only where it must.
    [[nodiscard]] int heightForWidth(int) const override { return minimumSizeHint().height(); }

    /// No answers, no states.
    void clear();
    /// Asked, and nothing has come yet.
    void start(ModelRole role);
    /// Its model is read first.
    void showLoading(ModelRole role);
    void appendToken(ModelRole role, const ProbeAnswer::Token& token, const QString& textSoFar);
    /// \param step  of the run when its model answered; -1: no run did
    void finish(ModelRole role, const ProbeAnswer& answer, qint64 step = -1);
    void fail(ModelRole role, const QString& reason);
    /// The person asked to stop: what is open ends as stopped.
    void expectStop();
    void setAvailable(ModelRole role, bool available, const QString& reason = {});
    /// What stands under the name, such as the model's folder or "run at step 12".
    void setModel(ModelRole role, const QString& caption, const QString& toolTip = {});
    /// How questions are put to it, see ProbeColumn.
    void setTemplate(ModelRole role, const QString& text, const QString& toolTip, bool warns);
    /// Whether more or less of its adapter can answer, see ProbeColumn.
    void setScalable(ModelRole role, const QString& reason);
    void setAmount(ModelRole role, double factor);
    /// Whether there is a column for the original behind a guardrail. Initially not.
    void setGuarded(bool guarded);
    /// Whether the person may choose models here. Initially not.
    void setModelsEditable(bool editable);
    void setView(View view);

Q_SIGNALS:
    void viewChosen(lacuna::ProbeColumn::View view);
    void chooseModelRequested(lacuna::ModelRole role);
    void clearModelRequested(lacuna::ModelRole role);
    void folderDropped(lacuna::ModelRole role, const QString& folder);
    void amountChanged(lacuna::ModelRole role, double factor);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void connectControls();
    void connectColumn(ProbeColumn& column);
    void retranslate();
    void scheduleRefresh();
    void refresh();
    void refreshNext();
    void refreshDeltas();
    void showControls();
    void arrange();
    [[nodiscard]] const ProbeColumn* partnerOf(const ProbeColumn& column) const;

    ChoiceBar* m_viewBar;
    ChoiceBar* m_emphasisBar;
    ChoiceBar* m_unitBar;
    ChoiceBar* m_coloringBar;
    QCheckBox* m_spaceBox;
    HeatLegend* m_legend;
    QStackedWidget* m_switches;
    QBoxLayout* m_columnLayout;
    std::array<ProbeColumn*, 4> m_columns{}; ///< by role
    static constexpr int kRefreshMs = 33;

    QTimer m_refreshTimer;
    std::size_t m_nextColumn = 0; ///< that refreshNext() shows
    int m_pause = kRefreshMs;     ///< before the next round, ms
    int m_cost = 0;               ///< of the round so far, ms
    bool m_stale = false;         ///< something came since the round began
};

} // namespace lacuna
