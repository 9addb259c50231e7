#pragma once

#include <QLocale>
#include <QRegularExpression>
#include <QString>
#include <QStringList>

#include <cstdint>
#include <limits>

namespace lacuna {

/// What a column holds, which decides how its filter reads numbers and dates.
enum class ColumnKind : std::uint8_t { Text, Number, Duration, Time };

/// A cell as filters see it.
struct FilterCell {
    QStringList texts; ///< any of them may fit; the first of a Time is "2026-03-01 14:05"
    double number = std::numeric_limits<double>::quiet_NaN(); ///< seconds where it is a duration
};

/// One expression of the filter row: `text`, `/regex/`, `=x`, `!=x`, `>x`, `>=x`, `<x`, `<=x`, and
/// `a~b` from a up to b.
///
/// What a cell shows can be used as it stands: `=0.982` fits 0.98236, every number that has these
/// digits, and `>=0.9824` fits it as well, because it is shown as 0.9824. Dates may be cut off
/// anywhere: `2026-03` is the whole month. An expression that is only begun, such as `>`, fits
/// everything.
class ColumnFilter {
public:
    ColumnFilter() = default;
    [[nodiscard]] static ColumnFilter parse(const QString& expression, ColumnKind kind,
                                            const QLocale& locale = QLocale());

    /// Whether it fits every cell.
    [[nodiscard]] bool isEmpty() const { return m_test == Test::Any; }
    /// Why the expression cannot be used; empty when it can. Such a filter fits everything.
    [[nodiscard]] const QString& problem() const { return m_problem; }
    /// What is undefined fits no comparison.
    [[nodiscard]] bool fits(const FilterCell& cell) const;

private:
    enum class Test : std::uint8_t {
        Any,
        Contains,
        Regex,
        Equal,
        NotEqual,
        Less,
        LessEqual,
        Greater,
        GreaterEqual,
        Range
    };
    struct Operand {
        QString text;
        double number = 0;
        double typed = 0; ///< half a unit of the last digit typed
        double shown = 0; ///< half a unit of the last digit that a cell of this size shows
    };

    bool readOperator(const QString& expression);
    bool readRange(const QString& expression);
    [[nodiscard]] bool readOperand(const QString& text, Operand& operand);
    [[nodiscard]] bool isNumeric() const;
    /// Of the cell to the operand: negative when it comes before.
    /// \param tolerance  up to which numbers are the same
    [[nodiscard]] int order(const FilterCell& cell, const Operand& operand, double tolerance) const;
    [[nodiscard]] bool isEqual(const FilterCell& cell) const;

    Test m_test = Test::Any;
    ColumnKind m_kind = ColumnKind::Text;
    QLocale m_locale;
    Operand m_low; ///< or the only one
    Operand m_high;
    QRegularExpression m_regex;
    QString m_problem;
};

} // namespace lacuna
