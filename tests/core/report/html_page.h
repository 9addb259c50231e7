#pragma once

#include <QRegularExpression>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QXmlStreamReader>

#include <string>

namespace lacuna {

/// A report as a strict parser reads it.
struct HtmlPage {
    struct Cell {
        QString text; ///< without its note
        QString note;
        QString value; ///< of <data>
        QString scope; ///< of a header
    };
    struct Table {
        QString caption;
        QVector<QVector<Cell>> rows; ///< the first has the titles
    };
    struct Figure {
        QString title;
        QString description;
    };

    QString error; ///< empty: well-formed
    QString text;  ///< all of the body
    QStringList elements;
    QStringList headings;   ///< "h1 Unlearning report: x"
    QStringList references; ///< what attributes point to
    QVector<Table> tables;
    QVector<Figure> figures;

    [[nodiscard]] const Table* table(const QString& caption) const
    {
        for (const Table& one : tables)
            if (one.caption == caption)
                return &one;
        return nullptr;
    }
};

inline HtmlPage readHtml(const std::string& html)
{
    static const QRegularExpression pointing(
        QStringLiteral("^(src|href|action|data|poster|srcset|background|formaction|on.*)$"));
    HtmlPage page;
    QXmlStreamReader xml(QString::fromStdString(html));
    QStringList open;
    const auto inside = [&](const char* name) { return open.contains(QLatin1String(name)); };
    QString heading;
    while (!xml.atEnd()) {
        xml.readNext();
        const QString name = xml.name().toString();
        if (xml.isStartElement()) {
            open << name;
            page.elements << name;
            heading.clear();
            for (const QXmlStreamAttribute& attribute : xml.attributes())
                if (pointing.match(attribute.name().toString()).hasMatch())
                    page.references << attribute.value().toString();
            if (name == QLatin1String("table"))
                page.tables.append(HtmlPage::Table());
            else if (name == QLatin1String("tr"))
                page.tables.last().rows.append(QVector<HtmlPage::Cell>());
            else if (name == QLatin1String("th") || name == QLatin1String("td"))
                page.tables.last().rows.last().append(
                    {.scope = xml.attributes().value(QLatin1String("scope")).toString()});
            else if (name == QLatin1String("data"))
                page.tables.last().rows.last().last().value =
                    xml.attributes().value(QLatin1String("value")).toString();
            else if (name == QLatin1String("svg"))
                page.figures.append(HtmlPage::Figure());
        } else if (xml.isEndElement()) {
            if (name.size() == 2 && name[0] == QLatin1Char('h') && name[1].isDigit())
                page.headings << name + QLatin1Char(' ') + heading;
            open.removeLast();
        } else if (xml.isCharacters() && inside("body")) {
            const QString text = xml.text().toString();
            page.text += text;
            heading += text;
            if (inside("caption"))
                page.tables.last().caption += text;
            else if (inside("th") || inside("td")) {
                HtmlPage::Cell& cell = page.tables.last().rows.last().last();
                (open.last() == QLatin1String("span") ? cell.note : cell.text) += text;
            } else if (inside("title"))
                page.figures.last().title += text;
            else if (inside("desc"))
                page.figures.last().description += text;
        }
    }
    if (xml.hasError())
        page.error = QStringLiteral("line %1: %2").arg(xml.lineNumber()).arg(xml.errorString());
    return page;
}

} // namespace lacuna
