#include "widgets/text/probe_pane.h"

#include "widgets/text/answer_diff.h"
#include "widgets/text/choice_bar.h"
#include "widgets/text/heat_legend.h"
#include "widgets/text/token_heat_map.h"
#include "widgets/text/token_text.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QResizeEvent>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kStackBelow = 1000;        ///< interface reference 6.3
constexpr int kStackGuardedBelow = 1350; ///< the same with one more column
constexpr int kMostRefreshMs = 500;

QWidget* row(std::initializer_list<QWidget*> widgets)
{
    auto* holder = new QWidget;
    auto* layout = new QHBoxLayout(holder);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(16);
    for (QWidget* widget : widgets)
        layout->addWidget(widget);
    layout->addStretch();
    return holder;
}

} // namespace

ProbePane::ProbePane(QWidget* parent)
    : QWidget(parent), m_viewBar(new ChoiceBar({u"textViewButton"_s, u"tokensViewButton"_s})),
      m_emphasisBar(new ChoiceBar({u"differencesButton"_s, u"matchesButton"_s})),
      m_unitBar(new ChoiceBar({u"wordsButton"_s, u"charactersButton"_s})),
      m_coloringBar(new ChoiceBar({u"probabilityButton"_s, u"deltaButton"_s})),
      m_spaceBox(new QCheckBox), m_legend(new HeatLegend), m_switches(new QStackedWidget),
      m_columnLayout(new QBoxLayout(QBoxLayout::LeftToRight))
{
    m_spaceBox->setObjectName(u"showSpaceBox"_s);
    m_switches->addWidget(row({m_emphasisBar, m_unitBar}));
    m_switches->addWidget(row({m_coloringBar, m_spaceBox}));
    m_switches->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);

    auto* bar = new QHBoxLayout;
    bar->setSpacing(16);
    bar->addWidget(m_viewBar);
    bar->addWidget(m_switches, 1);

    m_columnLayout->setSpacing(16);
    for (const ModelRole role :
         {ModelRole::Original, ModelRole::Guarded, ModelRole::Current, ModelRole::Reference}) {
        auto* column = new ProbeColumn(role);
        column->setObjectName(QString::fromUtf8(idOf(role).data()) + u"Column"_s);
        m_columns.at(static_cast<std::size_t>(role)) = column;
        m_columnLayout->addWidget(column, 1);
        connectColumn(*column);
    }
    column(ModelRole::Guarded)->hide();

    auto* layout = new QVBoxLayout(this);
    layout->setSizeConstraint(QLayout::SetNoConstraint); // see minimumSizeHint()
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(bar);
    layout->addWidget(m_legend);
    layout->addLayout(m_columnLayout, 1);

    m_refreshTimer.setSingleShot(true);
    connect(&m_refreshTimer, &QTimer::timeout, this, &ProbePane::refreshNext);
    connectControls();
    retranslate();
    showControls();
}

void ProbePane::connectControls()
{
    connect(m_viewBar, &ChoiceBar::chosen, this, [this](int index) {
        setView(static_cast<View>(index));
        Q_EMIT viewChosen(view());
    });
    connect(m_emphasisBar, &ChoiceBar::chosen, this, [this](int index) {
        for (ProbeColumn* column : m_columns)
            column->diff()->setEmphasis(static_cast<AnswerDiff::Emphasis>(index));
    });
    connect(m_unitBar, &ChoiceBar::chosen, this, [this](int index) {
        for (ProbeColumn* column : m_columns)
            column->diff()->setUnit(static_cast<DiffUnit>(index));
    });
    connect(m_coloringBar, &ChoiceBar::chosen, this, [this] { refreshDeltas(); });
    connect(m_spaceBox, &QCheckBox::toggled, this, [this](bool on) {
        for (ProbeColumn* column : m_columns)
            column->heatMap()->setShowSpace(on);
    });
}

