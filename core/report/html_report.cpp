#include "core/report/html_report.h"

#include "core/report/html_style.h"
#include "core/report/svg.h"

#include <fmt/format.h>

#include <cmath>

namespace lacuna {
namespace {

/// Writes the blocks of a report, counting what needs an id.
class PageWriter {
public:
    [[nodiscard]] std::string element(const ReportParagraph& paragraph) const
    {
        const std::string text = escapedMarkup(paragraph.text);
        switch (paragraph.weight) {
        case ReportParagraph::Weight::Lead:
            return "<p class=\"lead\">" + text + "</p>\n";
        case ReportParagraph::Weight::Small:
            return "<p class=\"small\">" + text + "</p>\n";
        case ReportParagraph::Weight::Warning:
            return "<p class=\"warning\"><strong>Note:</strong> " + text + "</p>\n";
        case ReportParagraph::Weight::Plain:
            break;
        }
        return "<p>" + text + "</p>\n";
    }

    [[nodiscard]] std::string element(const ReportHeading& heading) const
    {
        return "<h3>" + escapedMarkup(heading.text) + "</h3>\n";
    }

    [[nodiscard]] std::string element(const ReportList& list) const
    {
        std::string html = "<ul>\n";
        for (const ReportList::Item& item : list.items)
            html += fmt::format(
                "<li>{}{}</li>\n",
                item.lead.empty() ? "" : "<strong>" + escapedMarkup(item.lead) + "</strong> ",
                escapedMarkup(item.text));
        return html + "</ul>\n";
    }

    [[nodiscard]] std::string element(const ReportTable& table) const
    {
        std::string html = "<div class=\"scroll\">\n<table>\n<caption>" +
                           escapedMarkup(table.caption) + "</caption>\n<thead><tr>";
        for (const ReportTable::Column& column : table.columns)
            html += fmt::format("<th scope=\"col\"{}>{}</th>", numberClass(column),
                                escapedMarkup(column.title));
        html += "</tr></thead>\n<tbody>\n";
        for (const std::vector<ReportCell>& row : table.rows) {
            html += "<tr>";
            for (std::size_t i = 0; i < row.size(); ++i)
                html += i == 0 ? "<th scope=\"row\">" + inside(row[i]) + "</th>"
                               : fmt::format("<td{}>{}</td>", numberClass(table.columns[i]),
                                             inside(row[i]));
            html += "</tr>\n";
        }
        return html + "</tbody>\n</table>\n</div>\n";
    }

    [[nodiscard]] std::string element(const ReportFigure& figure)
    {
        return "<figure>\n" + svgElement(figure.drawing, fmt::format("figure-{}", ++m_figures)) +
               "\n<figcaption>" + escapedMarkup(figure.caption) + "</figcaption>\n</figure>\n";
    }

    [[nodiscard]] std::string element(const ReportAnswers& answers) const
    {
        std::string html = "<div class=\"answers\">\n<h3>" + escapedMarkup(answers.question) +
                           "</h3>\n<dl class=\"said\">\n";
        for (const ReportAnswers::Said& said : answers.said) {
            html += fmt::format("<div><dt class=\"{}\">{}</dt><dd>{}", inkClass(said.model),
                                escapedMarkup(said.name), escapedMarkup(said.text));
            if (!said.notice.empty())
                html += "<span class=\"note\">" + escapedMarkup(said.notice) + "</span>";
            html += "</dd></div>\n";
        }
        return html + "</dl>\n</div>\n";
    }

private:
    static std::string_view numberClass(const ReportTable::Column& column)
    {
        return column.number ? " class=\"number\"" : "";
    }

    static std::string inside(const ReportCell& cell)
    {
        std::string html = escapedMarkup(cell.text);
        if (cell.code && !cell.text.empty())
            html = "<code>" + html + "</code>";
        if (cell.value && std::isfinite(*cell.value))
            html = fmt::format("<data value=\"{}\">{}</data>", *cell.value, html);
        if (!cell.note.empty())
            html += "<span class=\"note\">" + escapedMarkup(cell.note) + "</span>";
        return html;
    }

    int m_figures = 0;
};

} // namespace

std::string htmlReport(const Report& report)
{
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
        "<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<meta name=\"author\" content=\"{0}\"/>\n<meta name=\"generator\" content=\"{0}\"/>\n"
        "<title>{1}</title>\n<style>{2}</style>\n</head>\n<body>\n<header>\n<h1>{1}</h1>\n"
        "<p class=\"subtitle\">{3}</p>\n</header>\n",
        escapedMarkup(report.author), escapedMarkup(report.title), htmlReportStyle(),
        escapedMarkup(report.subtitle));
    html += "<nav aria-label=\"Contents\">\n<ol>\n";
    for (const ReportSection& section : report.sections)
        html += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id,
                            escapedMarkup(section.title));
    html += "</ol>\n</nav>\n<main>\n";
    PageWriter writer;
    for (const ReportSection& section : report.sections) {
        html += fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n",
                            section.id, escapedMarkup(section.title));
        for (const ReportBlock& block : section.blocks)
            html += std::visit([&writer](const auto& one) { return writer.element(one); }, block);
        html += "</section>\n";
    }
    return html + "</main>\n<footer>Made by " + escapedMarkup(report.author) +
           ". This page needs no network and no script.</footer>\n</body>\n</html>\n";
}

} // namespace lacuna
