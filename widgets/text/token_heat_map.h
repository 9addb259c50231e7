#pragma once

#include "core/probe/answer.h"

#include <QString>
#include <QWidget>

#include <span>
#include <vector>

class QCheckBox;

namespace lacuna {

class ChoiceBar;
class HeatLegend;
class TokenDetails;
class TokenFlow;

/// An answer as its tokens, coloured by how likely the model found each, or by how much likelier
/// one model finds it than the other. Mouse or arrow keys show a token's numbers and what might
/// have stood there instead.
class TokenHeatMap : public QWidget {
    Q_OBJECT

public:
    enum class Coloring : std::uint8_t { Probability, Delta };

    explicit TokenHeatMap(QWidget* parent = nullptr);

    [[nodiscard]] TokenFlow* flow() const { return m_flow; }
    [[nodiscard]] TokenDetails* details() const { return m_details; }
    [[nodiscard]] int current() const { return m_current; }
    [[nodiscard]] const std::vector<float>& deltas() const { return m_deltas; }

    void clear();
    void appendToken(const ProbeAnswer::Token& token);
    void setTokens(std::vector<ProbeAnswer::Token> tokens);
    /// logP(unlearned) - logP(original) of the first tokens, NaN where it is not known (see
    /// logProbDeltas()); empty: no second model.
    void setDeltas(std::vector<float> deltas);
    void setColoring(Coloring coloring);
    void setShowSpace(bool show);
    /// Nats at full colour; 0: from the values.
    void setDeltaScale(double scale);
    /// Shows the token at \p index, or that there is none. Does not emit tokenHovered().
    void setCurrent(int index);
    /// Hidden where something else holds legend and switches for several of these.
    void setControlsVisible(bool visible);

Q_SIGNALS:
    /// The person came to a token, by mouse or key.
    void tokenHovered(int index);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void recolor();
    void showCurrent();
    [[nodiscard]] QColor fillOf(std::size_t index) const;
    [[nodiscard]] double scale() const;

    QWidget* m_controls;
    ChoiceBar* m_coloringBar;
    QCheckBox* m_spaceBox;
    HeatLegend* m_legend;
    TokenFlow* m_flow;
    TokenDetails* m_details;
    std::vector<ProbeAnswer::Token> m_tokens;
    std::vector<float> m_deltas;
    Coloring m_coloring = Coloring::Probability;
    double m_deltaScale = 0; ///< wanted; 0: m_ownScale
    double m_ownScale = 1;   ///< from m_deltas
    bool m_showSpace = false;
    int m_current = -1;
};

} // namespace lacuna
