#pragma once

#include "core/report/chart.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a report says, before it has a form: HTML, PDF and the preview are made of the same values.
/// Every text is well-formed UTF-8 without control characters; none is markup.
namespace lacuna {

struct ReportParagraph {
    enum class Weight : std::uint8_t { Plain, Lead, Small, Warning };
    std::string text;
    Weight weight = Weight::Plain;
};

/// A heading below the section's own.
struct ReportHeading {
    std::string text;
};

struct ReportList {
    struct Item {
        std::string lead; ///< may be empty
        std::string text;
    };
    std::vector<Item> items;
};

struct ReportCell {
    std::string text = {};
    std::optional<double> value = {}; ///< what `text` rounds
    std::string note = {};            ///< of less weight, below: an interval
    bool code = false;                ///< a hash, a path, a setting
};

/// The first cell of a row says what the row is about.
struct ReportTable {
    struct Column {
        std::string title;
        bool number = false; ///< numbers stand to the right
    };
    std::string caption;
    std::vector<Column> columns;
    std::vector<std::vector<ReportCell>> rows; ///< as many cells a row as columns
};

struct ReportFigure {
    std::string caption;
    Drawing drawing;
};

/// One question and what the models say to it.
struct ReportAnswers {
    struct Said {
        Ink model = Ink::Original;
        std::string name; ///< "original"
        std::string text;
        std::string notice; ///< what was left out of `text`; empty: nothing
    };
    std::string question;
    std::vector<Said> said;
};

using ReportBlock = std::variant<ReportParagraph, ReportHeading, ReportList, ReportTable,
                                 ReportFigure, ReportAnswers>;

struct ReportSection {
    std::string id; ///< lower-kebab
    std::string title;
    std::vector<ReportBlock> blocks;
};

struct Report {
    std::string title;
    std::string subtitle;
    std::string author; ///< the program and its version
    std::vector<ReportSection> sections;
};

} // namespace lacuna
