#include "app/pages/compare/compare_runs.h"

#include "app/pages/compare/run_colors.h"
#include "widgets/base/theme.h"
#include "widgets/chart/chart_legend.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kWidth = 264;
constexpr QSize kSwatch(28, 14);
constexpr int kRowHeight = 28;

} // namespace

CompareRuns::CompareRuns(QWidget* parent)
    : QWidget(parent), m_title(heading({}, 3)), m_list(new QListWidget),
      m_progress(secondaryText({})), m_pin(new QPushButton), m_remove(new QPushButton),
      m_add(new QPushButton)
{
    m_list->setObjectName(u"compareRuns"_s);
    m_list->setIconSize(kSwatch);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setUniformItemSizes(true);
    m_list->installEventFilter(this);
    m_progress->setObjectName(u"compareProgress"_s);
    m_pin->setObjectName(u"pinRun"_s);
    m_remove->setObjectName(u"removeRun"_s);
    m_add->setObjectName(u"addRuns"_s);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_pin, 1);
    buttons->addWidget(m_remove, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_progress);
    layout->addLayout(buttons);
    layout->addWidget(m_add);
    setFixedWidth(kWidth);
    connect(m_list, &QListWidget::currentRowChanged, this, [this] {
        updateButtons();
        if (const RunId id = chosen(); id > 0)
            Q_EMIT runChosen(id);
    });
    connect(m_list, &QListWidget::itemActivated, this, [this] { Q_EMIT runActivated(chosen()); });
    connect(m_pin, &QPushButton::clicked, this, [this] { Q_EMIT pinRequested(chosen()); });
    connect(m_remove, &QPushButton::clicked, this, [this] { Q_EMIT removeRequested(chosen()); });
    connect(m_add, &QPushButton::clicked, this, &CompareRuns::addRequested);
    retranslate();
}

void CompareRuns::show(const RunComparison& comparison)
{
    m_comparison = comparison;
    refresh();
}

void CompareRuns::setCurrent(RunId id)
{
    const QSignalBlocker quiet(m_list);
    m_comparison.current = id;
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->data(Qt::UserRole).toLongLong() == id)
            m_list->setCurrentRow(row);
    updateButtons();
}

void CompareRuns::setProgress(const QString& text)
{
    m_progress->setText(text);
    m_progress->setVisible(!text.isEmpty());
}

RunId CompareRuns::chosen() const
{
    const QListWidgetItem* item = m_list->currentItem();
    return item ? item->data(Qt::UserRole).toLongLong() : 0;
}

void CompareRuns::refresh()
{
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    QFont bold = m_list->font();
    bold.setWeight(QFont::DemiBold);
    for (std::size_t i = 0; i < m_comparison.runs.size(); ++i) {
        const ComparedEntry& entry = m_comparison.runs[i];
        const bool pinned = i == m_comparison.pinned;
        const RunId id = entry.run->run.id;
        SeriesStyle style = runStyle(entry.name, entry.overlay, false);
        auto* item =
            new QListWidgetItem(QIcon(seriesSwatch(style, *this, devicePixelRatioF())),
                                pinned ? tr("%1 (pinned)").arg(entry.name) : entry.name, m_list);
        item->setToolTip(QString::fromStdString(entry.run->run.name));
        item->setSizeHint({0, kRowHeight});
        item->setData(Qt::UserRole, static_cast<qint64>(id));
        if (pinned)
            item->setFont(bold);
        if (id == m_comparison.current)
            m_list->setCurrentItem(item);
    }
    m_title->setText(tr("%n runs", nullptr, static_cast<int>(m_comparison.runs.size())));
    updateButtons();
}

void CompareRuns::updateButtons()
{
    const RunId id = chosen();
    m_pin->setEnabled(id > 0 && m_comparison.runs[m_comparison.pinned].run->run.id != id);
    m_remove->setEnabled(id > 0);
}

bool CompareRuns::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Delete && chosen() > 0) {
        Q_EMIT removeRequested(chosen());
        return true;
    }
    return QWidget::eventFilter(object, event);
}

void CompareRuns::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::PaletteChange)
        refresh();
}

void CompareRuns::retranslate()
{
    m_list->setAccessibleName(tr("Runs that are compared"));
    m_pin->setText(tr("Pin"));
    m_pin->setToolTip(tr("Measure all others against the chosen run."));
    m_remove->setText(tr("Take out"));
    m_remove->setToolTip(tr("Compare without the chosen run; it stays in the history (Del)."));
    m_add->setText(tr("Choose runs\u2026"));
    m_add->setToolTip(tr("Select runs in the history and press Compare there."));
    refresh();
}

} // namespace lacuna