void ProbePane::connectColumn(ProbeColumn& column)
{
    const ModelRole role = column.role();
    connect(&column, &ProbeColumn::chooseModelRequested, this,
            [this, role] { Q_EMIT chooseModelRequested(role); });
    connect(&column, &ProbeColumn::clearModelRequested, this,
            [this, role] { Q_EMIT clearModelRequested(role); });
    connect(&column, &ProbeColumn::folderDropped, this,
            [this, role](const QString& folder) { Q_EMIT folderDropped(role, folder); });
    connect(&column, &ProbeColumn::amountChanged, this,
            [this, role](double factor) { Q_EMIT amountChanged(role, factor); });
    connect(column.heatMap(), &TokenHeatMap::tokenHovered, this, [this, role](int index) {
        for (ProbeColumn* other : m_columns)
            if (other->role() != role)
                other->heatMap()->setCurrent(index);
    });
}

ProbeColumn* ProbePane::column(ModelRole role) const
{
    return m_columns.at(static_cast<std::size_t>(role));
}

ProbePane::View ProbePane::view() const
{
    return static_cast<View>(m_viewBar->choice());
}

bool ProbePane::isStacked() const
{
    return m_columnLayout->direction() == QBoxLayout::TopToBottom;
}

QSize ProbePane::minimumSizeHint() const
{
    return {m_columns.front()->minimumWidth(), layout()->minimumSize().height()};
}

void ProbePane::clear()
{
    for (ProbeColumn* column : m_columns)
        column->clear();
    scheduleRefresh();
}

void ProbePane::start(ModelRole role)
{
    column(role)->start();
    scheduleRefresh();
}

void ProbePane::showLoading(ModelRole role)
{
    column(role)->showLoading();
}

void ProbePane::appendToken(ModelRole role, const ProbeAnswer::Token& token,
                            const QString& textSoFar)
{
    column(role)->appendToken(token, textSoFar);
    scheduleRefresh();
}

void ProbePane::finish(ModelRole role, const ProbeAnswer& answer, qint64 step)
{
    column(role)->finish(answer, step);
    scheduleRefresh();
}

void ProbePane::fail(ModelRole role, const QString& reason)
{
    column(role)->fail(reason);
    scheduleRefresh();
}

void ProbePane::expectStop()
{
    for (ProbeColumn* column : m_columns)
        column->expectStop();
}

void ProbePane::setAvailable(ModelRole role, bool available, const QString& reason)
{
    column(role)->setAvailable(available, reason);
}

void ProbePane::setModel(ModelRole role, const QString& caption, const QString& toolTip)
{
    column(role)->setModel(caption, toolTip);
}

void ProbePane::setTemplate(ModelRole role, const QString& text, const QString& toolTip, bool warns)
{
    column(role)->setTemplate(text, toolTip, warns);
}

void ProbePane::setScalable(ModelRole role, const QString& reason)
{
    column(role)->setScalable(reason);
}

void ProbePane::setAmount(ModelRole role, double factor)
{
    column(role)->setAmount(factor);
}

void ProbePane::setGuarded(bool guarded)
{
    column(ModelRole::Guarded)->setVisible(guarded);
    arrange();
    updateGeometry();
}

void ProbePane::setModelsEditable(bool editable)
{
    for (ProbeColumn* column : m_columns)
        column->setModelEditable(editable);
}

void ProbePane::setView(View view)
{
    m_viewBar->setChoice(static_cast<int>(view));
    for (ProbeColumn* column : m_columns)
        column->setView(view);
    showControls();
    refresh();
}

void ProbePane::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void ProbePane::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void ProbePane::arrange()
{
    const bool guarded = !column(ModelRole::Guarded)->isHidden();
    const auto direction = width() < (guarded ? kStackGuardedBelow : kStackBelow)
                               ? QBoxLayout::TopToBottom
                               : QBoxLayout::LeftToRight;
    if (direction != m_columnLayout->direction())
        m_columnLayout->setDirection(direction);
}

void ProbePane::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

