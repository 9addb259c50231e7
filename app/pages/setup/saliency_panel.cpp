#include "app/pages/setup/saliency_panel.h"

#include "app/error_text.h"
#include "app/pages/setup/parameter_text.h"
#include "core/run/saliency.h"
#include "widgets/base/theme.h"
#include "widgets/chart/heat_grid.h"
#include "widgets/form/note_line.h"

#include <nlohmann/json.hpp>

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kProgressSteps = 1000;
constexpr int kProgressWidth = 240;

QToolButton* button(const QString& name)
{
    auto* made = new QToolButton;
    made->setObjectName(name);
    made->setToolButtonStyle(Qt::ToolButtonTextOnly);
    made->setFocusPolicy(Qt::StrongFocus);
    made->setMinimumHeight(24);
    return made;
}

bool isSuggested(const ScopeSuggestion& suggestion, const SaliencyUnit& unit)
{
    return std::any_of(
        suggestion.units.begin(), suggestion.units.end(),
        [&](const SaliencyUnit& one) { return one.layer == unit.layer && one.kind == unit.kind; });
}

} // namespace

SaliencyPanel::SaliencyPanel(QWidget* parent)
    : QWidget(parent), m_title(heading({}, 3)), m_help(secondaryText({})),
      m_find(button(u"findWhere"_s)), m_progress(new QProgressBar),
      m_cancel(button(u"cancelFinding"_s)), m_accept(button(u"tickSuggestion"_s)),
      m_note(new NoteLine), m_result(new QLabel), m_grid(new HeatGrid), m_legend(secondaryText({}))
{
    m_progress->setObjectName(u"findingProgress"_s);
    m_progress->setRange(0, kProgressSteps);
    m_progress->setFixedWidth(kProgressWidth);
    m_note->setObjectName(u"saliencyNote"_s);
    m_result->setObjectName(u"saliencyResult"_s);
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_grid->setObjectName(u"saliencyGrid"_s);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    for (QWidget* part : std::initializer_list<QWidget*>{m_find, m_progress, m_cancel, m_accept})
        row->addWidget(part);
    row->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addWidget(m_help);
    layout->addLayout(row);
    layout->addWidget(m_note);
    layout->addWidget(m_result);
    layout->addWidget(m_grid);
    layout->addWidget(m_legend);

    connect(m_find, &QToolButton::clicked, this, &SaliencyPanel::search);
    connect(m_cancel, &QToolButton::clicked, this, [this] {
        m_search.cancel();
        showState();
    });
    connect(m_accept, &QToolButton::clicked, this, &SaliencyPanel::suggestionAccepted);
    connect(&m_search, &CancellableJob::progressed, this, [this](double share) {
        m_progress->setValue(static_cast<int>(std::lround(kProgressSteps * share)));
    });
    retranslate();
}

void SaliencyPanel::follow(const Recipe& recipe)
{
    m_recipe = recipe;
    std::string key = saliencyRecipe(recipe).toJson().dump();
    if (key == m_key)
        return;
    m_key = std::move(key);
    m_search.cancel();
    if (m_map || m_search.isRunning())
        m_ending = Ending::Stale;
    else if (m_ending != Ending::Stale) // of the one before: that was not told yet
        m_ending = Ending::None;
    if (std::exchange(m_map, std::nullopt))
        Q_EMIT mapChanged();
    showState();
}

void SaliencyPanel::setAcceptable(bool acceptable)
{
    m_accept->setEnabled(acceptable);
}

void SaliencyPanel::search()
{
    m_ending = Ending::None;
    m_progress->setValue(0);
    m_search.start(
        [recipe = m_recipe](CancellableJob::Course& course) {
            return findSaliency({.recipe = recipe},
                                [&](double share) { return course.proceed(share); });
        },
        [this, key = m_key](const Result<std::optional<SaliencyMap>>& found) {
            if (key == m_key) // otherwise it is stale, as follow() has noted
                take(found);
            showState();
        });
    showState();
    m_cancel->setFocus();
}

void SaliencyPanel::take(const Result<std::optional<SaliencyMap>>& found)
{
    if (!found) {
        m_ending = Ending::Failed;
        m_failure = errorText(found.error());
    } else if (!*found) {
        m_ending = Ending::Cancelled;
    } else {
        m_map = *found;
        m_suggestion = suggestScope(*m_map);
        m_ending = Ending::Found;
        Q_EMIT mapChanged();
    }
}

/// Why no search can begin; empty: it can.
QString SaliencyPanel::obstacle() const
{
    if (m_recipe.newModel)
        return tr("A new model knows nothing yet that could be found in it.");
    if (m_recipe.model.empty())
        return tr("Choose a model first.");
    if (m_recipe.forget.empty())
        return tr("Choose a forget set first.");
    if (m_recipe.retain.empty())
        return tr("Choose a retain set first: what matters to the forget set is compared with what "
                  "matters to a retain set.");
    return {};
}

