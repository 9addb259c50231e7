#include "widgets/text/token_heat_map.h"

#include "widgets/base/colors.h"
#include "widgets/text/choice_bar.h"
#include "widgets/text/heat_legend.h"
#include "widgets/text/token_details.h"
#include "widgets/text/token_flow.h"
#include "widgets/text/token_text.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <cmath>
#include <utility>

namespace lacuna {

using namespace Qt::StringLiterals;

TokenHeatMap::TokenHeatMap(QWidget* parent)
    : QWidget(parent), m_controls(new QWidget),
      m_coloringBar(new ChoiceBar({u"probabilityButton"_s, u"deltaButton"_s})),
      m_spaceBox(new QCheckBox), m_legend(new HeatLegend), m_flow(new TokenFlow),
      m_details(new TokenDetails)
{
    m_flow->setObjectName(u"tokenFlow"_s);
    m_spaceBox->setObjectName(u"showSpaceBox"_s);
    auto* switches = new QHBoxLayout;
    switches->setSpacing(8);
    switches->addWidget(m_coloringBar);
    switches->addWidget(m_spaceBox);
    switches->addStretch();
    auto* controls = new QVBoxLayout(m_controls);
    controls->setContentsMargins(0, 0, 0, 0);
    controls->setSpacing(8);
    controls->addLayout(switches);
    controls->addWidget(m_legend);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_controls);
    layout->addWidget(m_flow, 1);
    layout->addWidget(m_details);

    connect(m_coloringBar, &ChoiceBar::chosen, this,
            [this](int index) { setColoring(static_cast<Coloring>(index)); });
    connect(m_spaceBox, &QCheckBox::toggled, this, &TokenHeatMap::setShowSpace);
    connect(m_flow, &TokenFlow::currentChanged, this, [this](int index) {
        m_current = index;
        showCurrent();
        Q_EMIT tokenHovered(index);
    });
    retranslate();
    setDeltas({});
}

void TokenHeatMap::clear()
{
    m_tokens.clear();
    m_flow->clear();
    m_current = -1;
    setDeltas({});
    showCurrent();
}

void TokenHeatMap::appendToken(const ProbeAnswer::Token& token)
{
    m_tokens.push_back(token);
    m_flow->append({.text = shownToken(token.text, m_showSpace),
                    .fill = fillOf(m_tokens.size() - 1),
                    .breaksLine = token.text.ends_with('\n')});
    if (m_current == static_cast<int>(m_tokens.size()) - 1)
        setCurrent(m_current);
}

void TokenHeatMap::setTokens(std::vector<ProbeAnswer::Token> tokens)
{
    m_tokens = std::move(tokens);
    std::vector<TokenFlow::Token> shown;
    shown.reserve(m_tokens.size());
    for (std::size_t i = 0; i < m_tokens.size(); ++i)
        shown.push_back({.text = shownToken(m_tokens[i].text, m_showSpace),
                         .fill = fillOf(i),
                         .breaksLine = m_tokens[i].text.ends_with('\n')});
    m_flow->setTokens(shown);
    setCurrent(m_current);
}

void TokenHeatMap::setDeltas(std::vector<float> deltas)
{
    m_deltas = std::move(deltas);
    m_ownScale = deltaScale(m_deltas);
    const bool known = !m_deltas.empty();
    m_coloringBar->button(1)->setEnabled(known);
    m_coloringBar->button(1)->setToolTip(known ? QString()
                                               : tr("Needs the answer of a second model"));
    if (!known && m_coloring == Coloring::Delta)
        setColoring(Coloring::Probability);
    recolor();
    showCurrent();
}

void TokenHeatMap::setColoring(Coloring coloring)
{
    m_coloring = coloring;
    m_coloringBar->setChoice(static_cast<int>(coloring));
    recolor();
    showCurrent();
}

void TokenHeatMap::setShowSpace(bool show)
{
    if (show == m_showSpace)
        return;
    m_showSpace = show;
    m_spaceBox->setChecked(show);
    setTokens(std::move(m_tokens));
}

void TokenHeatMap::setDeltaScale(double scale)
{
    m_deltaScale = scale;
    recolor();
}

void TokenHeatMap::setCurrent(int index)
{
    m_current = index;
    m_flow->setCurrent(index);
    showCurrent();
}

void TokenHeatMap::setControlsVisible(bool visible)
{
    m_controls->setVisible(visible);
}

void TokenHeatMap::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        showCurrent();
    } else if (event->type() == QEvent::PaletteChange)
        recolor();
}

void TokenHeatMap::retranslate()
{
    m_coloringBar->setTexts(tr("Colour by"), {tr("Probability"), tr("Δ log-probability")});
    m_coloringBar->button(1)->setToolTip(m_deltas.empty() ? tr("Needs the answer of a second model")
                                                          : QString());
    m_spaceBox->setText(tr("Show white space"));
    m_spaceBox->setToolTip(tr("· for a space, ⏎ for a line break, → for a tab"));
    m_flow->setAccessibleName(tr("Tokens of the answer"));
}

void TokenHeatMap::recolor()
{
    if (m_coloring == Coloring::Delta)
        m_legend->showDelta(scale());
    else
        m_legend->showProbability();
    std::vector<QColor> fills;
    fills.reserve(m_tokens.size());
    for (std::size_t i = 0; i < m_tokens.size(); ++i)
        fills.push_back(fillOf(i));
    m_flow->setFills(fills);
}

void TokenHeatMap::showCurrent()
{
    if (m_current < 0) {
        m_details->showNothing();
    } else if (m_current >= static_cast<int>(m_tokens.size())) {
        m_details->showMissing(m_current);
    } else {
        const auto at = static_cast<std::size_t>(m_current);
        std::optional<float> delta;
        // That it is not known matters to who asked for it.
        if (at < m_deltas.size() && (m_coloring == Coloring::Delta || !std::isnan(m_deltas[at])))
            delta = m_deltas[at];
        m_details->showToken(m_current, m_tokens[at], delta);
    }
    m_flow->setAccessibleDescription(m_details->sentence());
}

QColor TokenHeatMap::fillOf(std::size_t index) const
{
    if (m_coloring == Coloring::Probability) {
        const float logProb = m_tokens[index].logProb;
        return std::isnan(logProb) ? QColor() : probabilityColor(std::exp(logProb));
    }
    if (index >= m_deltas.size() || std::isnan(m_deltas[index]))
        return {};
    return deltaColor(m_deltas[index], scale(), isDark(palette()));
}

double TokenHeatMap::scale() const
{
    return m_deltaScale > 0 ? m_deltaScale : m_ownScale;
}

} // namespace lacuna
