#include "widgets/form/text_list.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kListHeight = 128;

QListWidgetItem* makeItem(const QString& text)
{
    auto* item = new QListWidgetItem(text);
    item->setFlags(item->flags() | Qt::ItemIsEditable);
    return item;
}

} // namespace

TextList::TextList(QWidget* parent) : QWidget(parent)
{
    m_list = new QListWidget(this);
    m_list->setObjectName(u"list"_s);
    m_list->setFixedHeight(kListHeight);
    m_list->setWordWrap(true);
    m_list->setTabKeyNavigation(false);
    m_list->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                            QAbstractItemView::SelectedClicked);
    m_list->installEventFilter(this);
    m_add = new QPushButton(this);
    m_add->setObjectName(u"add"_s);
    m_add->setAutoDefault(false);
    m_remove = new QPushButton(this);
    m_remove->setObjectName(u"remove"_s);
    m_remove->setAutoDefault(false);
    m_remove->setEnabled(false);

    auto* buttons = new QVBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_add);
    buttons->addWidget(m_remove);
    buttons->addStretch();
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(m_list, 1);
    row->addLayout(buttons);

    connect(m_add, &QPushButton::clicked, this, &TextList::add);
    connect(m_remove, &QPushButton::clicked, this, &TextList::removeCurrent);
    connect(m_list, &QListWidget::currentRowChanged, this,
            [this](int current) { m_remove->setEnabled(current >= 0); });
    connect(m_list, &QListWidget::itemChanged, this, &TextList::changed);
    retranslate();
}

QStringList TextList::texts() const
{
    QStringList all;
    for (int i = 0; i < m_list->count(); ++i)
        if (const QString text = m_list->item(i)->text().trimmed(); !text.isEmpty())
            all += text;
    return all;
}

void TextList::setTexts(const QStringList& wanted)
{
    if (wanted == texts())
        return;
    const QSignalBlocker silent(m_list);
    m_list->clear();
    for (const QString& text : wanted)
        m_list->addItem(makeItem(text));
    m_remove->setEnabled(false);
}

void TextList::setNames(const QString& name, const QString& hint)
{
    m_list->setAccessibleName(name);
    m_list->setToolTip(hint);
    m_add->setAccessibleName(tr("Add to %1").arg(name));
    m_remove->setAccessibleName(tr("Remove from %1").arg(name));
}

void TextList::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

bool TextList::eventFilter(QObject* watched, QEvent* event)
{
    // Keys that an open editor has let through are none of the list's.
    if (event->type() != QEvent::KeyPress || !m_list->currentItem() || !m_list->hasFocus())
        return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Delete)
        removeCurrent();
    else if (key == Qt::Key_Return || key == Qt::Key_Enter)
        m_list->editItem(m_list->currentItem());
    else
        return QWidget::eventFilter(watched, event);
    return true;
}

void TextList::add()
{
    auto* item = makeItem({});
    {
        const QSignalBlocker silent(m_list); // nothing has changed before something is typed
        m_list->addItem(item);
    }
    m_list->setCurrentItem(item);
    m_remove->setEnabled(true);
    m_list->editItem(item);
}

void TextList::removeCurrent()
{
    delete m_list->currentItem();
    Q_EMIT changed();
}

void TextList::retranslate()
{
    m_add->setText(tr("Add"));
    m_remove->setText(tr("Remove"));
}

} // namespace lacuna