void SaliencyPanel::showState()
{
    const bool running = m_search.isRunning();
    const bool hadFocus = m_cancel->hasFocus();
    const QString reason = obstacle();
    m_find->setEnabled(!running && reason.isEmpty());
    m_progress->setVisible(running);
    m_cancel->setVisible(running);
    // Not disabled, which would take the focus to somewhere else.
    m_cancel->setText(m_search.isCancelled() ? tr("Ending\u2026") : tr("Cancel"));
    if (hadFocus && !running)
        m_find->setFocus();
    QString words = reason;
    MessageKind kind = MessageKind::Info;
    if (reason.isEmpty() && !running) {
        if (m_ending == Ending::Cancelled)
            words = tr("Cancelled. Nothing was found out.");
        if (m_ending == Ending::Found && isEven(saliencyUnits(*m_map))) {
            kind = MessageKind::Warning;
            words = tr("No part stands out: another draw of samples moves the ratios as far as "
                       "they differ here. There is little reason to train the suggestion rather "
                       "than other parts.");
        }
        if (m_ending == Ending::Failed) {
            kind = MessageKind::Error;
            words = m_failure;
        }
    }
    if (m_ending == Ending::Stale) {
        kind = MessageKind::Warning;
        words = tr("The model or the data have changed: what was found no longer holds.") +
                (reason.isEmpty() ? QString() : u' ' + reason);
    }
    m_note->setVisible(!words.isEmpty());
    m_note->setNote(kind, words);
    for (QWidget* part : std::initializer_list<QWidget*>{m_accept, m_result, m_grid, m_legend})
        part->setVisible(m_map.has_value());
    if (m_map)
        showMap();
}

/// "the MLP of block 2; the attention of blocks 0, 3"
QString SaliencyPanel::unitsText() const
{
    QStringList parts;
    for (const PartKind kind : {PartKind::Attention, PartKind::Mlp}) {
        std::vector<qint64> layers;
        for (const SaliencyUnit& unit : m_suggestion.units)
            if (unit.kind == kind)
                layers.push_back(unit.layer);
        if (layers.empty())
            continue;
        std::sort(layers.begin(), layers.end());
        QStringList numbers;
        for (const qint64 layer : layers)
            numbers << QLocale().toString(layer);
        const bool one = layers.size() == 1;
        const QString words =
            kind == PartKind::Attention
                ? (one ? tr("the attention of block %1") : tr("the attention of blocks %1"))
                : (one ? tr("the MLP of block %1") : tr("the MLP of blocks %1"));
        parts << words.arg(numbers.join(u", "_s));
    }
    return parts.join(u"; "_s);
}

void SaliencyPanel::showMap()
{
    const std::vector<SaliencyUnit> units = saliencyUnits(*m_map);
    const Saliency whole = wholeOf(units);
    const Saliency suggested = wholeOf(m_suggestion.units);
    const QLocale locale;
    m_result->setText(
        tr("Suggested: %1. These matter to the forget set %2 times as much as to the retain set; "
           "all blocks together %3 times. They hold %4 of what matters to the forget set in the "
           "blocks, and %5 of the blocks' weights. Measured on %Ln samples of each set.",
           nullptr, static_cast<int>(m_map->samples))
            .arg(unitsText(), ratioText(suggested.ratio()), ratioText(whole.ratio()),
                 tr("%1 %").arg(locale.toString(100 * m_suggestion.covered, 'f', 1)),
                 percentText(suggested.weights, whole.weights)));

    HeatGrid::Content content{.columnTitle = tr("Block"),
                              .rows = {tr("Attention"), tr("MLP")},
                              .cells = std::vector<std::vector<HeatGrid::Cell>>(2)};
    const RatioScale scale(units);
    QStringList spoken;
    double least = units.front().saliency.ratio();
    double greatest = least;
    for (const SaliencyUnit& unit : units) {
        const std::size_t row = unit.kind == PartKind::Attention ? 0 : 1;
        const double ratio = unit.saliency.ratio();
        least = std::min(least, ratio);
        greatest = std::max(greatest, ratio);
        const bool marked = isSuggested(m_suggestion, unit);
        const QString words = (marked ? tr("Block %1, %2: %3, suggested") : tr("Block %1, %2: %3"))
                                  .arg(locale.toString(qint64{unit.layer}),
                                       content.rows[static_cast<qsizetype>(row)], ratioText(ratio));
        spoken << words;
        content.cells[row].push_back({.place = scale.place(ratio),
                                      .text = ratioText(ratio),
                                      .toolTip = words,
                                      .marked = marked});
    }
    m_grid->setContent(std::move(content));
    m_grid->setAccessibleDescription(spoken.join(u". "_s));
    m_legend->setText(tr("How many times as much each matters to the forget set: from %1 (dark) to "
                         "%2 (light). Framed: suggested.")
                          .arg(ratioText(least), ratioText(greatest)));
}

void SaliencyPanel::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void SaliencyPanel::retranslate()
{
    m_title->setText(tr("Where the forget set lies"));
    m_help->setText(tr("Goes through both sets once and compares how much each depends on every "
                       "weight: |gradient| \u00D7 |weight|."));
    m_find->setText(tr("Find where"));
    m_find->setToolTip(tr("Look for the parts of the model that matter more to the forget set than "
                          "to the retain set."));
    m_progress->setAccessibleName(tr("Progress of the search"));
    m_cancel->setAccessibleName(tr("Cancel the search"));
    m_accept->setText(tr("Tick the suggestion"));
    m_accept->setToolTip(tr("Train the suggested parts and nothing else."));
    m_grid->setAccessibleName(tr("Map of the blocks"));
    showState();
}

} // namespace lacuna