void ProbePane::retranslate()
{
    m_viewBar->setTexts(tr("How answers are shown"), {tr("Text"), tr("Tokens")});
    m_emphasisBar->setTexts(tr("What is marked"), {tr("Differences"), tr("Matches")});
    m_unitBar->setTexts(tr("Compared by"), {tr("Words"), tr("Characters")});
    m_coloringBar->setTexts(tr("Colour by"), {tr("Probability"), tr("Δ log-probability")});
    m_spaceBox->setText(tr("Show white space"));
    m_spaceBox->setToolTip(tr("· for a space, ⏎ for a line break, → for a tab"));
}

/// Hidden, nothing is done: showEvent() catches up.
void ProbePane::scheduleRefresh()
{
    if (!isVisible())
        return;
    m_stale = true;
    if (!m_refreshTimer.isActive())
        m_refreshTimer.start(m_pause);
}

void ProbePane::refresh()
{
    if (!isVisible())
        return;
    for (ProbeColumn* column : m_columns)
        column->refresh(partnerOf(*column));
    if (view() == View::Tokens)
        refreshDeltas();
}

/// One column a turn of the event loop, so that three long answers do not add up to one long wait.
void ProbePane::refreshNext()
{
    if (!isVisible())
        return;
    QElapsedTimer timer;
    timer.start();
    if (m_nextColumn == 0) {
        m_stale = false;
        m_cost = 0;
    }
    const ProbeColumn& next = *m_columns.at(m_nextColumn);
    m_columns.at(m_nextColumn)->refresh(partnerOf(next));
    m_nextColumn = (m_nextColumn + 1) % m_columns.size();
    const bool last = m_nextColumn == 0;
    if (last && view() == View::Tokens)
        refreshDeltas();
    m_cost += static_cast<int>(timer.elapsed());
    if (last) // very long answers: three quarters of the time stay for everything else
        m_pause = std::clamp(m_cost * 3, kRefreshMs, kMostRefreshMs);
    if (!last)
        m_refreshTimer.start(0);
    else if (m_stale)
        m_refreshTimer.start(m_pause);
}

void ProbePane::refreshDeltas()
{
    const ProbeColumn& original = *column(ModelRole::Original);
    const ProbeColumn& unlearned = *column(ModelRole::Current);
    const bool both = !original.tokens().empty() && !unlearned.tokens().empty();
    m_coloringBar->button(1)->setEnabled(both);
    m_coloringBar->button(1)->setToolTip(
        both ? QString() : tr("Needs the answers of the original and the unlearned model"));
    const bool byDelta = both && m_coloringBar->choice() == 1;
    double scale = 1;
    for (ProbeColumn* column : m_columns) {
        std::vector<float> deltas;
        if (both && column->role() == ModelRole::Original)
            deltas = logProbDeltas(original.tokens(), unlearned.tokens(), true);
        else if (both && column->role() == ModelRole::Current)
            deltas = logProbDeltas(unlearned.tokens(), original.tokens(), false);
        else if (byDelta)
            deltas.assign(column->tokens().size(), std::numeric_limits<float>::quiet_NaN());
        scale = std::max(scale, deltaScale(deltas));
        column->heatMap()->setDeltas(std::move(deltas));
    }
    for (ProbeColumn* column : m_columns) {
        column->heatMap()->setDeltaScale(scale);
        column->heatMap()->setColoring(byDelta ? TokenHeatMap::Coloring::Delta
                                               : TokenHeatMap::Coloring::Probability);
    }
    if (byDelta)
        m_legend->showDelta(scale);
    else
        m_legend->showProbability();
}

void ProbePane::showControls()
{
    m_switches->setCurrentIndex(static_cast<int>(view()));
    m_legend->setVisible(view() == View::Tokens);
}

/// Every other answer stands against the original's, that one against the first of the others.
const ProbeColumn* ProbePane::partnerOf(const ProbeColumn& column) const
{
    const ProbeColumn* original = this->column(ModelRole::Original);
    if (column.role() != ModelRole::Original)
        return original;
    for (const ModelRole role : {ModelRole::Current, ModelRole::Reference})
        if (this->column(role)->hasAnswer())
            return this->column(role);
    return this->column(ModelRole::Guarded);
}

} // namespace lacuna
