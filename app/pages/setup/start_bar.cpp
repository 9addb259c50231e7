#include "app/pages/setup/start_bar.h"

#include "widgets/form/message_kind.h"

#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kIconSize = 16;

QString itemName(std::size_t item)
{
    switch (item) {
    case Readiness::Model:
        return StartBar::tr("Model");
    case Readiness::ForgetSet:
        return StartBar::tr("Forget");
    case Readiness::RetainSet:
        return StartBar::tr("Retain");
    case Readiness::Method:
        return StartBar::tr("Method");
    default:
        return StartBar::tr("Plan");
    }
}

QString stateWord(CheckState state)
{
    switch (state) {
    case CheckState::Missing:
        return StartBar::tr("missing");
    case CheckState::NotNeeded:
        return StartBar::tr("optional");
    case CheckState::Working:
        return StartBar::tr("reading");
    case CheckState::Problem:
        return StartBar::tr("problem");
    case CheckState::Done:
        return StartBar::tr("ready");
    }
    return {};
}

QPixmap stateIcon(CheckState state, const QWidget& widget)
{
    if (state == CheckState::Done)
        return messageIcon(MessageKind::Success, kIconSize, widget);
    if (state == CheckState::Problem)
        return messageIcon(MessageKind::Error, kIconSize, widget);
    const double ratio = widget.devicePixelRatioF();
    QPixmap pixmap(QSize(kIconSize, kIconSize) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(themeColor(ColorRole::Secondary, widget), 1.6));
    if (state == CheckState::NotNeeded) {
        painter.drawLine(QPointF(4, 8), QPointF(12, 8));
    } else {
        painter.drawEllipse(QPointF(8, 8), 6, 6);
        painter.setBrush(themeColor(ColorRole::Secondary, widget));
        if (state == CheckState::Working)
            painter.drawPie(QRectF(4.5, 4.5, 7, 7), 90 * 16, -120 * 16);
    }
    return pixmap;
}

} // namespace

bool Readiness::ready() const
{
    return !running && std::all_of(states.begin(), states.end(), [](CheckState state) {
        return state == CheckState::Done || state == CheckState::NotNeeded;
    });
}

QString Readiness::missing() const
{
    if (running)
        return StartBar::tr("A run is going on; the next one can start when it has ended.");
    for (std::size_t item = 0; item < states.size(); ++item) {
        switch (states[item]) {
        case CheckState::Missing:
            switch (item) {
            case Model:
                return StartBar::tr("Choose the model that is to forget.");
            case ForgetSet:
                return StartBar::tr("Choose the forget set: what the model is to forget.");
            case RetainSet:
                return StartBar::tr("Choose a retain set: this method or a guard needs one.");
            default:
                break;
            }
            break;
        case CheckState::Problem:
            return problems[item].isEmpty()
                       ? StartBar::tr("%1: to be mended.").arg(itemName(item))
                       : StartBar::tr("%1: %2").arg(itemName(item), problems[item]);
        default:
            break;
        }
    }
    return ready() ? QString() : StartBar::tr("Reading and planning…");
}

StartBar::StartBar(QWidget* parent) : QFrame(parent)
{
    setObjectName(u"startBar"_s);
    auto* items = new QHBoxLayout;
    items->setSpacing(0);
    for (std::size_t item = 0; item < m_items.size(); ++item) {
        auto* button = new QToolButton(this);
        button->setObjectName(u"check%1"_s.arg(item));
        button->setAutoRaise(true);
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setIconSize({kIconSize, kIconSize});
        button->setMinimumSize(56, 24); // rather cut its word than widen the window
        connect(button, &QToolButton::clicked, this,
                [this, item] { Q_EMIT itemClicked(static_cast<Readiness::Item>(item)); });
        items->addWidget(button);
        m_items[item] = button;
    }
    items->addStretch();
    m_missing = new QLabel(this);
    m_missing->setObjectName(u"missing"_s);
    m_missing->setTextFormat(Qt::PlainText);
    m_missing->setWordWrap(true);
    m_start = new QPushButton(this);
    m_start->setObjectName(u"startButton"_s);
    m_start->setProperty("primary", true);
    m_start->setMinimumSize(120, 40);

    auto* words = new QVBoxLayout;
    words->setSpacing(4);
    m_missing->setContentsMargins(4, 0, 0, 0);
    words->addLayout(items);
    words->addWidget(m_missing);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 8, 24, 8);
    row->setSpacing(16);
    row->addLayout(words, 1);
    row->addWidget(m_start);
    connect(m_start, &QPushButton::clicked, this, &StartBar::startRequested);
    retranslate();
}

void StartBar::setReadiness(const Readiness& readiness)
{
    m_readiness = readiness;
    showItems();
}

void StartBar::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::PaletteChange)
        showItems();
    QFrame::changeEvent(event);
}

void StartBar::retranslate()
{
    m_start->setText(tr("Start"));
    m_start->setToolTip(tr("Start the run (Ctrl+Enter)"));
    showItems();
}

void StartBar::showItems()
{
    for (std::size_t item = 0; item < m_items.size(); ++item) {
        const CheckState state = m_readiness.states[item];
        m_items[item]->setIcon(stateIcon(state, *this));
        m_items[item]->setText(tr("%1: %2").arg(itemName(item), stateWord(state)));
        m_items[item]->setToolTip(
            m_readiness.problems[item].isEmpty() ? tr("Go to it") : m_readiness.problems[item]);
    }
    const QString missing = m_readiness.missing();
    m_missing->setText(missing.isEmpty() ? tr("Everything is ready.") : missing);
    m_start->setEnabled(m_readiness.ready());
    m_start->setAccessibleDescription(m_missing->text());
}

} // namespace lacuna
