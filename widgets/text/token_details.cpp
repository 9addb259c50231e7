#include "widgets/text/token_details.h"

#include "widgets/base/colors.h"
#include "widgets/base/theme.h"
#include "widgets/text/token_text.h"

#include <QEvent>
#include <QFontDatabase>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lacuna {

using namespace Qt::StringLiterals;

namespace {

constexpr int kRows = 6; ///< five alternatives, and the token when it is none of them
constexpr int kShareRole = Qt::UserRole;

enum Column : std::uint8_t { Rank, Piece, Probability, LogProb, ColumnCount };

/// A number over a bar of its size.
class ShareDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        const double share = index.data(kShareRole).toDouble();
        const bool dark = isDark(option.palette);
        QRect bar = option.rect.adjusted(1, 3, -1, -3);
        bar.setWidth(static_cast<int>(std::lround(bar.width() * share)));
        painter->fillRect(bar, themeColor(ColorRole::Border, dark));
        QStyledItemDelegate::paint(painter, option, index);
    }
};

QString logProbText(float logProb)
{
    return std::isnan(logProb) ? u"–"_s : QLocale().toString(logProb, 'f', 3);
}

} // namespace

TokenDetails::TokenDetails(QWidget* parent)
    : QWidget(parent), m_title(secondaryText({})), m_table(new QTableWidget(0, ColumnCount))
{
    m_title->setObjectName(u"tokenTitle"_s);
    m_title->setTextFormat(Qt::PlainText);
    // Room for a long one, so that the table below stays where it is.
    m_title->setMinimumHeight(2 * fontMetrics().lineSpacing());
    m_title->setAlignment(Qt::AlignLeft | Qt::AlignBottom);
    m_table->setObjectName(u"alternativesTable"_s);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setFocusPolicy(Qt::NoFocus); // the tokens are walked, the table follows
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setWordWrap(false);
    m_table->setItemDelegateForColumn(Probability, new ShareDelegate(m_table));
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->verticalHeader()->hide();
    const int rowHeight = fontMetrics().height() + 6;
    m_table->verticalHeader()->setMinimumSectionSize(rowHeight);
    m_table->verticalHeader()->setDefaultSectionSize(rowHeight);
    QHeaderView* header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(Piece, QHeaderView::Stretch);
    m_table->setFixedHeight(kRows * rowHeight + header->sizeHint().height() + 2);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_title);
    layout->addWidget(m_table);
    retranslate();
}

void TokenDetails::showToken(int index, const ProbeAnswer::Token& token, std::optional<float> delta)
{
    m_shown = Shown{index, token, delta};
    m_missing.reset();
    retranslate();
}

void TokenDetails::showNothing()
{
    m_shown.reset();
    m_missing.reset();
    retranslate();
}

void TokenDetails::showMissing(int index)
{
    m_shown.reset();
    m_missing = index;
    retranslate();
}

QString TokenDetails::sentence() const
{
    return m_title->text();
}

void TokenDetails::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void TokenDetails::retranslate()
{
    m_table->setHorizontalHeaderLabels({tr("#"), tr("Token"), tr("Probability"), tr("log p")});
    m_table->setAccessibleName(tr("Likeliest tokens"));
    m_table->setRowCount(0);
    if (m_missing) {
        m_title->setText(tr("This answer has no token %1").arg(*m_missing + 1));
        return;
    }
    if (!m_shown) {
        m_title->setText(tr("Point at a token, or walk them with the arrow keys"));
        return;
    }
    const ProbeAnswer::Token& token = m_shown->token;
    QString title = tr("Token %1 “%2”: %3, log-probability %4")
                        .arg(QString::number(m_shown->index + 1), shownToken(token.text, true),
                             probabilityText(token.logProb), logProbText(token.logProb));
    if (m_shown->delta && std::isnan(*m_shown->delta)) {
        title += tr(", Δ not known");
    } else if (m_shown->delta) {
        const QString number = QLocale().toString(*m_shown->delta, 'f', 2);
        title += tr(", Δ %1").arg(*m_shown->delta > 0 ? u"+"_s + number : number);
    }
    m_title->setText(title);
    fillTable(token);
}

void TokenDetails::fillTable(const ProbeAnswer::Token& token)
{
    auto alternatives = token.alternatives;
    std::stable_sort(alternatives.begin(), alternatives.end(),
                     [](const auto& a, const auto& b) { return a.logProb > b.logProb; });
    const bool listed =
        std::any_of(alternatives.begin(), alternatives.end(),
                    [&token](const auto& other) { return other.piece == token.piece; });
    if (alternatives.size() >= kRows)
        alternatives.resize(listed ? kRows : kRows - 1);
    const auto listedRows = static_cast<int>(alternatives.size());
    if (!listed)
        alternatives.push_back(
            {.piece = token.piece, .text = token.text, .logProb = token.logProb});
    m_table->setRowCount(static_cast<int>(alternatives.size()));
    const QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const auto& [piece, read, logProb] = alternatives[static_cast<std::size_t>(row)];
        const bool chosen = piece == token.piece;
        const auto add = [&](Column column, const QString& text, bool right) {
            auto* item = new QTableWidgetItem(text);
            item->setTextAlignment(Qt::AlignVCenter | (right ? Qt::AlignRight : Qt::AlignLeft));
            QFont font = column == Piece ? fixed : m_table->font();
            font.setBold(chosen);
            item->setFont(font);
            m_table->setItem(row, column, item);
            return item;
        };
        const QString rank = row < listedRows ? QString::number(row + 1) : u"–"_s;
        add(Rank, chosen ? u"▸ "_s + rank : rank, true)
            ->setToolTip(chosen ? tr("The token that the answer has") : QString());
        add(Piece, shownToken(read, true), false)->setToolTip(QString::fromStdString(piece));
        add(Probability, probabilityText(logProb), true)
            ->setData(kShareRole, std::isnan(logProb) ? 0.0 : std::exp(logProb));
        add(LogProb, logProbText(logProb), true);
    }
}

} // namespace lacuna
