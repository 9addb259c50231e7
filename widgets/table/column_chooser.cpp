#include "widgets/table/column_chooser.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QListWidget>
#include <QPushButton>
#include <QScreen>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kColumnRole = Qt::UserRole;
constexpr int kRowHeight = 24;
constexpr int kListWidth = 240;

} // namespace

ColumnChooser::ColumnChooser(QWidget* parent)
    : QFrame(parent, Qt::Popup), m_list(new QListWidget), m_up(new QPushButton),
      m_down(new QPushButton), m_reset(new QPushButton)
{
    setObjectName(u"columnChooser"_s);
    setFrameShape(QFrame::StyledPanel);
    m_list->setObjectName(u"columnList"_s);
    m_list->setDragDropMode(QAbstractItemView::InternalMove);
    m_list->setDefaultDropAction(Qt::MoveAction);
    m_list->installEventFilter(this);
    m_up->setObjectName(u"columnUpButton"_s);
    m_down->setObjectName(u"columnDownButton"_s);
    m_reset->setObjectName(u"columnResetButton"_s);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_up);
    buttons->addWidget(m_down);
    buttons->addStretch();
    buttons->addWidget(m_reset);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_list);
    layout->addLayout(buttons);

    connect(m_list, &QListWidget::itemChanged, this, &ColumnChooser::changed);
    connect(m_list->model(), &QAbstractItemModel::rowsMoved, this, &ColumnChooser::changed);
    connect(m_list, &QListWidget::currentRowChanged, this, &ColumnChooser::updateButtons);
    connect(m_up, &QPushButton::clicked, this, [this] { moveCurrent(-1); });
    connect(m_down, &QPushButton::clicked, this, [this] { moveCurrent(1); });
    connect(m_reset, &QPushButton::clicked, this, &ColumnChooser::resetRequested);
    retranslate();
}

void ColumnChooser::setEntries(const std::vector<Entry>& entries)
{
    const QSignalBlocker quiet(m_list);
    const int current = std::max(0, m_list->currentRow());
    m_list->clear();
    for (const Entry& entry : entries) {
        auto* item = new QListWidgetItem(entry.title, m_list);
        item->setSizeHint({0, kRowHeight});
        item->setData(kColumnRole, entry.column);
        item->setCheckState(entry.shown ? Qt::Checked : Qt::Unchecked);
        Qt::ItemFlags flags = Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemIsDragEnabled;
        if (entry.optional)
            flags |= Qt::ItemIsUserCheckable;
        item->setFlags(flags);
    }
    m_list->setCurrentRow(current);
    updateButtons();
}

std::vector<ColumnChooser::Entry> ColumnChooser::entries() const
{
    std::vector<Entry> entries;
    for (int row = 0; row < m_list->count(); ++row) {
        const QListWidgetItem* item = m_list->item(row);
        entries.push_back({.column = item->data(kColumnRole).toInt(),
                           .title = item->text(),
                           .shown = item->checkState() == Qt::Checked,
                           .optional = item->flags().testFlag(Qt::ItemIsUserCheckable)});
    }
    return entries;
}

void ColumnChooser::openAt(const QWidget& anchor)
{
    m_list->setMinimumHeight(kRowHeight * m_list->count() + 2 * m_list->frameWidth());
    m_list->setMinimumWidth(kListWidth);
    adjustSize();
    // Aligned with the right edge of the button, which stands at the right edge of its table.
    QPoint at = anchor.mapToGlobal(QPoint(anchor.width() - width(), anchor.height()));
    const QRect screen = anchor.screen()->availableGeometry();
    at.setX(std::max(screen.left(), at.x()));
    at.setY(std::min(at.y(), std::max(screen.top(), screen.bottom() - height())));
    move(at);
    show();
    m_list->setFocus();
}

void ColumnChooser::moveCurrent(int by)
{
    const int from = m_list->currentRow();
    const int to = from + by;
    if (from < 0 || to < 0 || to >= m_list->count())
        return;
    m_list->insertItem(to, m_list->takeItem(from));
    m_list->setCurrentRow(to);
    Q_EMIT changed();
}

void ColumnChooser::updateButtons()
{
    m_up->setEnabled(m_list->currentRow() > 0);
    m_down->setEnabled(m_list->currentRow() >= 0 && m_list->currentRow() < m_list->count() - 1);
}

bool ColumnChooser::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_list && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->modifiers() == Qt::AltModifier &&
            (key->key() == Qt::Key_Up || key->key() == Qt::Key_Down)) {
            moveCurrent(key->key() == Qt::Key_Up ? -1 : 1);
            return true;
        }
    }
    return QFrame::eventFilter(object, event);
}

void ColumnChooser::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void ColumnChooser::retranslate()
{
    m_list->setAccessibleName(tr("Columns"));
    m_list->setToolTip(tr("Tick what to show; drag, or press Alt with an arrow key, to move."));
    m_up->setText(tr("Up"));
    m_down->setText(tr("Down"));
    m_reset->setText(tr("Reset"));
    m_reset->setToolTip(tr("All columns, in their first order and width"));
}

} // namespace lacuna
