#include "widgets/table/filter_header.h"

#include "widgets/base/colors.h"

#include <QAction>
#include <QEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QPixmap>
#include <QScrollBar>
#include <QStyle>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kTypingPauseMs = 250;
constexpr int kMargin = 2;

} // namespace

FilterHeader::FilterHeader(QWidget* parent) : QHeaderView(Qt::Horizontal, parent)
{
    setSectionsClickable(true);
    setSectionsMovable(true);
    setHighlightSections(false);
    setSortIndicatorShown(true);
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingPauseMs);
    connect(&m_typing, &QTimer::timeout, this, &FilterHeader::tellWaiting);
    connect(this, &QHeaderView::sectionResized, this, &FilterHeader::placeBoxes);
    connect(this, &QHeaderView::sectionMoved, this, &FilterHeader::placeBoxes);
    connect(this, &QHeaderView::geometriesChanged, this, &FilterHeader::placeBoxes);
}

void FilterHeader::setModel(QAbstractItemModel* model)
{
    QHeaderView::setModel(model);
    makeBoxes();
}

void FilterHeader::makeBoxes()
{
    for (const Box& box : m_boxes)
        delete box.edit;
    m_boxes.clear();
    for (int column = 0; column < count(); ++column) {
        auto* edit = new QLineEdit(this);
        edit->setObjectName(u"columnFilter%1"_s.arg(column));
        edit->setClearButtonEnabled(true);
        edit->installEventFilter(this);
        connect(edit, &QLineEdit::textChanged, this, [this, column] {
            m_boxes[static_cast<std::size_t>(column)].waiting = true;
            m_typing.start();
        });
        connect(edit, &QLineEdit::returnPressed, this, &FilterHeader::tellWaiting);
        m_boxes.push_back({.edit = edit});
    }
    retranslate();
    updateGeometries();
}

void FilterHeader::retranslate()
{
    for (int column = 0; column < static_cast<int>(m_boxes.size()); ++column) {
        const Box& box = m_boxes[static_cast<std::size_t>(column)];
        box.edit->setPlaceholderText(tr("Filter"));
        const QString title =
            model() ? model()->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString()
                    : QString();
        box.edit->setAccessibleName(tr("Filter by %1").arg(title));
        showProblem(box);
    }
}

QString FilterHeader::filter(int column) const
{
    return m_boxes.at(static_cast<std::size_t>(column)).edit->text();
}

void FilterHeader::setFilter(int column, const QString& text)
{
    Box& box = m_boxes.at(static_cast<std::size_t>(column));
    box.edit->setText(text);
    box.edit->setCursorPosition(0);
    box.waiting = false;
}

void FilterHeader::setProblem(int column, const QString& reason)
{
    Box& box = m_boxes.at(static_cast<std::size_t>(column));
    if (box.problem == reason)
        return;
    box.problem = reason;
    showProblem(box);
}

void FilterHeader::showProblem(const Box& box)
{
    const auto marks = box.edit->actions();
    for (QAction* mark : marks)
        if (mark->property("problem").toBool())
            delete mark;
    box.edit->setToolTip(box.problem.isEmpty() ? tr("Text that occurs, or =, !=, <, <=, >, >= with "
                                                    "a value, or a range such as 0.2~0.5 "
                                                    "(dates: 2026-03~2026-05), or /a pattern/")
                                               : box.problem);
    box.edit->setAccessibleDescription(box.problem);
    if (box.problem.isEmpty())
        return;
    const QColor color = themeColor(ColorRole::Error, *this);
    QPixmap pixmap(16, 16);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(8, 3), QPointF(8, 9.5));
    painter.drawPoint(QPointF(8, 13));
    painter.end();
    QAction* mark = box.edit->addAction(QIcon(pixmap), QLineEdit::LeadingPosition);
    mark->setProperty("problem", true);
    mark->setText(box.problem);
    mark->setToolTip(box.problem);
}

void FilterHeader::focusFilter(int column)
{
    QLineEdit* edit = m_boxes.at(static_cast<std::size_t>(column)).edit;
    edit->setFocus(Qt::TabFocusReason);
    edit->selectAll();
}

int FilterHeader::boxHeight() const
{
    return m_boxes.empty() ? 0 : m_boxes.front().edit->sizeHint().height() + 2 * kMargin;
}

QSize FilterHeader::sizeHint() const
{
    const QSize titles = QHeaderView::sizeHint();
    return {titles.width(), titles.height() + boxHeight()};
}

void FilterHeader::updateGeometries()
{
    setViewportMargins(0, 0, 0, boxHeight());
    QHeaderView::updateGeometries();
    placeBoxes();
}

void FilterHeader::placeBoxes()
{
    const int top = height() - boxHeight() + kMargin;
    for (int column = 0; column < static_cast<int>(m_boxes.size()); ++column) {
        QLineEdit* edit = m_boxes[static_cast<std::size_t>(column)].edit;
        edit->setVisible(!isSectionHidden(column));
        edit->setGeometry(sectionViewportPosition(column) + kMargin, top,
                          std::max(0, sectionSize(column) - 2 * kMargin),
                          edit->sizeHint().height());
    }
}

void FilterHeader::tellWaiting()
{
    m_typing.stop();
    for (int column = 0; column < static_cast<int>(m_boxes.size()); ++column) {
        Box& box = m_boxes[static_cast<std::size_t>(column)];
        if (!box.waiting)
            continue;
        box.waiting = false;
        Q_EMIT filterChanged(column, box.edit->text());
    }
}

int FilterHeader::columnOf(const QObject* edit) const
{
    const auto found = std::find_if(m_boxes.begin(), m_boxes.end(),
                                    [edit](const Box& box) { return box.edit == edit; });
    return found == m_boxes.end() ? -1 : static_cast<int>(found - m_boxes.begin());
}

/// \return whether there was another box to go to
bool FilterHeader::walk(int column, bool forward)
{
    const int step = forward ? 1 : -1;
    for (int visual = visualIndex(column) + step; visual >= 0 && visual < count(); visual += step) {
        if (isSectionHidden(logicalIndex(visual)))
            continue;
        focusFilter(logicalIndex(visual));
        return true;
    }
    return false;
}

bool FilterHeader::eventFilter(QObject* object, QEvent* event)
{
    const int column = columnOf(object);
    if (column < 0)
        return QHeaderView::eventFilter(object, event);
    if (event->type() == QEvent::FocusIn) {
        Q_EMIT filterFocused(column);
        return false;
    }
    if (event->type() != QEvent::KeyPress)
        return false;
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Tab:
    case Qt::Key_Backtab: {
        const bool forward = static_cast<QKeyEvent*>(event)->key() == Qt::Key_Tab;
        if (!walk(column, forward))
            Q_EMIT focusLeft(forward);
        return true;
    }
    case Qt::Key_Down:
        Q_EMIT focusLeft(true);
        return true;
    case Qt::Key_Escape:
        if (filter(column).isEmpty())
            return false;
        m_boxes[static_cast<std::size_t>(column)].edit->clear();
        tellWaiting();
        return true;
    default:
        return false;
    }
}

void FilterHeader::changeEvent(QEvent* event)
{
    QHeaderView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        for (const Box& box : m_boxes)
            showProblem(box);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        updateGeometries();
}

} // namespace lacuna
