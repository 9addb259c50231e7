#include "widgets/chart/chart_readout.h"

#include "widgets/chart/chart_scale.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

#include <algorithm>

namespace lacuna {

using namespace Qt::StringLiterals;

ChartReadout::ChartReadout(QWidget* parent) : QLabel(parent)
{
    setObjectName(u"chartReadout"_s);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setTextFormat(Qt::RichText);
    setAutoFillBackground(true);
    setFrameShape(QFrame::StyledPanel);
    setMargin(4);
    hide();
}

void ChartReadout::present(const std::vector<ReadoutRow>& rows, const QString& xName,
                           const QPointF& cursor, const QRect& plot)
{
    if (rows.empty()) {
        hide();
        return;
    }
    const bool smoothed =
        std::any_of(rows.begin(), rows.end(), [](const ReadoutRow& row) { return row.isSmoothed; });
    const auto cell = [](const QString& text, const char* align) {
        return u"<td align=\"%1\">%2</td>"_s.arg(QLatin1StringView(align), text);
    };
    const QString secondary = themeColor(ColorRole::Secondary, *this).name();
    const auto head = [&](const QString& text, const char* align) {
        return cell(u"<span style=\"color:%1\">%2</span>"_s.arg(secondary, text), align);
    };
    QString html = u"<table cellspacing=\"0\" cellpadding=\"2\"><tr>"_s +
                   head(tr("Series"), "left") + head(tr("Value"), "right");
    if (smoothed)
        html += head(tr("Smoothed"), "right");
    html += head(xName.toHtmlEscaped(), "right") + u"</tr>"_s;
    for (const ReadoutRow& row : rows) {
        const auto weighted = [&](const QString& text) {
            return row.isNearest ? u"<b>%1</b>"_s.arg(text) : text;
        };
        html += u"<tr>"_s +
                cell(u"<span style=\"color:%1\">■</span> "_s.arg(row.color.name()) +
                         weighted(row.label.toHtmlEscaped()),
                     "left") +
                cell(weighted(shortNumber(row.y)), "right");
        if (smoothed)
            html += cell(row.isSmoothed ? weighted(shortNumber(row.smoothed)) : u"–"_s, "right");
        html += cell(weighted(QLocale().toString(row.x, 'f', 0)), "right") + u"</tr>"_s;
    }
    setText(html + u"</table>"_s);
    adjustSize();
    const bool isRight = cursor.x() > plot.center().x();
    move(isRight ? std::max(plot.left() + 8, 0) : std::max(plot.right() - width() - 8, 0),
         plot.top() + 8);
    show();
    raise();
}

QString readoutSentence(const std::vector<ReadoutRow>& rows, const QString& xName)
{
    QStringList parts;
    for (const ReadoutRow& row : rows)
        parts += QCoreApplication::translate("lacuna::ChartReadout", "%1: %2 at %3 %4")
                     .arg(row.label, shortNumber(row.isSmoothed ? row.smoothed : row.y), xName,
                          QLocale().toString(row.x, 'f', 0));
    return parts.join(u"; "_s);
}

} // namespace lacuna
